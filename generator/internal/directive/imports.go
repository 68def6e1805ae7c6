package directive

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// importName returns the name of an import within its file. It never looks at the
// imported package, since the output must not depend on the machine.
func importName(spec *ast.ImportSpec) (string, error) {
	if spec.Name != nil {
		return spec.Name.Name, nil
	}
	p := importPath(spec)
	name := packageName(p)
	if !token.IsIdentifier(name) {
		return "", fmt.Errorf("import %q does not end in its package's name: give it an explicit name", p)
	}
	return name, nil
}

// packageName returns the name that a package with that path has by convention: the last
// element, or the one before a major version.
func packageName(p string) string {
	last := path.Base(p)
	if majorVersion.MatchString(last) {
		return path.Base(path.Dir(p))
	}
	return last
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return "" // impossible: the parser checks paths
	}
	return p
}

// checkImports adds a problem for each import whose uses cannot be determined.
func (t *goTemplate) checkImports() {
	lines := map[string]int{}
	for _, spec := range t.file.Imports {
		pos := t.position(spec.Pos())
		name, err := importName(spec)
		switch {
		case err != nil:
			t.problems.add(pos, err)
		case !selects(name):
		case lines[name] > 0:
			t.problems.addf(pos, "import %q has the name of the one on line %d", importPath(spec), lines[name])
		default:
			lines[name] = pos.Line
		}
	}
}

// movesImports reports whether the options rewrite the path of an import of the file.
func (t *goTemplate) movesImports() bool {
	return slices.ContainsFunc(t.file.Imports, func(spec *ast.ImportSpec) bool {
		_, ok := t.opts.rewrite(importPath(spec))
		return ok
	})
}

// selects reports whether an import with that name can be used only in qualified
// identifiers, and is unused if there are none.
func selects(name string) bool { return name != "_" && name != "." && name != "C" }

// tidyDecls drops unused imports and rewrites the others. It drops parenthesized
// declarations that are empty, and the parentheses around a single variable.
func tidyDecls(s *source, o Options) []byte {
	uses := s.packageUses()
	var e edits
	top := map[*ast.GenDecl]bool{}
	for _, d := range s.file.Decls {
		if d, ok := d.(*ast.GenDecl); ok {
			top[d] = true
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		d, ok := n.(*ast.GenDecl)
		if !ok {
			return true
		}
		kept := d.Specs
		if d.Tok == token.IMPORT {
			kept = nil
			for _, spec := range d.Specs {
				spec := spec.(*ast.ImportSpec)
				if s.keepImport(&e, spec, uses, o) {
					kept = append(kept, spec)
				}
			}
		}
		switch {
		case len(kept) == 0:
			s.cutLines(&e, s.offset(docStart(d.Doc, d)), s.offset(d.End()))
		case len(kept) == 1 && d.Tok == token.VAR && d.Lparen.IsValid() && d.Doc == nil:
			s.unwrap(&e, d, top[d])
		}
		return true
	})
	return e.apply(s.src)
}

// packageUses returns, by name, the identifiers before the dot of a selector that nothing
// in the file declares: those of imported packages.
func (s *source) packageUses() map[string][]*ast.Ident {
	unresolved := map[*ast.Ident]bool{}
	for _, id := range s.file.Unresolved {
		unresolved[id] = true
	}
	uses := map[string][]*ast.Ident{}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && unresolved[id] {
				uses[id.Name] = append(uses[id.Name], id)
			}
		}
		return true
	})
	return uses
}

// keepImport drops spec if nothing uses it, and rewrites it otherwise.
func (s *source) keepImport(e *edits, spec *ast.ImportSpec, uses map[string][]*ast.Ident, o Options) bool {
	name, err := importName(spec)
	if err != nil {
		return true // checkImports has refused it
	}
	if selects(name) && len(uses[name]) == 0 {
		s.cutLines(e, s.offset(docStart(spec.Doc, spec)), s.offset(spec.End()))
		return false
	}
	old := importPath(spec)
	renamed, ok := o.rewrite(old)
	if !ok {
		return true
	}
	text := strconv.Quote(renamed)
	if spec.Name == nil {
		kept := false // whether the name stays although the package is renamed
		if now, ok := o.Packages[name]; ok && now != name {
			if kept = s.mentions(now); !kept {
				for _, id := range uses[name] {
					e.Replace(s.offset(id.Pos()), s.offset(id.End()), now)
				}
				name = now
			}
		}
		if kept || packageName(renamed) != name {
			text = name + " " + text
		}
	}
	e.Replace(s.offset(spec.Path.Pos()), s.offset(spec.Path.End()), text)
	return true
}

// rewrite returns the import path that replaces p, and whether there is one.
func (o Options) rewrite(p string) (string, bool) {
	for prefix := p; ; prefix = prefix[:strings.LastIndexByte(prefix, '/')] {
		if renamed, ok := o.Imports[prefix]; ok {
			return renamed + p[len(prefix):], true
		}
		if !strings.Contains(prefix, "/") {
			return "", false
		}
	}
}

// mentions reports whether the file uses name in a way that could collide with a package
// of that name. If so, the package keeps its old name in this file.
func (s *source) mentions(name string) bool {
	selected := map[*ast.Ident]bool{}
	found := false
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.File:
			selected[n.Name] = true
		case *ast.SelectorExpr:
			selected[n.Sel] = true
		case *ast.ImportSpec:
			if local, err := importName(n); err == nil && local == name {
				found = true
			}
		case *ast.Ident:
			found = found || n.Name == name && !selected[n]
		}
		return true
	})
	return found
}

// unwrap removes the parentheses around a single variable, as gofumpt does.
func (s *source) unwrap(e *edits, d *ast.GenDecl, top bool) {
	spec := d.Specs[0].(*ast.ValueSpec)
	s.cutLines(e, s.offset(d.Pos()), s.offset(d.Lparen)+1)
	s.cutLines(e, s.offset(d.Rparen), s.offset(d.Rparen)+1)
	at := s.offset(spec.Pos())
	if top || spec.Type != nil {
		e.Replace(at, at, "var ")
		return
	}
	// Inside a function, gofumpt also replaces var x = 1 by x := 1.
	for _, name := range spec.Names {
		if name.Name != "_" {
			gap := s.src[s.offset(spec.Names[len(spec.Names)-1].End()):s.offset(spec.Values[0].Pos())]
			assign := s.offset(spec.Values[0].Pos()) - len(gap) + bytes.IndexByte(gap, '=')
			e.Replace(assign, assign, ":")
			return
		}
	}
}
