package project

import (
	"go/ast"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// variableOf returns the name of the environment variable whose value an expression is, or
// that another module turns into it, "" if it is not known. The value itself must not be
// changed, such as by adding to it.
func (s *source) variableOf(e ast.Expr, in *scope, depth int) string {
	if depth == 0 {
		return ""
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return s.variableOf(e.X, in, depth)
	case *ast.Ident:
		return s.variableIn(s.defs(e.Name, in), depth)
	case *ast.SelectorExpr:
		if p := s.packages[s.imported(e, in)]; p != nil {
			return s.variableIn(s.packageDefs(p, e.Sel.Name), depth)
		}
		return s.variableInField(e, in, depth)
	case *ast.CallExpr:
		p, name := s.external(e.Fun, in)
		switch {
		case p == "os" && (name == "Getenv" || name == "LookupEnv") && len(e.Args) == 1:
			variable, _ := s.constant(e.Args[0], in)
			return variable
		case p == "":
			return s.variableRead(e, in)
		case (&library{path: p}).standard() && p != answers.SQL:
			return "" // it may be made of several
		}
		var names []string
		for _, arg := range e.Args {
			names = append(names, s.variableOf(arg, in, depth-1))
		}
		return only(names)
	}
	return ""
}

// variableRead returns the environment variable that a function of the application reads,
// such as one that takes its name and a default.
func (s *source) variableRead(call *ast.CallExpr, in *scope) string {
	var names []string
	for _, f := range s.callee(call, in) {
		for _, c := range f.file.calls {
			if rootOf(c.in) != f || len(c.expr.Args) != 1 {
				continue
			}
			if p, name := s.external(c.expr.Fun, c.in); p != "os" || name != "Getenv" && name != "LookupEnv" {
				continue
			}
			for _, d := range s.defs(nameOf(c.expr.Args[0]), c.in) {
				if d.in == f && d.param >= 0 {
					if arg := argument(call, f, d.param); arg != nil {
						name, _ := s.constant(arg, in)
						names = append(names, name)
					}
				}
			}
		}
	}
	return only(names)
}

// variableIn returns the environment variable that gives a variable its value.
func (s *source) variableIn(defs []*def, depth int) string {
	var names []string
	for _, d := range defs {
		switch {
		case d.param >= 0:
			for _, c := range s.callers(d.in) {
				if arg := argument(c.expr, d.in, d.param); arg != nil {
					names = append(names, s.variableOf(arg, c.in, depth-1))
				}
			}
		case d.value != nil && d.index <= 0:
			names = append(names, s.variableOf(d.value, d.in, depth-1))
		}
	}
	return only(names)
}

// variableInField returns the environment variable that gives a field its value.
func (s *source) variableInField(e *ast.SelectorExpr, in *scope, depth int) string {
	name := e.Sel.Name
	_, owner := s.field(s.typeOf(e.X, in), name, deepest)
	if owner == (typ{}) {
		return ""
	}
	var names []string
	for _, f := range s.mentioning(name) {
		for _, v := range f.values {
			if s.typeNamed(v.lit.Type, f) != owner {
				continue
			}
			if value := s.element(v.lit, owner, name); value != nil {
				names = append(names, s.variableOf(value, v.in, depth-1))
			}
		}
		for _, set := range f.sets {
			sel, ok := set.to.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != name || set.value == nil || set.index > 0 {
				continue
			}
			if _, of := s.field(s.typeOf(sel.X, set.in), name, deepest); of == owner {
				names = append(names, s.variableOf(set.value, set.in, depth-1))
			}
		}
	}
	if names == nil {
		return s.tagged(e, in)
	}
	return only(names)
}

// only returns the only name among several, any of which may be empty, "" if there is none
// or more than one.
func only(names []string) string {
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 1 {
		return names[0]
	}
	return ""
}

// variableName matches the usual names of environment variables.
var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)

// tagged returns the environment variable that the tag of a field names.
func (s *source) tagged(sel *ast.SelectorExpr, in *scope) string {
	_, owner := s.field(s.typeOf(sel.X, in), sel.Sel.Name, deepest)
	st, _ := s.structOf(owner)
	if st == nil {
		return ""
	}
	for _, fd := range st.Fields.List {
		if fd.Tag == nil || !slices.Contains(fieldNames(fd), sel.Sel.Name) {
			continue
		}
		tag, err := strconv.Unquote(fd.Tag.Value)
		if err != nil {
			continue
		}
		for _, key := range []string{"env", "envconfig"} {
			name, _, _ := strings.Cut(reflect.StructTag(tag).Get(key), ",")
			if variableName.MatchString(name) {
				return name
			}
		}
	}
	return ""
}
