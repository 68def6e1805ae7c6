package project

import (
	"cmp"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// A place is a function in which a router has a name.
type place struct {
	in     *scope
	router string    // expression for the router
	def    token.Pos // where it gets its value; not valid if it has it from the beginning
	late   bool      // whether routes have been added to the router before
	what   string    // what is at def, if that is not what makes the router
}

// places follows a router to the functions in which it has a name, from where it is made
// on: through variables, fields, parameters and results.
type places struct {
	*source
	root  root
	seen  map[any]bool
	found []place
}

// placesOf returns the places where a router has a name, those next to where it is made
// first.
func (s *source) placesOf(r root) []place {
	p := places{source: s, root: r, seen: make(map[any]bool)}
	for _, made := range r.sites {
		if made.expr != nil {
			p.value(made.expr, 0, made.in, false)
			p.injected(made)
		} else {
			for _, reg := range s.registrations(made) {
				p.add(place{in: reg.in, router: made.text, def: reg.expr.Pos(), what: p.text(reg.in.file, reg.expr.Fun)})
			}
			for _, sv := range r.servers {
				p.add(place{in: sv.in, router: made.text})
			}
		}
	}
	slices.SortStableFunc(p.found, func(a, b place) int { return cmp.Compare(rank(a), rank(b)) })
	return p.found
}

// injected follows a router whose constructor is handed to dependency injection to the
// functions that nobody calls and that take one.
func (p *places) injected(made *site) {
	if _, ok := made.expr.(*ast.CallExpr); ok {
		return
	}
	for _, f := range p.mentioning(made.router.Package + ".") {
		lits := slices.SortedFunc(maps.Values(f.lits), func(a, b *scope) int { return cmp.Compare(a.typ.Pos(), b.typ.Pos()) })
		for _, fn := range slices.Concat(f.funcs, lits) {
			for name, defs := range fn.vars {
				if d := defs[0]; d.param >= 0 && routerOf(p.typeNamed(d.typ, f)) == made.router && len(p.callers(fn)) == 0 {
					p.variable(name, fn, d.pos, false)
				}
			}
		}
	}
}

// rank orders places: first those before any route.
func rank(p place) int {
	if p.late {
		return 1
	}
	return 0
}

// add adds a place, unless it is called for each request.
func (p *places) add(at place) {
	key := [2]any{at.in, at.router}
	if at.in.typ == nil || at.in.body == nil || p.seen[key] || p.answersRequests(at.in) {
		return
	}
	p.seen[key] = true
	p.found = append(p.found, at)
}

// is reports whether the expression is the one that is followed, maybe with settings.
func is(e, followed ast.Expr) bool { return e != nil && (base(e) == followed || core(e) == followed) }

// value follows an expression, or the result i of a call, to what it is assigned to.
func (p *places) value(e ast.Expr, i int, in *scope, late bool) {
	if p.seen[e] {
		return
	}
	p.seen[e] = true
	result := func(d *def) bool { return is(d.value, e) && max(d.index, 0) == i }
	for owner := in; owner != nil; owner = owner.outer {
		for name, defs := range owner.vars {
			for _, d := range defs {
				if result(d) {
					p.variable(name, owner, d.pos, late)
				}
			}
		}
	}
	f := in.file
	for name, defs := range f.top.vars {
		if slices.ContainsFunc(defs, result) {
			p.packageVariable(f.pkg, name)
		}
	}
	p.uses(f, func(x ast.Expr, _ *scope) bool { return is(x, e) }, in, late)
	for k := range f.sets {
		if set := &f.sets[k]; set.index == i && is(set.value, e) {
			p.set(*set, late)
		}
	}
}

// uses follows what is done with an expression in a file: it is passed to a function,
// put into a field or another variable, or returned from a function.
func (p *places) uses(f *file, here func(ast.Expr, *scope) bool, in *scope, late bool) {
	for _, c := range f.calls {
		for i, arg := range c.expr.Args {
			if !here(arg, c.in) {
				continue
			}
			for _, callee := range p.callee(c.expr, c.in) {
				p.parameter(callee, i, late || p.adds(c.in, p.text(f, arg), c.expr.Pos()))
			}
		}
	}
	for i := range f.sets {
		if set := &f.sets[i]; set.index < 0 && set.value != nil && here(set.value, set.in) {
			p.set(*set, late)
		}
	}
	for _, v := range f.values {
		t := p.typeNamed(v.lit.Type, f)
		st, _ := p.structOf(t)
		if st == nil {
			continue
		}
		for i, e := range v.lit.Elts {
			name := ""
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				name, e = nameOf(kv.Key), kv.Value
			} else if i < st.Fields.NumFields() {
				for _, fd := range st.Fields.List {
					for _, id := range fd.Names {
						if fieldIndex(st, id.Name) == i {
							name = id.Name
						}
					}
				}
			}
			if here(e, v.in) && name != "" {
				if v.name != nil {
					p.add(place{in: v.in, router: v.name.Name + "." + name, def: v.lit.Pos(), late: late})
				}
				p.field(t, name, late)
			}
		}
	}
	for _, r := range in.returns {
		for i, e := range r.Results {
			if here(e, in) {
				p.result(in, i, late || p.adds(in, p.text(f, e), r.Pos()))
			}
		}
	}
}

