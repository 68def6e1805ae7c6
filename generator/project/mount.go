package project

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A MountPoint is where further routes are added to the application's router.
type MountPoint struct {
	Pos      Position // line to add them below; zero if it could not be told
	After    string   // what is on that line
	Unclear  string   // why Pos is zero, and what to look for; may be empty
	Router   string   // answer for the router there
	Variable string   // Go expression for the router, or its usual name
	Late     bool     // whether routes have been added to the router before
	Handle   Handle   // the database, as the function reaches it
	Timeouts bool     // whether the router's server has timeouts

	// Served is where the function passes the router on to what serves it or, if that is
	// Elsewhere, where another function gives it to a server. It is zero if that is not
	// known.
	Served    Evidence
	Elsewhere bool
	Handler   string // what is passed on at Served, if that is not Variable
	New       bool   // whether Variable is a new ServeMux, which passes other requests on to Handler

	Context  string            // Go expression for a context; empty if the function has none
	Returns  string            // statement that returns the error err; empty if the function cannot
	ErrTaken bool              // whether lines there must not declare err, since others below do
	Names    []string          // names that lines there must not declare
	Imports  map[string]string // what the file imports: the names by path
}

// MountPoint returns where to mount routes that are written for a router, and how to
// reach the database there for which there is a driver. Handles of other databases are
// never returned.
func (p *Project) MountPoint(router, database, driver string) MountPoint {
	known := answers.RouterNamed(router)
	m := MountPoint{Router: known.Name, Variable: known.Variable}
	if p.source == nil {
		return m
	}
	want := wanted{database: database, driver: driver}
	name, ok := p.Database()
	want.onlyDatabase = ok && name == database
	drivers := p.DriversFor(database)
	want.onlyDriver = !slices.ContainsFunc(drivers, func(c Candidate) bool { return c.Apart || c.Driver != driver })

	roots := slices.DeleteFunc(slices.Clone(p.roots), func(r root) bool { return r.sites[0].router == nil || r.sites[0].router.Name != router })
	if len(roots) == 0 && known.Standard() {
		// Every router can forward to handlers of net/http.
		roots = slices.DeleteFunc(slices.Clone(p.roots), func(r root) bool { return r.sites[0].router == nil })
	}
	if slices.ContainsFunc(p.roots, func(r root) bool { return r.sites[0].other != nil && len(r.servers) > 0 }) || slices.ContainsFunc(p.source.served, p.source.isUnclear) {
		// A ServeMux beside a handler that comes from elsewhere is rather for something else.
		roots = slices.DeleteFunc(roots, func(r root) bool { return r.sites[0].router.Standard() })
	}
	if len(roots) == 1 {
		made := roots[0].sites[0]
		m.Router, m.Variable = made.router.Name, made.router.Variable
		p.mountOn(&m, roots[0], want)
	} else if len(roots) > 0 || !known.Standard() || !p.mountBefore(&m, want) {
		m.Unclear = p.unclearRoot(roots, known)
	}
	if m.Handle.Expr == "" {
		if h, ok := p.source.opened(want); ok {
			m.Handle = h
		}
	}
	return m
}

// unclearRoot says why there is no root to mount on.
func (p *Project) unclearRoot(roots []root, router answers.Router) string {
	if len(roots) > 1 {
		var list []string
		for _, r := range roots {
			list = append(list, fmt.Sprintf("%s at %s", r.sites[0].text, p.source.position(r.pos())))
		}
		slices.Sort(list)
		verb := "served"
		if len(roots[0].servers) == 0 {
			verb = "made"
		}
		return "several are " + verb + ": " + strings.Join(list, ", ")
	}
	if others := Used(p.OtherRouters); len(others) > 0 && router.Standard() {
		if others[0].Apart {
			return fmt.Sprintf("%s has no handlers of net/http: serve a ServeMux beside it, with a server of its own", others[0].Name)
		}
		return fmt.Sprintf("%s is not among the routers that authgen knows: make a ServeMux, and let it pass other requests on with mux.Handle(\"/\", …)", others[0].Name)
	}
	if len(p.Serves) > 0 {
		return fmt.Sprintf("the handler of %s at %s comes from no router that is known", p.Serves[0].Text, p.Serves[0].Pos)
	}
	return ""
}

// evidenceOf returns the line of a site.
func (s *source) evidenceOf(made *site) Evidence {
	e := made.in.file.at(s, made.pos, ByConstructor, made.text)
	if made.expr != nil {
		e.Pos = s.sitePosition(made)
	}
	return e
}

// option is a spot to mount at, with a handle of the database or without.
type option struct {
	place
	spot
	handle *reach
}

// better reports whether an option is better than another: above all, the database is
// there; then, no routes have been added before.
func (o option) better(than *option) bool {
	if than == nil {
		return true
	}
	if has, had := o.handle != nil, than.handle != nil; has != had {
		return has
	}
	return than.spot.late && !o.spot.late
}

