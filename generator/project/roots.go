package project

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A root is a router that is served, or that is not known to be a part of another.
type root struct {
	sites   []*site // several if a variable is given one of them
	servers []server
	below   bool // whether a ServeMux passes all requests on to it
}

// server is a place where a handler is given to a server.
type server struct {
	pos      token.Pos
	text     string   // "http.ListenAndServe"
	handler  ast.Expr // nil for http.DefaultServeMux
	in       *scope
	timeouts bool // whether the server's timeouts are set there
	sure     bool // whether it is a server of the standard library
	called   bool // whether it is a call, so that there is an argument for the handler
}

// servers returns the places where the application serves HTTP.
func (s *source) servers() []server {
	words := []string{"ListenAndServe", "Serve(", "ServeTLS(", "Server{", "Handler:", ".Handler =", "Run(", "Start(", "Listen("}
	serves := make(map[string]bool) // methods of routers
	for _, r := range answers.Routers {
		for _, m := range r.Serves {
			serves[m] = true
			words = append(words, "."+m+"(")
		}
	}
	if !slices.ContainsFunc(s.app, (*file).importsHTTP) {
		return nil
	}
	var list []server
	for _, f := range s.mentioning(words...) {
		for _, c := range f.calls {
			list = append(list, s.servedBy(c, serves)...)
		}
		for _, v := range f.values {
			list = append(list, s.servedWith(v)...)
		}
		for _, set := range f.sets {
			sel, ok := set.to.(*ast.SelectorExpr)
			if ok && sel.Sel.Name == "Handler" && s.packages[s.typeOf(sel.X, set.in).path] == nil && s.imported(sel, set.in) == "" {
				list = append(list, server{pos: set.pos, text: s.text(f, sel), handler: set.value, in: set.in})
			}
		}
	}
	return list
}

// importsHTTP reports whether a file imports a router of any kind.
func (f *file) importsHTTP() bool {
	return slices.ContainsFunc(f.imports, func(imp imported) bool {
		return holding(knownRouters, imp.path) != nil || holding(otherRouters, imp.path) != nil
	})
}

// servedBy returns what a call serves.
func (s *source) servedBy(c call, methods map[string]bool) []server {
	name := nameOf(c.expr.Fun)
	text := s.text(c.in.file, c.expr.Fun)
	if p, _ := s.external(c.expr.Fun, c.in); p == standardRouter().Import {
		at := map[string]int{"ListenAndServe": 1, "Serve": 1, "ListenAndServeTLS": 3, "ServeTLS": 1}
		if i, ok := at[name]; ok && i < len(c.expr.Args) {
			handler := c.expr.Args[i]
			if nameOf(handler) == "nil" {
				handler = nil
			}
			return []server{{pos: c.expr.Pos(), text: text, handler: handler, in: c.in, sure: true, called: true}}
		}
		return nil
	}
	var list []server
	if sel, ok := c.expr.Fun.(*ast.SelectorExpr); ok && methods[name] && s.imported(sel, c.in) == "" {
		if t := s.typeOf(sel.X, c.in); routerOf(t) != nil || t == (typ{}) {
			list = append(list, server{pos: c.expr.Pos(), text: text, handler: sel.X, in: c.in})
		}
	}
	serving := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	if slices.ContainsFunc([]string{"ListenAndServe", "Serve", "Run", "Start", "Listen"}, serving) && name != "ServeHTTP" && s.callee(c.expr, c.in) == nil {
		for _, arg := range c.expr.Args {
			list = append(list, server{pos: c.expr.Pos(), text: text, handler: arg, in: c.in})
		}
	}
	return list
}

