package project

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// origins follows a value back to the sites that it comes from: through variables,
// fields, functions and what wraps a handler, but not through routers into what is
// mounted on them.
type origins struct {
	*source
	seen  map[visit]bool
	found []*site
	parts bool // whether calls that make a part of a router are sites too
}

type visit struct {
	e   ast.Expr
	via *ast.CallExpr
	i   int
}

// entry is the call through which a function was entered, so that its parameters are the
// arguments of that call.
type entry struct {
	call  call
	of    *scope
	outer *entry
	depth int
}

// originsOf returns the sites that a value may come from.
func (s *source) originsOf(e ast.Expr, in *scope) []*site {
	o := origins{source: s, seen: make(map[visit]bool)}
	o.follow(e, -1, in, nil)
	return o.found
}

// add adds a site once.
func (o *origins) add(made *site) {
	if !slices.ContainsFunc(o.found, func(f *site) bool { return f.expr == made.expr && f.text == made.text }) {
		o.found = append(o.found, made)
	}
}

// follow follows an expression. If it is a call with several results, i is which one.
func (o *origins) follow(e ast.Expr, i int, in *scope, via *entry) {
	v := visit{e: e, i: i}
	if via != nil {
		v.via = via.call.expr
	}
	if e == nil || o.seen[v] || len(o.seen) > 2000 {
		return
	}
	o.seen[v] = true
	before := len(o.found)
	switch e := e.(type) {
	case *ast.ParenExpr:
		o.follow(e.X, -1, in, via)
	case *ast.StarExpr:
		o.follow(e.X, -1, in, via)
	case *ast.UnaryExpr:
		o.follow(e.X, -1, in, via)
	case *ast.TypeAssertExpr:
		o.follow(e.X, -1, in, via)
	case *ast.Ident:
		o.followDefs(o.defs(e.Name, in), in, via)
		o.followFunction(e, in, via)
		if len(o.found) == before {
			o.followUse(e, in, via)
		}
	case *ast.SelectorExpr:
		o.followSelector(e, in, via)
	case *ast.FuncLit:
		o.followFunction(e, in, via)
	case *ast.CompositeLit:
		t := o.typeNamed(e.Type, in.file)
		if r := routerOf(t); r != nil {
			o.add(&site{router: r, typ: t, text: r.Package + "." + t.name, expr: e, in: in})
		}
		o.followHandler(t, e, in, via)
		return
	case *ast.CallExpr:
		o.followCall(e, max(i, 0), in, via)
	}
	if len(o.found) == before && i <= 0 {
		o.followHandler(o.typeOf(e, in), nil, in, nil)
	}
}

// followUse follows what a variable of another module's type is told to pass requests to.
func (o *origins) followUse(id *ast.Ident, in *scope, via *entry) {
	for _, c := range in.file.calls {
		sel, ok := c.expr.Fun.(*ast.SelectorExpr)
		if ok && sel.Sel.Name == "UseHandler" && nameOf(sel.X) == id.Name && rootOf(c.in) == rootOf(in) {
			for _, arg := range c.expr.Args {
				o.follow(arg, -1, c.in, via)
			}
		}
	}
}

// followDefs follows all values of a variable.
func (o *origins) followDefs(defs []*def, in *scope, via *entry) {
	for _, d := range defs {
		switch {
		case d.param >= 0:
			o.followParam(d, via)
		case d.value != nil:
			if d.in.typ == nil || rootOf(d.in) != rootOf(in) {
				via = nil // it is in another function
			}
			o.follow(d.value, d.index, d.in, via)
		case d.typ != nil:
			// The zero value of some routers is ready to use.
			if t := o.typeNamed(d.typ, d.in.file); routerOf(t) != nil && len(defs) == 1 {
				if _, pointer := d.typ.(*ast.StarExpr); !pointer {
					r := routerOf(t)
					o.add(&site{router: r, typ: t, text: r.Package + "." + t.name, expr: d.typ, in: d.in})
				} else {
					o.followProviders(t)
				}
			}
		}
	}
}

// rootOf returns the outermost function that a scope is in.
func rootOf(s *scope) *scope {
	for s.outer != nil && s.outer.typ != nil {
		s = s.outer
	}
	return s
}

// followParam follows a parameter to the arguments of the call that the function was
// entered through, otherwise of all calls.
func (o *origins) followParam(d *def, via *entry) {
	of := d.in
	if inert(o.typeNamed(d.typ, of.file)) {
		return
	}
	if via != nil && via.of == of {
		if arg := argument(via.call.expr, of, d.param); arg != nil {
			o.follow(arg, -1, via.call.in, via.outer)
		}
		return
	}
	var calls []call
	if of.decl != nil {
		calls = o.callers(of)
	} else if of.arg != nil {
		// A function that is passed to a router's method gets a part of that router.
		if p, _ := o.external(of.arg.Fun, of.outer); p == "" {
			o.addPart(of.arg, of.outer)
			return
		}
	}
	if o.parts && of.decl != nil {
		for _, c := range o.passes(of) {
			o.addPart(c.expr, c.in)
		}
	}
	for _, c := range calls {
		if arg := argument(c.expr, of, d.param); arg != nil {
			o.follow(arg, -1, c.in, nil)
		}
	}
	if len(calls) == 0 {
		o.followProviders(o.typeNamed(d.typ, of.file))
	}
}

