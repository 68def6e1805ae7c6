package project

import (
	"go/ast"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// Usage is what the application does with a package that authgen wrote, as far as the
// syntax shows it. Tests and examples do not count.
type Usage struct {
	New       []Position     // calls of New
	Configs   []Config       // what New is given
	Registers []Registration // calls of Register
	Layers    []Layer        // uses of the middleware
	Migrates  []Position     // calls of Migrate
	Keys      []Setting      // what ParseKeys is given
	Waits     []Position     // calls of Wait
	Shutdowns []Position     // calls that shut a server down
	Servers   []Evidence     // servers of the router that have no timeouts
	Forwarded []Evidence     // what reads the headers that proxies set
	Rewriters []Evidence     // what lets any client choose its address
	Broken    []string       // files that have to do with the package and do not parse

	project *Project
	source  *source
	prefix  string         // of the package's routes
	tables  []Registration // calls of Routes
	web     []*ast.File    // the files that are the developer's to edit
	own     string         // import path of the package
}

// Registration is a call that adds the table of routes to a router.
type Registration struct {
	Pos Position
	// Below is the path below which the router is, if the paths of the table, which are
	// whole, do not fit there; otherwise it is empty.
	Below string
}

// Config is a literal of the package's Config.
type Config struct {
	Pos    Position
	Fields map[string]Setting
}

// Setting is an expression that a setting is given.
type Setting struct {
	Pos      Position
	Constant string // its value, if it is a constant
	IsString bool   // whether it is a constant
	Variable string // environment variable that it is read from, "" if that cannot be told
	Optional bool   // whether there is another value if the variable is not set

	expr ast.Expr
	in   *scope
}

// Layer is a use of the package's middleware.
type Layer struct {
	Pos    Position
	Text   string // "a.Middleware"
	Router string // answer for the router whose method Use gets it; empty if it wraps a handler
	Within string // what changes the path of requests only after it, such as http.StripPrefix

	// Late is where a route is added before, if that makes a difference. Panics is
	// whether the router then panics.
	Late   Position
	Panics bool
}

// Usage returns what the application does with the package that the answers describe.
// Call [Project.Survey] first.
func (p *Project) Usage(a answers.Answers, module fs.FS) Usage {
	s := p.source
	u := Usage{project: p, source: s, prefix: a.Prefix, own: path.Join(p.Module, a.Package)}
	for _, f := range s.app {
		if (f.importsPath(u.own) || f.importsPath(path.Join(u.own, a.WebName()))) && !s.parse(f) {
			u.Broken = append(u.Broken, f.name)
		}
	}
	for _, f := range s.mentioning(path.Base(u.own), a.PackageName, ".Register(", "Middleware") {
		u.calls(f, path.Join(u.own, a.WebName()))
		u.configs(f)
	}
	for _, f := range s.mentioning(".Wait(") {
		for _, c := range f.calls {
			if sel, ok := c.expr.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Wait" && u.isAuth(sel.X, c.in) {
				u.Waits = append(u.Waits, s.position(c.expr.Pos()))
			}
		}
	}
	for _, f := range s.mentioning(".Shutdown") {
		for _, c := range f.calls {
			x := receiverOf(c.expr)
			if strings.HasPrefix(nameOf(c.expr.Fun), "Shutdown") && x != nil && s.isServer(s.typeOf(x, c.in)) {
				u.Shutdowns = append(u.Shutdowns, s.position(c.expr.Pos()))
			}
		}
	}
	if u.Registers == nil {
		u.Registers = u.tables // by code whose types cannot be told
	}
	u.servers()
	u.addresses()
	u.readWeb(path.Join(a.Package, a.WebName()), module)
	return u
}

// isAuth reports whether an expression is an *Auth of the package.
func (u *Usage) isAuth(e ast.Expr, in *scope) bool {
	t := u.source.typeOf(e, in)
	return t == typ{u.own, "Auth"}
}

// mayBeAuth is isAuth, but true if the type cannot be told.
func (u *Usage) mayBeAuth(e ast.Expr, in *scope) bool {
	if sel, ok := e.(*ast.SelectorExpr); ok && u.source.imported(sel, in) != "" && u.source.packages[u.source.imported(sel, in)] == nil {
		return false
	}
	if id, ok := e.(*ast.Ident); ok && in.holding(id.Name) == nil && in.file.importOf(id.Name) != "" {
		return false // it is a package
	}
	t := u.source.typeOf(e, in)
	return t == typ{u.own, "Auth"} || t == typ{}
}