// best returns the best option for a root, nil if there is none. Of those that are as
// good, it is the one that is nearest to where the router is made.
func (s *source) best(r root, want wanted) *option {
	var best *option
	for _, at := range s.placesOf(r) {
		router := need{decl: at.def, ready: at.def, what: cmp.Or(at.what, r.sites[0].text)}
		if at.def.IsValid() {
			for _, d := range at.in.vars[at.router] {
				router.decl, router.ready = min(router.decl, d.pos), max(router.ready, d.pos)
			}
		}
		consider := func(handle *reach, needs ...need) bool {
			found, ok := s.spotAfter(at, needs)
			if o := (option{at, found, handle}); ok && o.better(best) {
				best = &o
			}
			return ok
		}
		some := false
		for _, h := range s.handlesAt(at.in, want) {
			some = consider(&h, router, need{h.decl, h.ready, s.whatOpens(h, at.in), true}) || some
		}
		if !some {
			consider(nil, router)
		}
	}
	return best
}

// mountOn fills in where to mount on a root.
func (p *Project) mountOn(m *MountPoint, r root, want wanted) {
	s := p.source
	for _, sv := range r.servers {
		if m.Served.Text == "" {
			m.Served, m.Handler = sv.in.file.at(s, sv.pos, ByServer, sv.text), s.handlerText(sv)
		}
		m.Timeouts = m.Timeouts || sv.timeouts
	}
	best := s.best(r, want)
	if best == nil {
		made := r.sites[0]
		m.Unclear = fmt.Sprintf("no function that runs once has a name for what %s at %s makes", made.text, s.position(r.pos()))
		for name, defs := range made.in.file.top.vars {
			if made.in.typ == nil && slices.ContainsFunc(defs, func(d *def) bool { return is(d.value, made.expr) }) {
				m.Variable = name
				m.Unclear = fmt.Sprintf("no function uses %s, which %s at %s makes", name, made.text, s.position(r.pos()))
			}
		}
		return
	}
	in := best.in
	m.Pos, m.After, m.Late = s.position(best.end), best.after, best.spot.late
	m.Variable = best.router
	if e, ok := s.leaves(in, best.router, best.end); ok {
		m.Served, m.Handler = in.file.at(s, e.Pos(), ByServer, best.router), ""
	} else {
		m.Elsewhere = m.Served.Text != "" && !slices.ContainsFunc(r.servers, func(sv server) bool { return rootOf(sv.in) == rootOf(in) })
	}
	if best.handle != nil {
		m.use(s, *best.handle, in)
	}
	m.describe(s, in, best.spot)
}

// handlerText returns the expression for the handler that a server is given, "" if there is
// none or it is long.
func (s *source) handlerText(sv server) string {
	switch {
	case sv.handler == nil && sv.called:
		return "nil"
	case sv.handler == nil:
		return ""
	}
	if text := s.text(sv.in.file, sv.handler); !strings.Contains(text, "\n") {
		return text
	}
	return ""
}

// use fills in how a function reaches the database.
func (m *MountPoint) use(s *source, h reach, in *scope) {
	m.Handle = Handle{Handle: *h.handle, Expr: h.expr}
	if e, err := parser.ParseExpr(h.expr); err == nil {
		from := s.originsOf(e, in)
		if i := slices.IndexFunc(from, func(made *site) bool { return made.handle != nil }); i >= 0 {
			m.Handle.Opened = s.evidenceOf(from[i])
		}
	}
}

// describe fills in what lines at a spot of a function have to fit.
func (m *MountPoint) describe(s *source, in *scope, at spot) {
	m.Context = s.contextAt(in, at)
	m.Returns = s.returns(in)
	m.ErrTaken = !at.free("err")
	m.Names = s.namesIn(in)
	m.Imports = make(map[string]string)
	for _, imp := range in.file.imports {
		m.Imports[imp.path] = imp.name
	}
}

// leaves returns the expression by which a function passes a router on as a handler after
// a position: it returns the router, gives it to a server or a variable, or wraps it.
func (s *source) leaves(in *scope, router string, after token.Pos) (ast.Expr, bool) {
	var found ast.Expr
	is := func(e ast.Expr) bool { return e.Pos() > after && s.text(in.file, e) == router }
	ast.Inspect(in.body, func(n ast.Node) bool {
		if found != nil {
			return false
		}
		switch n := n.(type) {
		case *ast.ReturnStmt:
			for i, e := range n.Results {
				if result, _ := in.result(i); is(e) && routerOf(s.typeNamed(result, in.file)) == nil {
					found = e
				}
			}
		case *ast.KeyValueExpr:
			if is(n.Value) && nameOf(n.Key) == "Handler" {
				found = n.Value
			}
		case *ast.AssignStmt:
			if sel, ok := n.Lhs[0].(*ast.SelectorExpr); ok && sel.Sel.Name == "Handler" && is(n.Rhs[0]) {
				found = n.Rhs[0]
			}
		case *ast.ValueSpec:
			if nameOf(n.Type) == "Handler" && len(n.Values) == 1 && is(n.Values[0]) {
				found = n.Values[0]
			}
		case *ast.CallExpr:
			callees := s.callee(n, in)
			for i, arg := range n.Args {
				if is(arg) && !slices.ContainsFunc(callees, func(f *scope) bool { return !s.takesHandler(f, i) }) {
					found = arg
				}
			}
		}
		return found == nil
	})
	return found, found != nil
}