// result follows a result of a function to its callers.
func (p *places) result(f *scope, i int, late bool) {
	for _, c := range p.callers(f) {
		p.value(c.expr, i, c.in, late)
	}
}

// variable follows a local variable.
func (p *places) variable(name string, owner *scope, pos token.Pos, late bool) {
	if owner.typ == nil {
		return
	}
	defs := owner.vars[name]
	key := [2]any{defs[0], "variable"}
	if p.seen[key] {
		return
	}
	p.seen[key] = true
	if t := p.typeOfDefs(defs, deepest); t == (typ{}) || routerOf(t) == p.root.sites[0].router && p.root.sites[0].router != nil {
		router := name
		if typ := defs[0].typ; typ != nil && routerOf(p.typeNamed(typ, owner.file)) != nil && p.root.sites[0].router.Secondary {
			if _, pointer := typ.(*ast.StarExpr); !pointer {
				router = "&" + name
			}
		}
		if defs[0].param >= 0 {
			pos = token.NoPos
		}
		p.add(place{in: owner, router: router, def: pos, late: late})
	}
	here := func(e ast.Expr, in *scope) bool {
		id, ok := base(e).(*ast.Ident)
		return ok && id.Name == name && in.holding(name) == owner
	}
	p.uses(owner.file, here, owner, late)
	// Named results are returned without being named.
	if e, _ := owner.result(0); e != nil && defs[0].param < 0 && owner.typ.Results.Pos() <= defs[0].pos && defs[0].pos < owner.typ.Results.End() {
		p.result(owner, 0, late || p.adds(owner, name, owner.body.End()))
	}
}

// parameter follows a parameter of a function.
func (p *places) parameter(f *scope, i int, late bool) {
	if name, d := f.param(i); d != nil {
		p.variable(name, f, d.pos, late)
	}
}

// set follows what is put into a field, or into a variable of a package.
func (p *places) set(set assignment, late bool) {
	switch to := set.to.(type) {
	case *ast.Ident:
		p.packageVariable(set.in.file.pkg, to.Name)
	case *ast.SelectorExpr:
		if importPath := p.imported(to, set.in); importPath != "" {
			p.packageVariable(p.packages[importPath], to.Sel.Name)
			return
		}
		p.add(place{in: set.in, router: p.text(set.in.file, to), def: set.pos, late: late})
		if _, owner := p.source.field(p.typeOf(to.X, set.in), to.Sel.Name, deepest); owner != (typ{}) {
			p.field(owner, to.Sel.Name, late)
		}
	}
}

// field follows a field of a struct to the functions that use it.
func (p *places) field(of typ, name string, late bool) {
	key := [2]any{of, name}
	if p.seen[key] {
		return
	}
	p.seen[key] = true
	for _, f := range p.mentioning("." + name) {
		p.selections(f, func(sel *ast.SelectorExpr, in *scope) bool {
			if sel.Sel.Name != name || p.imported(sel, in) != "" {
				return false
			}
			_, owner := p.source.field(p.typeOf(sel.X, in), name, deepest)
			return owner == of
		}, late)
	}
	// A function that has the struct in a variable has the router, too.
	for _, f := range p.mentioning(of.name) {
		own := f.pkg.path == of.path
		if !own && (!token.IsExported(name) || !f.importsPath(of.path)) {
			continue
		}
		p.structs(f, of, name)
	}
}

