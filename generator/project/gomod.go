package project

import (
	"iter"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// toolPath is the path in a tool line of go.mod for authgen.
const toolPath = "github.com/authgen/authgen/cmd/authgen"

// A Requirement is a module that go.mod requires.
type Requirement struct {
	Version  string // as go.mod requires it, before any replace
	Indirect bool
	Line     int // of go.mod

	// Replaced is the replace line for the module, nil if there is none.
	Replaced *Replacement
}

// A Replacement is a replace line of go.mod.
type Replacement struct {
	// Version is the other version of the same module. It is empty if something else
	// replaces the module, such as a fork or a directory.
	Version string
	Old     string // what the line replaces, as "go mod edit -dropreplace" takes it
	Line    int
}

// built returns the version of the module that is built, and the line of go.mod that says
// so. The version is empty if something else replaces the module.
func (r Requirement) built() (version string, line int) {
	if r.Replaced != nil {
		return r.Replaced.Version, r.Replaced.Line
	}
	return r.Version, r.Line
}

// olderThan reports whether the version of the module that is built is older than the
// given one. What replaces the module is not.
func (r Requirement) olderThan(version string) bool {
	built, _ := r.built()
	return built != "" && semver.Compare(built, version) < 0
}

// requirements returns the modules that a go.mod requires, by path.
func requirements(mod *modfile.File) map[string]Requirement {
	replaced := make(map[string]*Replacement)       // by Old
	for l := range linesOf(mod.Syntax, "replace") { // ParseLax does not interpret them
		arrow := slices.Index(l.tokens, "=>")
		if arrow < 1 {
			continue
		}
		old, by := l.tokens[:arrow], l.tokens[arrow+1:]
		r := &Replacement{Old: strings.Join(old, "@"), Line: l.number}
		if len(by) == 2 && by[0] == old[0] {
			r.Version = by[1]
		}
		replaced[r.Old] = r
	}
	requires := make(map[string]Requirement, len(mod.Require))
	for _, r := range mod.Require {
		replacement, ok := replaced[r.Mod.String()] // of this version alone
		if !ok {
			replacement = replaced[r.Mod.Path]
		}
		requires[r.Mod.Path] = Requirement{r.Mod.Version, r.Indirect, r.Syntax.Start.Line, replacement}
	}
	return requires
}

// hasTool reports whether a go.mod has a tool line for authgen. It reads the syntax tree,
// since ParseLax does not interpret tool lines.
func hasTool(syntax *modfile.FileSyntax) bool {
	for l := range linesOf(syntax, "tool") {
		if slices.Equal(l.tokens, []string{toolPath}) {
			return true
		}
	}
	return false
}

// A modLine is what a line of go.mod says after its verb.
type modLine struct {
	number int
	tokens []string // without quotes
}

// linesOf yields the lines of a go.mod with a verb, also those in its blocks.
func linesOf(syntax *modfile.FileSyntax, verb string) iter.Seq[modLine] {
	line := func(l *modfile.Line, tokens []string) modLine {
		unquoted := make([]string, len(tokens))
		for i, token := range tokens {
			unquoted[i] = strings.Trim(token, "\"`")
		}
		return modLine{l.Start.Line, unquoted}
	}
	return func(yield func(modLine) bool) {
		for _, stmt := range syntax.Stmt {
			switch stmt := stmt.(type) {
			case *modfile.Line:
				if stmt.Token[0] == verb && !yield(line(stmt, stmt.Token[1:])) {
					return
				}
			case *modfile.LineBlock:
				for _, l := range stmt.Line {
					if stmt.Token[0] == verb && !yield(line(l, l.Token)) {
						return
					}
				}
			}
		}
	}
}
