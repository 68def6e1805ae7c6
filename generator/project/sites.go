package project

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A site is a place in the application that makes a router or opens a database.
type site struct {
	router *answers.Router // that it makes, nil if none
	other  *answers.Other  // router that authgen has no routes for, nil if none
	handle *answers.Handle // that it opens, nil if none
	typ    typ
	text   string    // "chi.NewRouter"
	expr   ast.Expr  // nil for the default router
	pos    token.Pos // where the default router is used
	in     *scope
}

// routerOf returns the router that a type belongs to, nil if there is none.
func routerOf(t typ) *answers.Router {
	for i, r := range answers.Routers {
		if r.Import == t.path && slices.Contains(r.Types, t.name) {
			return &answers.Routers[i]
		}
	}
	return nil
}

// handleOf returns the handle that a type belongs to, nil if there is none.
func handleOf(t typ) *answers.Handle {
	for i, h := range answers.Handles {
		if isVersionOf(t.path, h.Import) && slices.Contains(h.Types, t.name) {
			return &answers.Handles[i]
		}
	}
	return nil
}

// otherRouter returns the router without routes that a package belongs to, nil if it
// belongs to none.
func otherRouter(importPath string) *answers.Other {
	if slices.ContainsFunc(answers.Routers, func(r answers.Router) bool { return isBelow(importPath, r.Import) }) {
		return nil
	}
	for i, o := range answers.OtherRouters {
		if isBelow(importPath, o.Import) {
			return &answers.OtherRouters[i]
		}
	}
	return nil
}

// isBelow reports whether an import path is that of a package, or below it.
func isBelow(importPath, of string) bool {
	rest, ok := strings.CutPrefix(importPath, of)
	return ok && (rest == "" || rest[0] == '/')
}

// external returns the import path and the name of the function of another module that an
// expression stands for.
func (s *source) external(fun ast.Expr, in *scope) (importPath, name string) {
	switch fun := base(fun).(type) {
	case *ast.SelectorExpr:
		if p := s.imported(fun, in); p != "" && s.packages[p] == nil {
			return p, fun.Sel.Name
		}
	case *ast.Ident: // of a package that is imported with a dot
		if in.holding(fun.Name) != nil || in.file.pkg == nil {
			return "", ""
		}
		for _, imp := range in.file.imports {
			if imp.name == "." && s.function(in.file.pkg, fun.Name) == nil {
				return imp.path, fun.Name
			}
		}
	}
	return "", ""
}

// made returns what a call makes, nil if that is neither a router nor a database.
func (s *source) made(c *ast.CallExpr, in *scope) *site {
	if id, ok := c.Fun.(*ast.Ident); ok && id.Name == "new" && len(c.Args) == 1 {
		t := s.typeNamed(c.Args[0], in.file)
		if r := routerOf(t); r != nil {
			return &site{router: r, typ: t, text: r.Package + "." + t.name, expr: c, in: in}
		}
	}
	made := s.madeBy(c.Fun, in)
	if made != nil {
		made.expr, made.in = c, in
	}
	return made
}

// nameOfPackage returns how a file calls the package of a function.
func nameOfPackage(fun ast.Expr) string {
	if sel, ok := base(fun).(*ast.SelectorExpr); ok {
		return nameOf(sel.X)
	}
	return ""
}

// madeBy returns what a function makes, nil if that is neither a router nor a database.
func (s *source) madeBy(fun ast.Expr, in *scope) *site {
	importPath, name := s.external(fun, in)
	if importPath == "" {
		return nil
	}
	for i, r := range answers.Routers {
		if r.Import == importPath && slices.Contains(r.Constructors, name) {
			return &site{router: &answers.Routers[i], typ: typ{importPath, r.Types[0]}, text: r.Package + "." + name, expr: fun, in: in}
		}
	}
	for i, h := range answers.Handles {
		if !slices.Contains(h.Opens, name) {
			continue
		}
		made := &site{handle: &answers.Handles[i], typ: typ{importPath, h.Types[0]}, text: cmp.Or(nameOfPackage(fun), h.Package) + "." + name, expr: fun, in: in}
		switch {
		case slices.ContainsFunc(h.Also, func(also string) bool { return isVersionOf(importPath, also) }):
			made.typ.path = h.Import
			return made
		case isVersionOf(importPath, h.Import):
			return made
		}
	}
	return nil
}