// inert reports whether values of a type neither are nor contain what is followed.
func inert(t typ) bool {
	if t.path == "" {
		_, predeclared := types.Universe.Lookup(t.name).(*types.TypeName)
		return predeclared && t.name != "any"
	}
	return inertPackage(t.path)
}

// inertPackages are directories of the standard library whose packages have nothing to do
// with handlers and databases.
var inertPackages = []string{
	"bufio", "bytes", "context", "crypto", "embed", "encoding", "errors", "flag", "fmt", "io",
	"log", "math", "os", "path", "regexp", "runtime", "sort", "strconv", "strings", "time",
}

// inertPackage reports whether no function of a package returns what is followed.
func inertPackage(importPath string) bool {
	dir, _, _ := strings.Cut(importPath, "/")
	return slices.Contains(inertPackages, dir)
}

// argument returns the argument of a call for a parameter of a function, nil if there is
// none.
func argument(c *ast.CallExpr, of *scope, param int) ast.Expr {
	if param < len(c.Args) && (len(c.Args) == of.params() || c.Ellipsis == token.NoPos) {
		return c.Args[param]
	}
	return nil
}

// provided is what dependency injection has: a router or a handle, or a function whose
// result has a type.
type provided struct {
	made *site
	fn   *scope
	typ  typ // of fn
}

// followProviders follows what dependency injection has for a type.
func (o *origins) followProviders(t typ) {
	if t == (typ{}) {
		return
	}
	for _, p := range o.providers() {
		switch {
		case p.fn != nil && p.typ == t:
			o.followResult(p.fn, 0, nil)
		case p.made != nil && provides(p.made.typ, t):
			o.add(p.made)
		}
	}
}

// providers returns what is passed to another module that seems to be for dependency
// injection.
func (s *source) providers() []provided {
	if s.provided != nil {
		return *s.provided
	}
	var all []provided
	for _, f := range s.mentioning("Provide", "Invoke", "NewSet", ".Build(", "Options(") {
		for _, c := range f.calls {
			if p, _ := s.external(c.expr.Fun, c.in); p == "" {
				if sel, ok := c.expr.Fun.(*ast.SelectorExpr); !ok || nameOf(sel) != "Provide" {
					continue
				}
			}
			for _, arg := range c.expr.Args {
				if made := s.madeBy(arg, c.in); made != nil {
					all = append(all, provided{made: made})
				}
				for _, fn := range s.functionsOf(arg, c.in, -1, deepest) {
					if e, _ := fn.result(0); e != nil {
						all = append(all, provided{fn: fn, typ: s.typeNamed(e, fn.file)})
					}
				}
			}
		}
	}
	s.provided = &all
	return all
}

// provides reports whether a router of one type can be had as another, which may be the
// interface of its package or that of all handlers.
func provides(made, wanted typ) bool {
	return made.path == wanted.path || routerOf(made) != nil && wanted.name == "Handler"
}

// followSelector follows a variable of another package, or a field.
func (o *origins) followSelector(e *ast.SelectorExpr, in *scope, via *entry) {
	if importPath := o.imported(e, in); importPath != "" {
		if p := o.packages[importPath]; p != nil {
			o.followDefs(o.packageDefs(p, e.Sel.Name), in, nil)
			return
		}
		for i, r := range answers.Routers {
			if r.Default != "" && r.Import == importPath && r.Default == r.Package+"."+e.Sel.Name {
				o.add(&site{router: &answers.Routers[i], typ: typ{r.Import, r.Types[0]}, text: r.Default, in: in, pos: e.Pos()})
			}
		}
		return
	}
	field, owner := o.field(o.typeOf(e.X, in), e.Sel.Name, deepest)
	if owner == (typ{}) {
		o.followFunction(e, in, via)
		return
	}
	if !o.followField(owner, e.Sel.Name) && routerOf(field) != nil {
		o.followProviders(field)
	}
}

// followField follows the values that a field of a struct is given. It reports whether
// there are any.
func (o *origins) followField(owner typ, name string) bool {
	any := false
	for _, f := range o.mentioning(name) {
		for _, v := range f.values {
			if o.typeNamed(v.lit.Type, f) != owner {
				continue
			}
			if value := o.element(v.lit, owner, name); value != nil {
				any = true
				o.follow(value, -1, v.in, nil)
			}
		}
		for _, set := range f.sets {
			sel, ok := set.to.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != name || set.value == nil {
				continue
			}
			if _, of := o.field(o.typeOf(sel.X, set.in), name, deepest); of == owner {
				any = true
				o.follow(set.value, set.index, set.in, nil)
			}
		}
	}
	return any
}

// element returns the value of a field in a literal of a struct, nil if it has none.
func (s *source) element(lit *ast.CompositeLit, of typ, name string) ast.Expr {
	for i, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if nameOf(kv.Key) == name {
				return kv.Value
			}
			continue
		}
		if st, _ := s.structOf(of); st != nil && fieldIndex(st, name) == i {
			return e
		}
	}
	return nil
}

