package plan

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/text"
)

// packageID is the import path and the name of a package.
type packageID struct{ path, name string }

// companions returns the name of the package and those of the packages named after it,
// each of which is in a subdirectory with its name.
func (n packageID) companions() []string {
	a := answers.Answers{PackageName: n.name}
	return []string{n.name, a.WebName(), a.TestName()}
}

// below returns the path of a file, relative to the package's directory, after a rename
// of the package.
func (n packageID) below(name string, to packageID) string {
	first, rest, nested := strings.Cut(name, "/")
	now := to.companions()
	for i, companion := range n.companions()[1:] {
		if nested && first == companion {
			return now[i+1] + "/" + rest
		}
	}
	return name
}

// rename renames the package, and those named after it, in Go source: in the package
// clause, in import paths and in qualified identifiers, but not in comments. It returns
// source that does not parse unchanged.
func rename(source []byte, from, to packageID) []byte {
	if from == to || from.path == "" || to.path == "" {
		return source
	}
	fset := token.NewFileSet()
	// Resolved objects distinguish a variable with the package's name from the package.
	file, err := parser.ParseFile(fset, "", source, parser.ParseComments)
	if err != nil {
		return source
	}
	var edits text.Edits
	replace := func(pos token.Pos, old, now string) {
		if old != now {
			start := fset.Position(pos).Offset
			edits.Replace(start, start+len(old), now)
		}
	}
	was, now := from.companions(), to.companions()
	for i, name := range was {
		switch clause := file.Name.Name; clause {
		case name:
			replace(file.Name.Pos(), clause, now[i])
		case name + "_test":
			replace(file.Name.Pos(), clause, now[i]+"_test")
		}
	}
	qualifiers := make(map[string]string) // new names by old ones
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		rest, below := strings.CutPrefix(imported, from.path)
		if err != nil || !below || rest != "" && rest[0] != '/' {
			continue
		}
		at, old := spec.Path.Pos(), spec.Path.Value
		imported = to.path + rest
		which := 0
		if rest != "" {
			imported = to.path + "/" + from.below(rest[1:]+"/", to)
			imported = strings.TrimSuffix(imported, "/")
			which = slices.Index(was[1:], rest[1:]) + 1
		}
		quoted := strconv.Quote(imported)
		if (rest == "" || which > 0) && (spec.Name == nil || spec.Name.Name == was[which]) {
			// It is imported by its own name, which is explicit if the path does not end in it.
			qualifiers[was[which]] = now[which]
			at = spec.Pos()
			old = string(source[fset.Position(at).Offset:fset.Position(spec.Path.End()).Offset])
			if path.Base(imported) != now[which] {
				quoted = now[which] + " " + quoted
			}
		}
		replace(at, old, quoted)
	}
	if len(qualifiers) > 0 {
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := selector.X.(*ast.Ident); ok && qualifiers[x.Name] != "" && x.Obj == nil {
				replace(x.Pos(), x.Name, qualifiers[x.Name])
			}
			return true
		})
	}
	renamed, err := edits.Apply(source)
	if err != nil {
		panic("internal error: " + err.Error())
	}
	return renamed
}

// clauseOf returns the name in the package clause of Go source without _test, or "" if
// there is none.
func clauseOf(source []byte) string {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.PackageClauseOnly)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(file.Name.Name, "_test")
}

// move adapts a kept file to a rename of the package: it moves the file to the directory
// named after the package, and renames imports.
func (p *planner) move(s *Step) {
	if !s.onDisk || s.Action != Keep && s.Action != Identical {
		return
	}
	now := s.old
	if path.Ext(s.Path) == ".go" && p.was != p.now {
		now = text.Like(s.old, rename(text.Normalize(s.old), p.was, p.now))
	}
	switch {
	case s.from == "" && bytes.Equal(now, s.old):
	case !isHeaded(s.base):
		s.Action = InTheWay
	case s.from != "":
		s.Action, s.Note, s.new = Update, "moved from "+emit.InModule(p.plan.Dir, s.from), now
	default:
		s.Action, s.Note, s.new = Update, "the package was renamed", now
	}
}