// structs adds the functions of a file that get a struct from a call.
func (p *places) structs(f *file, of typ, field string) {
	for _, fn := range f.funcs {
		for _, name := range slices.Sorted(maps.Keys(fn.vars)) {
			defs := fn.vars[name]
			if _, ok := defs[0].value.(*ast.CallExpr); ok && p.typeOfDefs(defs, deepest) == of {
				p.add(place{in: fn, router: name + "." + field, def: defs[0].pos, late: true})
			}
		}
	}
}

// packageVariable follows a variable of a package to the functions that use it.
func (p *places) packageVariable(of *pkg, name string) {
	key := [2]any{of, name}
	if of == nil || p.seen[key] {
		return
	}
	p.seen[key] = true
	for _, f := range p.mentioning(name) {
		if f.pkg != of {
			p.selections(f, func(sel *ast.SelectorExpr, in *scope) bool {
				return sel.Sel.Name == name && p.imported(sel, in) == of.path
			}, false)
			continue
		}
		for _, c := range f.calls {
			for _, e := range append(slices.Clone(c.expr.Args), receiverOf(c.expr)) {
				if id, ok := e.(*ast.Ident); ok && id.Name == name && c.in.holding(name) == nil {
					p.use(c, e, false)
				}
			}
		}
	}
}

// receiverOf returns what the method of a call is selected from, nil if it is not a method.
func receiverOf(c *ast.CallExpr) ast.Expr {
	if sel, ok := c.Fun.(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}

// selections follows the selectors in a file that are what is followed.
func (p *places) selections(f *file, here func(*ast.SelectorExpr, *scope) bool, late bool) {
	for _, c := range f.calls {
		for _, e := range append(slices.Clone(c.expr.Args), receiverOf(c.expr)) {
			if sel, ok := e.(*ast.SelectorExpr); ok && here(sel, c.in) {
				p.use(c, e, late)
			}
		}
	}
}

// use adds the function of a call that has the router as its receiver or as an argument.
// That is before any route if the function is the one that adds them.
func (p *places) use(c call, router ast.Expr, late bool) {
	text := p.text(c.in.file, router)
	at := c.in
	if at.typ == nil || addsOne(rootOf(at)) {
		return
	}
	adds := p.adds(at, text, at.body.End())
	p.add(place{in: at, router: text, late: late || !adds})
	for i, arg := range c.expr.Args {
		if arg == router {
			for _, callee := range p.callee(c.expr, c.in) {
				p.parameter(callee, i, late || p.adds(at, text, c.expr.Pos()))
			}
		}
	}
}

// addsOne reports whether a function is called for each route, since it takes the route's
// handler.
func addsOne(f *scope) bool {
	return slices.ContainsFunc(f.typ.Params.List, func(p *ast.Field) bool {
		t := p.Type
		if e, ok := t.(*ast.Ellipsis); ok {
			t = e.Elt
		}
		_, isFunc := base(t).(*ast.FuncType)
		return isFunc || strings.HasPrefix(nameOf(t), "Handler")
	})
}

// adds reports whether a function adds routes to the router with that name before a
// position, itself or through another function.
func (s *source) adds(in *scope, router string, before token.Pos) bool {
	pos := s.added(in, router)
	return pos.IsValid() && pos < before
}

// added returns where a function first adds a route to the router with that name.
func (s *source) added(in *scope, router string) token.Pos {
	f := in.file
	router = strings.TrimPrefix(router, "&")
	for _, c := range f.calls {
		if rootOf(c.in) != rootOf(in) {
			continue
		}
		if x := receiverOf(c.expr); x != nil && s.text(f, x) == router && len(c.expr.Args) > 0 {
			if pattern, ok := s.constant(c.expr.Args[0], c.in); ok && (strings.Contains(pattern, " /") || strings.HasPrefix(pattern, "/")) {
				return c.expr.Pos()
			}
		}
		for _, arg := range c.expr.Args {
			if s.text(f, arg) == router && s.callee(c.expr, c.in) != nil {
				return c.expr.Pos()
			}
		}
	}
	return token.NoPos
}