// calls adds the calls in a file that have to do with the package.
func (u *Usage) calls(f *file, web string) {
	s := u.source
	for _, c := range f.calls {
		pos := s.position(c.expr.Pos())
		p, name := s.external(c.expr.Fun, c.in)
		if p == web && name == "Routes" {
			u.tables = append(u.tables, Registration{Pos: pos})
		}
		if p == u.own {
			switch name {
			case "New":
				u.New = append(u.New, pos)
			case "Migrate":
				u.Migrates = append(u.Migrates, pos)
			case "ParseKeys":
				if len(c.expr.Args) == 1 {
					u.Keys = append(u.Keys, s.setting(c.expr.Args[0], c.in))
				}
			}
		}
		sel, ok := c.expr.Fun.(*ast.SelectorExpr)
		if ok && sel.Sel.Name == "Register" && len(c.expr.Args) == 2 && (u.isAuth(sel.X, c.in) || s.isCallOf(c.expr.Args[1], c.in, web, "Routes")) {
			u.Registers = append(u.Registers, Registration{pos, u.below(c.expr.Args[0], c.in)})
		}
		if ok && isMiddleware(sel) && u.mayBeAuth(sel.X, c.in) {
			layer := Layer{Pos: pos, Text: s.text(f, sel)}
			for _, arg := range c.expr.Args {
				layer.Within = s.pathChanger(arg, c.in)
			}
			u.Layers = append(u.Layers, layer)
		}
	}
	// It may also be passed on as a value.
	called := make(map[ast.Expr]bool)
	for _, c := range f.calls {
		called[c.expr.Fun] = true
		for _, arg := range c.expr.Args {
			if sel, ok := arg.(*ast.SelectorExpr); ok && isMiddleware(sel) && u.mayBeAuth(sel.X, c.in) {
				called[arg] = true
				u.passed(c, sel)
			}
		}
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && isMiddleware(sel) && !called[sel] && f.importOf(nameOf(sel.X)) == "" {
			u.Layers = append(u.Layers, Layer{Pos: s.position(sel.Pos()), Text: s.text(f, sel)})
		}
		return true
	})
}

// below returns the path for [Registration.Below] of a router.
func (u *Usage) below(router ast.Expr, in *scope) string {
	r := u.project.routing()
	for _, p := range r.partsOf(router, in) {
		if strings.Trim(p.prefix, "/") != "" {
			return strings.TrimSuffix(p.prefix, "/")
		}
		for _, root := range u.project.roots {
			for _, way := range r.reached(p.site, root, 4) {
				// A server behind a path may well strip it from what its routes get.
				if way.lacks != "" && (!way.stripped || isBelow(u.prefix, way.lacks)) {
					return way.lacks
				}
			}
		}
	}
	return ""
}

// isServer reports whether a type is a server, or a router that is one.
func (s *source) isServer(t typ) bool {
	return t == typ{standardRouter().Import, "Server"} || routerOf(t) != nil
}

// isMiddleware reports whether a selector names the middleware of the package.
func isMiddleware(sel *ast.SelectorExpr) bool {
	return sel.Sel.Name == "Middleware" || sel.Sel.Name == "SessionMiddleware"
}

// isCallOf reports whether an expression is a call of a function of another module.
func (s *source) isCallOf(e ast.Expr, in *scope, importPath, name string) bool {
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	p, fn := s.external(c.Fun, in)
	return p == importPath && fn == name
}

// pathChanger returns the function that changes the path of requests in what the
// middleware wraps, "" if there is none.
func (s *source) pathChanger(e ast.Expr, in *scope) string {
	found := ""
	ast.Inspect(e, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && found == "" {
			if p, name := s.external(c.Fun, in); p == standardRouter().Import && name == "StripPrefix" {
				found = s.text(in.file, c.Fun)
			}
		}
		return found == ""
	})
	return found
}

// passed adds that the middleware is passed to a function.
func (u *Usage) passed(c call, sel *ast.SelectorExpr) {
	s := u.source
	layer := Layer{Pos: s.position(sel.Pos()), Text: s.text(c.in.file, sel)}
	x := receiverOf(c.expr)
	if nameOf(c.expr.Fun) == "Use" && x != nil {
		made := routersOf(s.originsOf(x, c.in))
		r := routerOf(s.typeOf(x, c.in))
		if r == nil && len(made) > 0 {
			r = made[0].router
		}
		if r != nil {
			layer.Router, layer.Panics = r.Name, r.Late == answers.LatePanics
			if r.Late != "" {
				l := &late{u, r, made}
				if pos := l.addedBefore(c.in, x, c.expr.Pos(), 4); pos.IsValid() {
					layer.Late = s.position(pos)
				}
			}
		}
	}
	u.Layers = append(u.Layers, layer)
}

// late looks for routes that are added to a router before it gets the middleware.
type late struct {
	*Usage
	router *answers.Router
	sites  []*site // that make the router
}

