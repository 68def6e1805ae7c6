package project

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A Route is a route of the application.
type Route struct {
	Methods []string // nil for all
	Host    string   // "" for all, "?" if it is not known
	Path    string   // the whole path
	Pos     Position

	segments []segment
	// guessed is whether it may have another path, below Path, or another router.
	guessed bool
}

// String returns the route with its method and its path.
func (r Route) String() string {
	return strings.TrimSpace(strings.Join(r.Methods, "/") + " " + r.Host + r.Path)
}

// routing collects the routes of an application.
type routing struct {
	*source
	parts  map[partKey][]part
	rows   []row // the row of the loop that a call is in, if it is in one
	caller *call // of the function that a call is in, if its parameters matter
	called *scope
	added  []addition
	mounts []mounted
}

// addition is a call that adds a route to a part of a router. The site is nil if it is not
// known which router that is.
type addition struct {
	part
	pos token.Pos
}

// mounted is a router that a part of another passes requests on to.
type mounted struct {
	on    part   // with the path of the handler in its prefix
	made  *site  // the other router
	moves bool   // whether the other router takes paths as what is below that path
	strip string // what is removed from paths
}

// routing returns the routes that the application adds to its routers.
func (p *Project) routing() *routing {
	if p.routes == nil {
		p.routes = p.source.readRoutes()
	}
	return p.routes
}

func (s *source) readRoutes() *routing {
	r := &routing{source: s, parts: make(map[partKey][]part)}
	does := make(map[string]bool)
	var words []string
	for _, router := range answers.Routers {
		for _, a := range router.Adds {
			for name := range strings.FieldsSeq(a.Names) {
				if addsRoutes(a.Does) && !does[name] {
					does[name] = true
					words = append(words, "."+name+"(")
				}
			}
		}
	}
	for _, f := range s.app {
		if !f.importsHTTP() || !f.mentions(words...) || !s.parse(f) {
			continue
		}
		loops := r.loopsIn(f)
		outer := make(map[ast.Expr]*ast.CallExpr)
		for _, c := range f.calls {
			if x := receiverOf(c.expr); x != nil {
				outer[x] = c.expr
			}
		}
		for _, c := range f.calls {
			if sel, ok := c.expr.Fun.(*ast.SelectorExpr); ok && does[sel.Sel.Name] {
				r.inLoop(loops, c, func() {
					r.inCallers(c, func() { r.add(c, sel, outer) })
				})
			}
		}
	}
	return r
}

// addsRoutes reports whether what a method does adds routes.
func addsRoutes(does string) bool {
	return !strings.HasPrefix(does, "part") || strings.HasSuffix(does, " use")
}

// add adds the routes of a call.
func (r *routing) add(c call, sel *ast.SelectorExpr, outer map[ast.Expr]*ast.CallExpr) {
	var on []part
	if p := r.imported(sel, c.in); p != "" {
		router := standardRouter()
		if p != router.Import || !slices.Contains(router.Registers, sel.Sel.Name) {
			return
		}
		on = []part{{site: &site{router: router, typ: typ{router.Import, router.Types[0]}, text: router.Default, in: c.in, pos: c.expr.Pos()}}}
	} else if len(c.expr.Args) == 0 || !r.mayRoute(c) || r.method(r.typeOf(sel.X, c.in), sel.Sel.Name, deepest) != nil {
		return // the last are methods of the application, whose calls of a router count
	} else if on = r.partsOf(sel.X, c.in); on == nil {
		r.guess(c)
	}
	for _, p := range on {
		for _, route := range r.routesOf(p, c) {
			for x := outer[c.expr]; x != nil; x = outer[x] { // what the result is told
				if more, ok := r.extend(route, call{x, c.in}); ok {
					more.subtree = route.subtree
					route = more
				}
			}
			if route.subtree && !route.guessed && r.mount(route, c) {
				continue
			}
			r.added = append(r.added, addition{route, r.posOf(c)})
		}
	}
}

// guess adds the routes that a call would add to a router.
func (r *routing) guess(c call) {
	for _, arg := range c.expr.Args[:min(2, len(c.expr.Args))] {
		text, _ := r.constant(arg, c.in)
		if path := text[strings.IndexByte(text, ' ')+1:]; strings.HasPrefix(path, "/") {
			r.added = append(r.added, addition{part{prefix: path, subtree: strings.HasSuffix(path, "/"), guessed: true}, r.posOf(c)})
		}
	}
}

// posOf returns where a call adds a route: where its function is called, if that says which
// one, at the row of a table, or at the call.
func (r *routing) posOf(c call) token.Pos {
	switch {
	case r.caller != nil:
		return namePos(r.caller.expr.Fun)
	case len(r.rows) > 0:
		return r.rows[0].lit.Pos()
	}
	return namePos(c.expr.Fun)
}

// mayRoute reports whether the first arguments of a call can be those of a route. It saves
// following what cannot be a router.
func (r *routing) mayRoute(c call) bool {
	name := nameOf(c.expr.Fun)
	return slices.ContainsFunc(answers.Routers, func(router answers.Router) bool {
		does := router.Does(name)
		if len(does) == 0 {
			return false
		}
		if lit, ok := c.expr.Args[0].(*ast.BasicLit); ok && does[len(does)-1] != "here" {
			text, _ := r.constant(lit, c.in)
			return text == "" || strings.Contains(text, "/") || text == strings.ToUpper(text)
		}
		return true
	})
}