// takesHandler reports whether a parameter of a function is a handler of any kind.
func (s *source) takesHandler(f *scope, i int) bool {
	_, d := f.param(i)
	return d != nil && s.typeNamed(d.typ, f.file).name == "Handler"
}

// whatOpens returns what is on the line that makes a handle, as far as the function shows
// it.
func (s *source) whatOpens(r reach, in *scope) string {
	name, _, _ := strings.Cut(r.expr, ".")
	if owner := in.holding(name); owner != nil {
		if c, ok := owner.vars[name][0].value.(*ast.CallExpr); ok {
			return s.text(owner.file, c.Fun)
		}
	}
	return "what opens " + r.expr
}

// namesIn returns the names that a function and its package declare.
func (s *source) namesIn(in *scope) []string {
	names := make(map[string]bool)
	top := rootOf(in)
	for _, f := range in.file.pkg.files {
		if f != in.file && !s.parse(f) {
			continue
		}
		for name := range f.top.vars {
			names[name] = true
		}
		for name := range f.types {
			names[name] = true
		}
		for _, fn := range f.funcs {
			if fn.decl.Recv == nil {
				names[fn.decl.Name.Name] = true
			}
		}
	}
	for _, fn := range slices.Concat([]*scope{top}, slices.Collect(maps.Values(in.file.lits))) {
		if rootOf(fn) == top {
			for name := range fn.vars {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// contextAt returns an expression for a context that a function has, "" if it has none.
func (s *source) contextAt(in *scope, at spot) string {
	for local := in; local != nil && local.typ != nil; local = local.outer {
		for _, name := range slices.Sorted(maps.Keys(local.vars)) {
			d := local.vars[name][0]
			if in.holding(name) != local || name == "_" {
				continue
			}
			isContext := d.typ != nil && s.typeNamed(d.typ, d.in.file) == typ{"context", "Context"}
			if c, ok := d.value.(*ast.CallExpr); ok && d.index <= 0 {
				p, fn := s.external(c.Fun, d.in)
				isContext = isContext || p == "context" || p == "os/signal" && fn == "NotifyContext"
			}
			if isContext && (d.pos < local.body.Pos() || local == in && at.sees(d.pos)) {
				return name
			}
		}
	}
	return ""
}

// returns returns the statement by which a function returns the error err, "" if it
// cannot.
func (s *source) returns(in *scope) string {
	n := in.typ.Results.NumFields()
	if n == 0 {
		return ""
	}
	var values []string
	for i := range n {
		e, name := in.result(i)
		value := s.zero(e, in.file)
		switch {
		case i == n-1:
			if nameOf(e) != "error" {
				return ""
			}
			value = "err"
		case value == "" && name != nil && name.Name != "_":
			value = name.Name
		case value == "":
			return ""
		}
		values = append(values, value)
	}
	return "return " + strings.Join(values, ", ")
}

// zero returns the zero value of a type, "" if it cannot be told.
func (s *source) zero(e ast.Expr, f *file) string {
	switch e := e.(type) {
	case *ast.StarExpr, *ast.ArrayType, *ast.MapType, *ast.FuncType, *ast.ChanType, *ast.InterfaceType:
		if array, ok := e.(*ast.ArrayType); ok && array.Len != nil {
			return ""
		}
		return "nil"
	}
	t := s.typeNamed(e, f)
	if t.path == "" {
		switch t.name {
		case "error", "any":
			return "nil"
		case "string":
			return `""`
		case "bool":
			return "false"
		case "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "byte", "rune", "float32", "float64":
			return "0"
		}
		return ""
	}
	if spec, _ := s.typeSpec(t); spec != nil {
		switch spec.Type.(type) {
		case *ast.StructType:
			return s.text(f, e) + "{}"
		case *ast.InterfaceType, *ast.FuncType, *ast.MapType:
			return "nil"
		}
	}
	if r := routerOf(t); r != nil && t.name != r.Types[0] || t.name == "Handler" && t.path == standardRouter().Import {
		return "nil"
	}
	return ""
}

// need is something that lines to add need in a function.
type need struct {
	decl  token.Pos // of its variable; not valid if the whole function has it
	ready token.Pos // where it gets its value; not valid if from the beginning
	what  string

	handle bool
}