// addedBefore returns where a route is added to the router before a position in a function:
// by the function itself, by one that it calls, or before it is called.
func (l *late) addedBefore(in *scope, router ast.Expr, before token.Pos, depth int) token.Pos {
	if depth == 0 || in == nil || in.typ == nil {
		return token.NoPos
	}
	s := l.source
	name, _, _ := strings.Cut(s.text(in.file, router), ".")
	owner := in.holding(name)
	same := func(e ast.Expr, at *scope) bool {
		return e != nil && s.text(in.file, e) == s.text(in.file, router) && at.holding(name) == owner
	}
	for _, c := range in.file.calls {
		if rootOf(c.in) != rootOf(in) || c.expr.Pos() >= before {
			continue
		}
		if x := receiverOf(c.expr); x != nil && l.adds(c) && (same(x, c.in) || l.isPart(x, c.in)) {
			return c.expr.Pos()
		}
		for i, arg := range c.expr.Args {
			if !same(arg, c.in) {
				continue
			}
			if nameOf(c.expr.Fun) == "Register" && l.router.Late == answers.LatePanics && s.own[s.typeOf(receiverOf(c.expr), c.in).path] {
				return c.expr.Pos()
			}
			for _, callee := range s.callee(c.expr, c.in) {
				param, _ := callee.param(i)
				if callee.body == nil || param == "" {
					continue
				}
				if pos := l.addedBefore(callee, ast.NewIdent(param), callee.body.End(), depth-1); pos.IsValid() {
					return pos
				}
			}
		}
	}
	if owner == nil || owner != rootOf(in) {
		return token.NoPos
	}
	if d := owner.vars[name][0]; d.param >= 0 {
		for _, c := range s.callers(owner) {
			if arg := argument(c.expr, owner, d.param); arg != nil {
				if pos := l.addedBefore(c.in, arg, c.expr.Pos(), depth-1); pos.IsValid() {
					return pos
				}
			}
		}
	}
	return token.NoPos
}

// adds reports whether a call, if it is of the router, adds what has to come after the
// middleware. Routes for operators and for files do only if Use would panic.
func (l *late) adds(c call) bool {
	name := nameOf(c.expr.Fun)
	does := strings.Join(l.router.Does(name), " ")
	switch {
	case does == "" || does == "use":
		return false
	case !addsRoutes(does), does == "part path use":
		return l.router.LateParts
	case len(c.expr.Args) < 2:
		return false
	}
	return l.router.Late == answers.LatePanics || !strings.HasPrefix(name, "Static") && !newRegistration(l.source, c).internal(l.source)
}

// isPart reports whether an expression is a part of the router.
func (l *late) isPart(e ast.Expr, in *scope) bool {
	return slices.ContainsFunc(l.project.routing().partsOf(e, in), func(p part) bool {
		return slices.ContainsFunc(l.sites, func(made *site) bool { return sameVariable(made, p.site) })
	})
}

// configs adds the literals of the package's Config in a file.
func (u *Usage) configs(f *file) {
	s := u.source
	for _, v := range f.values {
		t := s.typeNamed(v.lit.Type, f)
		if t != (typ{u.own, "Config"}) {
			continue
		}
		c := Config{Pos: s.position(v.lit.Pos()), Fields: make(map[string]Setting)}
		for _, e := range v.lit.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				c.Fields[nameOf(kv.Key)] = s.setting(kv.Value, v.in)
			}
		}
		for _, set := range f.sets {
			if sel, ok := set.to.(*ast.SelectorExpr); ok && set.value != nil && s.typeOf(sel.X, set.in) == t {
				c.Fields[sel.Sel.Name] = s.setting(set.value, set.in)
			}
		}
		u.Configs = append(u.Configs, c)
	}
}

// setting returns what an expression is.
func (s *source) setting(e ast.Expr, in *scope) Setting {
	set := Setting{Pos: s.position(e.Pos()), expr: e, in: in}
	set.Constant, set.IsString = s.constant(e, in)
	set.Variable, set.Optional = s.variableNamed(e, in, deepest)
	return set
}

// variableNamed returns the environment variable that an expression is read from, and
// whether there is another value without it. It is empty if that cannot be told. Unlike
// variableOf, it takes whatever gets the name of a variable for what reads it, and the
// value may be changed.
func (s *source) variableNamed(e ast.Expr, in *scope, depth int) (name string, optional bool) {
	if depth == 0 {
		return "", false
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return s.variableNamed(e.X, in, depth-1)
	case *ast.Ident:
		if defs := s.defs(e.Name, in); len(defs) == 1 && defs[0].value != nil && defs[0].index <= 0 {
			return s.variableNamed(defs[0].value, defs[0].in, depth-1)
		}
	case *ast.SelectorExpr:
		return s.tagged(e, in), false
	case *ast.CallExpr:
		for i, arg := range e.Args {
			if text, ok := s.constant(arg, in); ok && i == 0 && variableName.MatchString(text) {
				return text, len(e.Args) > 1
			}
			if name, _ := s.variableNamed(arg, in, depth-1); name != "" {
				return name, len(e.Args) > 1
			}
		}
	}
	return "", false
}
