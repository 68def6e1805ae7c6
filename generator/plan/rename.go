package plan

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// names are what a package is called: its import path, and its name.
type names struct{ path, name string }

// companions are the names of the package and of those that are named after it. Each
// of these is below it, in the directory of its name.
func (n names) companions() []string {
	a := answers.Answers{PackageName: n.name}
	return []string{n.name, a.WebName(), a.TestName()}
}

// below returns the path of a file, relative to the package's directory, once the
// package goes by another name.
func (n names) below(name string, to names) string {
	first, rest, nested := strings.Cut(name, "/")
	now := to.companions()
	for i, companion := range n.companions()[1:] {
		if nested && first == companion {
			return now[i+1] + "/" + rest
		}
	}
	return name
}

// rename returns Go source in which the package, and those that are named after it,
// go by other names: in the package clause, in the paths that are imported, and where
// a name qualifies an identifier. What it cannot parse it returns as it is. Comments
// stay.
func rename(source []byte, from, to names) []byte {
	if from == to || from.path == "" || to.path == "" {
		return source
	}
	fset := token.NewFileSet()
	// With its objects, so that a variable of that name is told from the package.
	file, err := parser.ParseFile(fset, "", source, parser.ParseComments)
	if err != nil {
		return source
	}
	type edit struct {
		at       int
		old, now string
	}
	var edits []edit
	replace := func(pos token.Pos, old, now string) {
		if old != now {
			edits = append(edits, edit{fset.Position(pos).Offset, old, now})
		}
	}
	old, now := from.companions(), to.companions()
	for i, name := range old {
		switch clause := file.Name.Name; clause {
		case name:
			replace(file.Name.Pos(), clause, now[i])
		case name + "_test":
			replace(file.Name.Pos(), clause, now[i]+"_test")
		}
	}
	qualifiers := make(map[string]string) // by what it was
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		rest, below := strings.CutPrefix(imported, from.path)
		if err != nil || !below || rest != "" && rest[0] != '/' {
			continue
		}
		at, text := spec.Path.Pos(), spec.Path.Value
		imported = to.path + rest
		which := 0
		if rest != "" {
			imported = to.path + "/" + from.below(rest[1:]+"/", to)
			imported = strings.TrimSuffix(imported, "/")
			which = slices.Index(old[1:], rest[1:]) + 1
		}
		quoted := strconv.Quote(imported)
		if (rest == "" || which > 0) && (spec.Name == nil || spec.Name.Name == old[which]) {
			// By its own name, which is written out where the path does not tell it.
			qualifiers[old[which]] = now[which]
			at = spec.Pos()
			text = string(source[fset.Position(at).Offset:fset.Position(spec.Path.End()).Offset])
			if path.Base(imported) != now[which] {
				quoted = now[which] + " " + quoted
			}
		}
		replace(at, text, quoted)
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
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.at, b.at) })
	var out bytes.Buffer
	done := 0
	for _, e := range edits {
		out.Write(source[done:e.at])
		out.WriteString(e.now)
		done = e.at + len(e.old)
	}
	out.Write(source[done:])
	return out.Bytes()
}

// clauseOf returns the name in the package clause of Go source, "" if it has none,
// and without the _test of an external test.
func clauseOf(source []byte) string {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.PackageClauseOnly)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(file.Name.Name, "_test")
}
