package generator

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
)

// names are what a package is called: its import path, and its name.
type names struct{ path, name string }

// rename returns Go source in which the package goes by other names: in the
// package clause, in the paths that are imported, and where its name qualifies an
// identifier. What it cannot parse it returns as it is. Comments stay.
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
	switch clause := file.Name.Name; clause {
	case from.name:
		replace(file.Name.Pos(), clause, to.name)
	case from.name + "_test":
		replace(file.Name.Pos(), clause, to.name+"_test")
	}
	qualifies := false
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		rest, below := strings.CutPrefix(imported, from.path)
		if err != nil || !below || rest != "" && rest[0] != '/' {
			continue
		}
		at, old, now := spec.Path.Pos(), spec.Path.Value, strconv.Quote(to.path+rest)
		if rest == "" && (spec.Name == nil || spec.Name.Name == from.name) {
			// By its own name, which is written out where the path does not tell it.
			qualifies = true
			at = spec.Pos()
			old = string(source[fset.Position(at).Offset:fset.Position(spec.Path.End()).Offset])
			if path.Base(to.path) != to.name {
				now = to.name + " " + now
			}
		}
		replace(at, old, now)
	}
	if qualifies {
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := selector.X.(*ast.Ident); ok && x.Name == from.name && x.Obj == nil {
				replace(x.Pos(), from.name, to.name)
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
