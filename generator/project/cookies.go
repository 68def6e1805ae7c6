package project

import (
	"cmp"
	"go/ast"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A Cookie is a cookie that the application sets.
type Cookie struct {
	Name string
	Evidence
}

// Cookies returns the cookies that the application sets and whose names are known, in the
// order of the files.
func (p *Project) Cookies() []Cookie {
	s := p.source
	if s == nil {
		return nil
	}
	words := []string{"Cookie"}
	for _, c := range answers.CookieSetters {
		words = append(words, cmp.Or(c.Import, c.Func, c.Field))
	}
	var found []Cookie
	for _, f := range s.mentioning(words...) {
		add := func(n ast.Node, e ast.Expr, prefix string, in *scope) {
			if name, ok := s.constant(e, in); ok && strings.HasPrefix(name, prefix) && len(name) > len(prefix) {
				text := s.text(f, n)
				if lit, ok := n.(*ast.CompositeLit); ok {
					text = s.text(f, lit.Type)
				} else if c, ok := n.(*ast.CallExpr); ok {
					text = s.text(f, c.Fun)
				}
				found = append(found, Cookie{strings.TrimPrefix(name, prefix), f.at(s, n.Pos(), ByConstructor, text)})
			}
		}
		for _, v := range f.values {
			for _, e := range v.lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if i := slices.IndexFunc(answers.CookieSetters, func(l answers.CookieSetter) bool { return l.Field != "" && l.Field == nameOf(kv.Key) }); i >= 0 {
						add(v.lit, kv.Value, answers.CookieSetters[i].Prefix, v.in)
					}
				}
			}
			if nameOf(v.lit.Type) == "Cookie" && s.packages[s.typeNamed(v.lit.Type, f).path] == nil {
				s.literalCookie(v, add)
			}
		}
		for _, set := range f.sets {
			s.assignedCookie(set, add)
		}
		for _, c := range f.calls {
			s.calledCookie(f, c, add)
			if l := settersOf(f, c); len(l) > 0 && l[0].Default != "" && !s.renamesCookie() {
				found = append(found, Cookie{l[0].Default, f.at(s, c.expr.Pos(), ByConstructor, s.text(f, c.expr.Fun))})
			}
		}
	}
	return found
}

// adding is called with what sets a cookie, and an expression for its name after a prefix.
type adding func(n ast.Node, name ast.Expr, prefix string, in *scope)

// literalCookie adds the literal of a cookie.
func (s *source) literalCookie(v composite, add adding) {
	for i, e := range v.lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		switch {
		case ok && nameOf(kv.Key) == "Name":
			add(v.lit, kv.Value, "", v.in)
		case !ok && i == 0:
			add(v.lit, e, "", v.in)
		}
	}
}

// assignedCookie adds the name that is assigned to a cookie, or to the settings for one.
func (s *source) assignedCookie(set assignment, add adding) {
	sel, ok := set.to.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Name" || set.index >= 0 {
		return
	}
	if nameOf(sel.X) == "Cookie" || s.typeOf(sel.X, set.in).name == "Cookie" {
		add(sel, set.value, "", set.in)
	}
}

// calledCookie adds the cookie that a call sets.
func (s *source) calledCookie(f *file, c call, add adding) {
	name, args := nameOf(c.expr.Fun), c.expr.Args
	if name == "SetCookie" && len(args) > 2 {
		add(c.expr, args[0], "", c.in)
		return
	}
	for _, l := range settersOf(f, c) {
		if l.Arg >= 0 && l.Arg < len(args) {
			add(c.expr, args[l.Arg], l.Prefix, c.in)
		}
	}
}

// settersOf returns the functions of libraries that a call may call.
func settersOf(f *file, c call) []answers.CookieSetter {
	return slices.DeleteFunc(slices.Clone(answers.CookieSetters), func(l answers.CookieSetter) bool {
		if l.Func == "" || l.Func != nameOf(c.expr.Fun) {
			return true
		}
		return l.Import != "" && !slices.ContainsFunc(f.imports, func(imp imported) bool { return isBelow(imp.path, l.Import) })
	})
}

// renamesCookie reports whether the application gives the cookie of a library another
// name.
func (s *source) renamesCookie() bool {
	for _, f := range s.mentioning(".Cookie.Name") {
		for _, set := range f.sets {
			if sel, ok := set.to.(*ast.SelectorExpr); ok && sel.Sel.Name == "Name" && nameOf(sel.X) == "Cookie" {
				return true
			}
		}
	}
	return false
}
