package project

import (
	"go/ast"
	"slices"
	"strings"
)

// prefixOf returns the path that a part of a router puts before its routes, and what makes
// the part. Both are empty if there is none, or if that cannot be told.
func (s *source) prefixOf(e ast.Expr, in *scope, depth int) (prefix, of string) {
	if depth == 0 {
		return "", ""
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return s.prefixOf(e.X, in, depth-1)
	case *ast.Ident:
		defs := s.defs(e.Name, in)
		if len(defs) != 1 {
			return "", ""
		}
		d := defs[0]
		if d.value != nil && d.index <= 0 {
			return s.prefixOf(d.value, d.in, depth-1)
		}
		// A function that is passed to a router's method gets a part of that router.
		if c := d.in.arg; d.param == 0 && c != nil && d.in.outer != nil && len(c.Args) > 1 {
			return s.pathOf(c, d.in.outer)
		}
	case *ast.CallExpr:
		x := receiverOf(e)
		if x == nil || !s.isPart(x, in) {
			return "", ""
		}
		if prefix, of := s.pathOf(e, in); prefix != "" {
			return prefix, of
		}
		return s.prefixOf(x, in, depth-1)
	}
	return "", ""
}

// isPart reports whether an expression is a router, or made from one by its methods.
func (s *source) isPart(e ast.Expr, in *scope) bool {
	for range deepest {
		if routerOf(s.typeOf(e, in)) != nil || len(routersOf(s.originsOf(e, in))) > 0 {
			return true
		}
		c, ok := e.(*ast.CallExpr)
		if !ok || receiverOf(c) == nil {
			return false
		}
		e = receiverOf(c)
	}
	return false
}

// pathOf returns the path in a call that makes a part of a router.
func (s *source) pathOf(c *ast.CallExpr, in *scope) (prefix, of string) {
	name := nameOf(c.Fun)
	if len(c.Args) == 0 || !slices.Contains([]string{"Group", "Route", "PathPrefix"}, name) {
		return "", ""
	}
	prefix, _ = s.constant(c.Args[0], in)
	if strings.Trim(prefix, "/") == "" {
		return "", ""
	}
	return prefix, s.text(in.file, c.Fun)
}

// stripped returns the beginning of the prefix of the routes that is removed before a
// router sees it, and what removes it.
func (s *source) stripped(router ast.Expr, in *scope, prefix string) (removed, by string) {
	made := routersOf(s.originsOf(router, in))
	for _, f := range s.mentioning("StripPrefix(") {
		for _, c := range f.calls {
			if p, name := s.external(c.expr.Fun, c.in); p != standardRouter().Import || name != "StripPrefix" || len(c.expr.Args) != 2 {
				continue
			}
			text, _ := s.constant(c.expr.Args[0], c.in)
			text = strings.TrimSuffix(text, "/")
			if text == "" || !isBelow(prefix, text) {
				continue
			}
			for _, inner := range routersOf(s.originsOf(c.expr.Args[1], c.in)) {
				if slices.ContainsFunc(made, func(m *site) bool { return sameVariable(m, inner) }) {
					return text, s.text(f, c.expr.Fun)
				}
			}
		}
	}
	return "", ""
}