// servedWith returns what the literal of a server of another module serves.
func (s *source) servedWith(v composite) []server {
	if _, ok := v.lit.Type.(*ast.SelectorExpr); !ok {
		return nil
	}
	t := s.typeNamed(v.lit.Type, v.in.file)
	if t.path == "" || s.packages[t.path] != nil {
		return nil
	}
	found := server{pos: v.lit.Pos(), text: nameOfPackage(v.lit.Type) + "." + t.name, in: v.in}
	found.sure = t.name == "Server" && t.path == standardRouter().Import
	handled := found.sure && !v.in.file.mentions(".Handler =") // which may come later
	for _, e := range v.lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch nameOf(kv.Key) {
		case "Handler":
			found.handler, handled = kv.Value, true
		case "ReadHeaderTimeout", "ReadTimeout":
			found.timeouts = true
		}
	}
	if !handled {
		return nil
	}
	return []server{found}
}

// standardRouter returns the router of the standard library.
func standardRouter() *answers.Router {
	return &answers.Routers[slices.IndexFunc(answers.Routers, answers.Router.Standard)]
}

// roots returns the routers that the application serves, without those that are mounted
// on another one or answer only requests for metrics and the like. If none is known to
// be served, it returns those that may be. It also returns where the application serves
// HTTP.
func (s *source) roots() (roots []root, servers []server) {
	unknown := false // whether something is served that comes from no router
	for _, sv := range s.servers() {
		routers := s.routersIn(sv)
		unknown = unknown || sv.sure && len(routers) == 0
		if sv.sure || len(routers) > 0 {
			servers = append(servers, sv)
		}
		for _, made := range routers {
			i := slices.IndexFunc(roots, func(r root) bool { return sameVariable(r.sites[0], made) })
			if i < 0 {
				i = len(roots)
				roots = append(roots, root{})
			}
			if !slices.ContainsFunc(roots[i].sites, func(old *site) bool { return old.expr == made.expr }) {
				roots[i].sites = append(roots[i].sites, made)
			}
			roots[i].servers = append(roots[i].servers, sv)
		}
	}
	roots = slices.DeleteFunc(s.descend(roots), func(r root) bool { return r.sites[0].expr == nil && s.internal(r) })
	if len(roots) == 0 {
		for _, made := range s.routersMade() {
			roots = append(roots, root{sites: []*site{made}})
		}
		if made := s.defaultRouter(); made != nil {
			roots = s.descend(append(roots, root{sites: []*site{made}}))
		}
	}
	for _, drop := range []func() func(root) bool{func() func(root) bool { return s.internal }, s.mountedOnAnother} {
		if len(roots) < 2 {
			break
		}
		if kept := slices.DeleteFunc(slices.Clone(roots), drop()); len(kept) > 0 {
			roots = kept
		}
	}
	if unknown {
		// Not the one beside it for metrics and the like.
		roots = slices.DeleteFunc(roots, func(r root) bool { return r.sites[0].router != nil && s.internal(r) })
	}
	return roots, servers
}

// routersIn returns the routers that are behind a server.
func (s *source) routersIn(sv server) []*site {
	if sv.handler == nil {
		r := standardRouter()
		return []*site{{router: r, typ: typ{r.Import, r.Types[0]}, text: r.Default, in: sv.in, pos: sv.pos}}
	}
	return routersOf(s.originsOf(sv.handler, sv.in))
}

// routersOf returns the routers among sites.
func routersOf(sites []*site) []*site {
	return slices.DeleteFunc(sites, func(made *site) bool { return made.router == nil && made.other == nil })
}

// sameVariable reports whether two sites make one router: the values of one variable, or
// the default router.
func sameVariable(a, b *site) bool {
	if a.expr == nil || b.expr == nil {
		return a.expr == b.expr && a.router == b.router
	}
	if a.expr == b.expr {
		return true
	}
	x, y := assignedTo(a), assignedTo(b)
	return x != nil && x == y
}

// assignedTo returns the first def of the local variable that a site is assigned to, nil
// if there is none.
func assignedTo(made *site) *def {
	for in := made.in; in != nil; in = in.outer {
		for _, defs := range in.vars {
			for _, d := range defs {
				if d.value != nil && core(d.value) == made.expr {
					return defs[0]
				}
			}
		}
	}
	return nil
}