// fieldIndex returns which field of a struct has that name, -1 if none has.
func fieldIndex(st *ast.StructType, name string) int {
	var names []string
	for _, fd := range st.Fields.List {
		names = append(names, fieldNames(fd)...)
	}
	return slices.Index(names, name)
}

// followHandler follows a struct of the application that is a handler to what it passes
// requests on to: what ServeHTTP calls, or an embedded router. The literal of the struct
// may be nil.
func (o *origins) followHandler(t typ, lit *ast.CompositeLit, in *scope, via *entry) {
	if o.packages[t.path] == nil {
		return
	}
	pass := func(field string) {
		if lit != nil {
			if value := o.element(lit, t, field); value != nil {
				o.follow(value, -1, in, via)
				return
			}
		}
		if _, owner := o.field(t, field, deepest); owner != (typ{}) {
			o.followField(owner, field)
		}
	}
	if m := o.method(t, "ServeHTTP", 1); m != nil {
		for _, c := range m.file.calls {
			sel, ok := c.expr.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "ServeHTTP" || rootOf(c.in) != m {
				continue
			}
			if field, ok := sel.X.(*ast.SelectorExpr); ok && m.vars[nameOf(field.X)] != nil {
				pass(field.Sel.Name)
			} else {
				o.follow(sel.X, -1, c.in, nil)
			}
		}
		return
	}
	st, f := o.structOf(t)
	if st == nil {
		return
	}
	for _, fd := range st.Fields.List {
		ft := o.typeNamed(fd.Type, f)
		if len(fd.Names) == 0 && (routerOf(ft) != nil || otherRouter(ft.path) != nil || ft.name == "Handler") {
			pass(embedded(fd))
		}
	}
}

// followFunction follows a function that answers requests to the handlers that it passes
// them on to.
func (o *origins) followFunction(e ast.Expr, in *scope, via *entry) {
	for _, f := range o.functionsOf(e, in, -1, deepest) {
		if f.body == nil || !o.answersRequests(f) {
			continue
		}
		if rootOf(f) != rootOf(in) {
			via = nil
		}
		for _, c := range f.file.calls {
			sel, ok := c.expr.Fun.(*ast.SelectorExpr)
			if ok && sel.Sel.Name == "ServeHTTP" && f.body.Pos() <= c.expr.Pos() && c.expr.End() <= f.body.End() {
				o.follow(sel.X, -1, c.in, via)
			}
		}
	}
}

// answersRequests reports whether a function is called for each request, or is in one
// that is.
func (s *source) answersRequests(f *scope) bool {
	for ; f != nil && f.typ != nil; f = f.outer {
		for _, p := range f.typ.Params.List {
			switch nameOf(p.Type) {
			case "ResponseWriter", "Ctx", "RequestCtx":
				return true
			case "Context":
				// Not one of a command line, say.
				path := s.typeNamed(p.Type, f.file).path
				if s.packages[path] != nil || holding(knownRouters, path) != nil || holding(otherRouters, path) != nil {
					return true
				}
			}
		}
	}
	return false
}

// followCall follows a result of a call.
func (o *origins) followCall(c *ast.CallExpr, i int, in *scope, via *entry) {
	if made := o.made(c, in); made != nil {
		if i == 0 {
			o.add(made)
		}
		return
	}
	if o.addPart(c, in) {
		return
	}
	depth := 0
	if via != nil {
		depth = via.depth
	}
	if callees := o.callee(c, in); callees != nil {
		for _, f := range callees {
			if depth < deepest {
				o.followResult(f, i, &entry{call{c, in}, f, via, depth + 1})
			}
		}
		return
	}
	if sel, ok := base(c.Fun).(*ast.SelectorExpr); ok && o.imported(sel, in) == "" {
		if r := routerOf(o.typeOf(sel.X, in)); r != nil {
			if slices.Contains(r.Same, sel.Sel.Name) {
				o.follow(sel.X, -1, in, via)
			}
			return // otherwise it is a part of the router
		}
	}
	// It is what another module makes of its arguments, such as a handler that wraps one.
	p, name := o.external(c.Fun, in)
	if inertPackage(p) {
		return
	}
	before := len(o.found)
	for _, arg := range c.Args {
		o.follow(arg, -1, in, via)
	}
	if len(o.found) == before && p != "" {
		if other := otherRouter(p); other != nil {
			o.add(&site{other: other, text: nameOfPackage(c.Fun) + "." + name, expr: c, in: in})
		}
	}
}

// followResult follows a result of a function.
func (o *origins) followResult(f *scope, i int, via *entry) {
	for _, r := range f.returns {
		switch len(r.Results) {
		case 0:
			if _, name := f.result(i); name != nil {
				o.follow(name, -1, f, via)
			}
		case 1:
			if f.typ.Results.NumFields() > 1 {
				o.follow(r.Results[0], i, f, via)
				continue
			}
			fallthrough
		default:
			if i < len(r.Results) {
				o.follow(r.Results[i], -1, f, via)
			}
		}
	}
}