// routesOf returns the routes that a call adds to a part of a router, each as the part
// that it is. If its path is not known, there is a guess: everything below the part.
func (r *routing) routesOf(p part, c call) []part {
	router := p.site.router
	does := router.Does(nameOf(c.expr.Fun))
	args := c.expr.Args
	routes := []part{p}
	at := func(text string, subtree bool) {
		routes = append(routes, p.below(text, subtree))
	}
	for _, word := range does {
		switch word {
		case "part":
			if len(args) < 2 || !addsRoutes(strings.Join(does, " ")) {
				return nil
			}
			continue
		case "named":
			p.methods = []string{strings.ToUpper(nameOf(c.expr.Fun))}
			continue
		case "get":
			p.methods = []string{"GET"}
			continue
		case "here":
			return routes
		}
		if len(args) == 0 {
			return nil
		}
		if lit, ok := literal(args[0]); ok && word == "struct" {
			methods, ok := r.methods(r.element(lit, typ{}, "Method"), c.in)
			texts := r.strings(r.element(lit, typ{}, "Path"), c.in)
			if !ok || texts == nil {
				return []part{p.somewhere()}
			}
			p.methods, routes = methods, nil
			for _, text := range texts {
				at(text, isRest(text))
			}
			return routes
		}
		if word == "method" {
			methods, ok := r.methods(args[0], c.in)
			if !ok {
				return []part{p.somewhere()}
			}
			p.methods, args = methods, args[1:]
			continue
		}
		texts := r.strings(args[0], c.in)
		if texts == nil && word != "use" { // which may get a handler for all requests
			return []part{p.somewhere()}
		}
		routes = nil
		for _, text := range texts {
			switch word {
			case "pattern":
				method, rest, ok := strings.Cut(text, " ")
				if ok {
					p.methods, text = []string{method}, strings.TrimLeft(rest, " \t")
				}
				if host, _, ok := strings.Cut(text, "/"); ok && host != "" && router.Subtree {
					p.host, text = host, text[len(host):]
				}
				at(text, router.Subtree && strings.HasSuffix(text, "/") || isRest(text))
			case "path":
				at(text, does[0] == "part" || isRest(text))
			default:
				at(text, true)
			}
		}
		return routes
	}
	return nil
}

// isRest reports whether a path ends in a parameter for everything below.
func isRest(path string) bool {
	last := path[strings.LastIndexByte(path, '/')+1:]
	return strings.HasPrefix(last, "*") || strings.HasPrefix(last, "{") && strings.HasSuffix(last, "...}")
}

// mount adds the routers that a handler for everything below a path passes requests on
// to. It reports whether there are some.
func (r *routing) mount(on part, c call) bool {
	does := on.site.router.Does(nameOf(c.expr.Fun))
	some := false
	for _, arg := range c.expr.Args {
		if lit, ok := arg.(*ast.BasicLit); ok && lit != nil {
			continue
		}
		for _, made := range routersOf(r.originsOf(arg, c.in)) {
			if made.router == nil || sameVariable(made, on.site) {
				continue
			}
			some = true
			m := mounted{on: on, made: made, strip: r.stripped(arg, c.in)}
			last := does[len(does)-1]
			m.moves = (last == "mount" || last == "use") && made.router == on.site.router
			r.mounts = append(r.mounts, m)
		}
	}
	return some
}

// stripped returns what an expression for a handler removes from paths.
func (r *routing) stripped(e ast.Expr, in *scope) string {
	strip := ""
	ast.Inspect(e, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			if p, fn := r.external(c.Fun, in); p == standardRouter().Import && fn == "StripPrefix" && len(c.Args) == 2 {
				if text, ok := r.constant(c.Args[0], in); ok {
					strip = text
				}
			}
		}
		return true
	})
	return strip
}

// reached is how a router is reached: the paths that it gets lack a beginning, and only
// those within a path get there.
type reached struct {
	lacks, within string
	stripped      bool // whether http.StripPrefix removes that beginning, or a part of it
}

// reached returns how a router can be reached through a root.
func (r *routing) reached(made *site, of root, depth int) []reached {
	if slices.ContainsFunc(of.sites, func(s *site) bool { return sameVariable(s, made) }) {
		return []reached{{}}
	}
	var ways []reached
	for _, m := range r.mounts {
		if depth == 0 || !sameVariable(m.made, made) {
			continue
		}
		for _, way := range r.reached(m.on.site, of, depth-1) {
			at := joinPaths(way.lacks, literalOf(m.on.prefix))
			below := reached{way.lacks, at, way.stripped}
			switch {
			case m.moves:
				below.lacks = at
			case m.strip != "":
				below.lacks = way.lacks + strings.TrimSuffix(m.strip, "/")
				below.stripped = true
			}
			ways = append(ways, below)
		}
	}
	return ways
}

// literalOf returns the beginning of a path that has no parameter for the rest.
func literalOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 && isRest(path) {
		path = path[:i]
	}
	return strings.TrimSuffix(path, "/")
}

// routesOn returns the routes that can be reached through a root, in the order of the
// files.
func (r *routing) routesOn(of root) []Route {
	var routes []Route
	for _, a := range r.added {
		if a.site == nil {
			path := segmentsOf(a.prefix, a.subtree, of.sites[0].router)
			routes = append(routes, Route{Path: a.prefix, Pos: r.position(a.pos), segments: path, guessed: true})
			continue
		}
		for _, way := range r.reached(a.site, of, 4) {
			route := Route{Methods: a.methods, Host: a.host, Path: joinPaths(way.lacks, a.prefix), Pos: r.position(a.pos), guessed: a.guessed}
			if route.guessed {
				route.Path = cmp.Or(route.Path, "/")
			}
			if !strings.HasPrefix(route.Path, "/") || way.within != "" && route.Path != way.within && !strings.HasPrefix(route.Path, way.within+"/") {
				continue
			}
			route.segments = segmentsOf(route.Path, a.subtree, a.site.router)
			routes = append(routes, route)
		}
	}
	return routes
}