// core returns the expression that makes a router in one that also configures it, or
// takes its address.
func core(e ast.Expr) ast.Expr {
	for {
		switch x := base(e).(type) {
		case *ast.UnaryExpr:
			e = x.X
			continue
		case *ast.CallExpr:
			sel, ok := x.Fun.(*ast.SelectorExpr)
			if ok && slices.ContainsFunc(answers.Routers, func(r answers.Router) bool { return slices.Contains(r.Same, sel.Sel.Name) }) {
				if _, ok := sel.X.(*ast.CallExpr); ok {
					e = sel.X
					continue
				}
			}
		}
		return base(e)
	}
}

// routersMade returns all routers that the application makes.
func (s *source) routersMade() []*site {
	var words []string
	for _, r := range answers.Routers {
		for _, c := range r.Constructors {
			words = append(words, r.Package+"."+c, c)
		}
	}
	var made []*site
	for _, f := range s.mentioning(words...) {
		for _, c := range f.calls {
			if m := s.made(c.expr, c.in); m != nil && m.router != nil {
				made = append(made, m)
			}
			for _, arg := range c.expr.Args { // for dependency injection
				if m := s.madeBy(arg, c.in); m != nil && m.router != nil {
					made = append(made, m)
				}
			}
		}
	}
	return made
}

// descend replaces a ServeMux with the router of another kind that it passes all
// requests on to, those for metrics and the like aside.
func (s *source) descend(roots []root) []root {
	for i, r := range roots {
		if r.sites[0].router == nil || !r.sites[0].router.Secondary {
			continue
		}
		var below []*site
		own := false
		for _, reg := range s.registrations(r.sites[0]) {
			sites := routersOf(s.originsOf(reg.handler, reg.in))
			switch {
			case reg.path == "/" && len(sites) > 0:
				below = append(below, sites...)
			case !reg.internal(s):
				own = true
			}
		}
		if len(below) == 1 && !own && below[0].router != nil {
			roots[i].sites, roots[i].below = below, true
		}
	}
	return roots
}

// registration is a call that adds a route to a router.
type registration struct {
	call
	path    string   // without a method
	handler ast.Expr // the last argument
}

// registrations returns the routes that are added to a router by its own methods, or by
// functions for the default one.
func (s *source) registrations(of *site) []registration {
	var words []string
	for _, name := range of.router.Registers {
		words = append(words, name+"(")
	}
	var list []registration
	for _, f := range s.mentioning(words...) {
		for _, c := range f.calls {
			name := nameOf(c.expr.Fun)
			if len(c.expr.Args) < 2 || !slices.Contains(of.router.Registers, name) {
				continue
			}
			sel, ok := c.expr.Fun.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			if p := s.imported(sel, c.in); p != "" {
				ok = of.expr == nil && p == of.router.Import
			} else {
				ok = slices.ContainsFunc(s.originsOf(sel.X, c.in), func(made *site) bool { return sameVariable(made, of) })
			}
			if ok {
				list = append(list, newRegistration(s, c))
			}
		}
	}
	return list
}

func newRegistration(s *source, c call) registration {
	reg := registration{call: c, handler: c.expr.Args[len(c.expr.Args)-1]}
	pattern, _ := s.constant(c.expr.Args[0], c.in)
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		reg.path = pattern[i:]
	}
	return reg
}

// internalPaths are the beginnings of paths that are for operators, and internalPackages
// the names of packages whose handlers are.
var (
	internalPaths    = []string{"/metrics", "/debug", "/health", "/live", "/ready", "/ping", "/status", "/version", "/_"}
	internalPackages = []string{"pprof", "promhttp", "expvar", "metrics", "prometheus", "health"}
)

