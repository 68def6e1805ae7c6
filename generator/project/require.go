package project

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/authgen/authgen/generator/internal/text"
)

// Raised is a requirement of go.mod whose version has to rise, since new requirements need
// a later one.
type Raised struct{ Path, From, To string }

// MergeMod adds to a go.mod the requirements that it lacks of another, which the go command
// made from it, and raises versions that are lower than there. All other bytes stay as they
// are: nothing is dropped, moved or formatted. Requirements of the modules in skip are not
// added.
//
// MergeMod returns an error if the other go.mod has a different go line.
func MergeMod(mod, other []byte, skip map[string]bool) (merged []byte, raised []Raised, err error) {
	// ParseLax accepts directives of later Go releases.
	mine, err := modfile.ParseLax("go.mod", mod, nil)
	if err != nil {
		return nil, nil, err
	}
	theirs, err := modfile.ParseLax("go.mod", other, nil)
	if err != nil {
		return nil, nil, err
	}
	if from, to := goLine(mine), goLine(theirs); from != to {
		return nil, nil, fmt.Errorf("go.mod says go %s, and the modules that the package needs require go %s or later", from, to)
	}
	latest := make(map[string]*modfile.Require) // go.mod may require a module twice
	for _, r := range mine.Require {
		if known := latest[r.Mod.Path]; known == nil || semver.Compare(known.Mod.Version, r.Mod.Version) < 0 {
			latest[r.Mod.Path] = r
		}
	}
	var edits text.Edits
	var direct, indirect []module.Version
	for _, r := range theirs.Require {
		known := latest[r.Mod.Path]
		switch {
		case known != nil && semver.Compare(known.Mod.Version, r.Mod.Version) < 0:
			end := known.Syntax.End.Byte
			edits.Replace(end-len(known.Syntax.Token[len(known.Syntax.Token)-1]), end, r.Mod.Version)
			raised = append(raised, Raised{r.Mod.Path, known.Mod.Version, r.Mod.Version})
		case known != nil, skip[r.Mod.Path]:
		case r.Indirect:
			indirect = append(indirect, r.Mod)
		default:
			direct = append(direct, r.Mod)
		}
	}
	if (direct != nil || indirect != nil) && !bytes.HasSuffix(mod, []byte("\n")) {
		edits.Replace(len(mod), len(mod), text.Newline(mod))
	}
	addRequirements(&edits, mod, mine.Syntax, direct, "")
	addRequirements(&edits, mod, mine.Syntax, indirect, " // indirect")
	merged, err = edits.Apply(mod)
	return merged, raised, err
}

// goLine returns the version in the go line, "" if there is none.
func goLine(f *modfile.File) string {
	if f.Go == nil {
		return ""
	}
	return f.Go.Version
}

// addRequirements adds lines for modules to the last block of requirements with the same
// comment, which is "" or " // indirect". If there is none, it adds a block.
func addRequirements(edits *text.Edits, mod []byte, syntax *modfile.FileSyntax, modules []module.Version, comment string) {
	if modules == nil {
		return
	}
	var block *modfile.LineBlock
	end := len(mod) // of the last requirement
	for _, stmt := range syntax.Stmt {
		switch stmt := stmt.(type) {
		case *modfile.Line:
			if stmt.Token[0] == "require" {
				end = lineEnd(mod, stmt.End.Byte)
			}
		case *modfile.LineBlock:
			if stmt.Token[0] != "require" {
				continue
			}
			end = lineEnd(mod, stmt.RParen.Pos.Byte)
			if slices.ContainsFunc(stmt.Line, func(l *modfile.Line) bool { return isIndirect(l) == (comment != "") }) {
				block = stmt
			}
		}
	}
	newline := text.Newline(mod)
	slices.SortFunc(modules, func(a, b module.Version) int { return strings.Compare(a.Path, b.Path) })
	if block == nil {
		var b strings.Builder
		b.WriteString(newline)
		if len(modules) == 1 {
			b.WriteString("require " + requirement(modules[0], comment) + newline)
		} else {
			b.WriteString("require (" + newline)
			for _, m := range modules {
				b.WriteString("\t" + requirement(m, comment) + newline)
			}
			b.WriteString(")" + newline)
		}
		edits.Replace(end, end, b.String())
		return
	}
	for _, m := range modules {
		at := lineEnd(mod, block.LParen.Pos.Byte)
		for _, l := range block.Line {
			if path := strings.Trim(l.Token[0], "\"`"); path < m.Path {
				at = lineEnd(mod, l.End.Byte)
			}
		}
		edits.Replace(at, at, "\t"+requirement(m, comment)+newline)
	}
}

// requirement returns a line of a block of requirements.
func requirement(m module.Version, comment string) string {
	return modfile.AutoQuote(m.Path) + " " + m.Version + comment
}

// isIndirect reports whether a requirement has the comment "// indirect".
func isIndirect(l *modfile.Line) bool {
	return slices.ContainsFunc(l.Suffix, func(c modfile.Comment) bool {
		said := strings.TrimSpace(strings.TrimPrefix(c.Token, "//"))
		return said == "indirect" || strings.HasPrefix(said, "indirect;")
	})
}

// lineEnd returns where the line after that of a position begins.
func lineEnd(data []byte, at int) int {
	if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(data)
}

// MergeSum adds to a go.sum the lines that it lacks of another, which the go command made
// from it. All other lines stay where they are.
func MergeSum(sum, other []byte) []byte {
	known := make(map[string]bool)
	for line := range strings.Lines(string(sum)) {
		known[strings.TrimSpace(line)] = true
	}
	newline := text.Newline(sum)
	mine := slices.Collect(strings.Lines(string(sum)))
	if n := len(mine); n > 0 && !strings.HasSuffix(mine[n-1], "\n") {
		mine[n-1] += newline
	}
	var b strings.Builder
	next := 0 // in mine
	added := false
	for line := range strings.Lines(string(other)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if !known[line] {
			b.WriteString(line + newline)
			added = true
			continue
		}
		// The lines of mine up to this one come first.
		for i := next; i < len(mine); i++ {
			if strings.TrimSpace(mine[i]) == line {
				b.WriteString(strings.Join(mine[next:i+1], ""))
				next = i + 1
				break
			}
		}
	}
	if !added {
		return sum
	}
	b.WriteString(strings.Join(mine[next:], ""))
	return []byte(b.String())
}