// internal reports whether a route is for those who operate the application.
func (reg registration) internal(s *source) bool {
	path := strings.ToLower(reg.path)
	if slices.ContainsFunc(internalPaths, func(p string) bool {
		return strings.HasPrefix(path, p) || strings.HasPrefix(path, "/"+strings.TrimPrefix(p, "/")+"z")
	}) {
		return true
	}
	internal := false
	ast.Inspect(reg.handler, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if p := s.imported(sel, reg.in); p != "" && slices.Contains(internalPackages, nameOf(sel.X)) {
				internal = true
			}
		}
		return !internal
	})
	return internal
}

// internal reports whether a router has no routes but such as metrics and health checks.
func (s *source) internal(r root) bool {
	of := r.sites[0]
	if of.expr == nil {
		return !slices.ContainsFunc(s.registrations(of), func(reg registration) bool { return !reg.internal(s) })
	}
	var name string
	for v, defs := range of.in.vars {
		if slices.ContainsFunc(defs, func(d *def) bool { return d.value != nil && core(d.value) == of.expr }) {
			name = v
		}
	}
	if name == "" || of.router == nil {
		return false
	}
	some := false
	for _, c := range of.in.file.calls {
		if rootOf(c.in) != rootOf(of.in) {
			continue
		}
		sel, ok := c.expr.Fun.(*ast.SelectorExpr)
		switch {
		case ok && nameOf(sel.X) == name && len(c.expr.Args) >= 2:
			if !newRegistration(s, c).internal(s) {
				return false
			}
			some = true
		case slices.ContainsFunc(c.expr.Args, func(arg ast.Expr) bool { return nameOf(arg) == name }) && s.callee(c.expr, c.in) != nil:
			return false // a function that may add others
		}
	}
	return some
}

// mountedOnAnother returns whether a root is mounted on another router.
func (s *source) mountedOnAnother() func(root) bool {
	// Handle of middleware has no path, and returns a handler that wraps another.
	withPath := []string{"Mount", "Handle", "Any", "All"}
	mounting := append([]string{"Handler", "Use", "NotFound", "NotFoundHandler"}, withPath...)
	var words []string
	for _, m := range mounting {
		words = append(words, "."+m+"(")
	}
	var mounted []*site
	for _, f := range s.mentioning(words...) {
		for _, c := range f.calls {
			sel, ok := c.expr.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(mounting, sel.Sel.Name) || slices.Contains(withPath, sel.Sel.Name) && len(c.expr.Args) < 2 {
				continue
			}
			if sel.Sel.Name == "Handler" && !s.ofRouter(sel.X, c.in) {
				continue // middleware that wraps it
			}
			for _, arg := range c.expr.Args {
				for _, made := range routersOf(s.originsOf(arg, c.in)) {
					if !slices.ContainsFunc(s.originsOf(sel.X, c.in), func(on *site) bool { return sameVariable(on, made) }) {
						mounted = append(mounted, made)
					}
				}
			}
		}
	}
	return func(r root) bool {
		return !r.below && slices.ContainsFunc(mounted, func(made *site) bool { return sameVariable(made, r.sites[0]) })
	}
}

// ofRouter reports whether an expression is a router, or made from one by its methods.
func (s *source) ofRouter(e ast.Expr, in *scope) bool {
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

// defaultRouter returns the default router if the application adds routes to it that are
// not for metrics and the like, else nil.
func (s *source) defaultRouter() *site {
	r := standardRouter()
	made := &site{router: r, typ: typ{r.Import, r.Types[0]}, text: r.Default}
	for _, reg := range s.registrations(made) {
		if !reg.internal(s) {
			made.in, made.pos = reg.in, reg.expr.Pos()
			return made
		}
	}
	return nil
}

// pos returns where a router is made, or where the default one is used.
func (r root) pos() token.Pos {
	made := r.sites[len(r.sites)-1]
	if made.expr == nil {
		return made.pos
	}
	return made.expr.Pos()
}
