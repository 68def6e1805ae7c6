package project

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// servers adds the servers of the application's routers that have no timeouts.
func (u *Usage) servers(roots []root) {
	s := u.source
	for _, r := range roots {
		for _, sv := range r.servers {
			f := sv.in.file
			made := r.sites[0].router
			serves := made != nil && sv.handler != nil && slices.Contains(made.Serves, nameOf(callAt(f, sv.pos)))
			switch {
			case sv.timeouts, !sv.sure && !serves:
				continue
			case serves && made.Timeouts != "" && slices.ContainsFunc(r.sites, func(m *site) bool { return m.in.file.mentions("ReadTimeout") }):
				continue
			case slices.ContainsFunc(f.sets, func(set assignment) bool {
				return slices.Contains([]string{"ReadHeaderTimeout", "ReadTimeout"}, nameOf(set.to))
			}):
				continue
			}
			e := f.at(s, sv.pos, ByServer, sv.text)
			if !slices.ContainsFunc(u.Servers, func(other Evidence) bool { return other.Pos == e.Pos }) {
				u.Servers = append(u.Servers, e)
			}
		}
	}
}

// callAt returns the function of the call at a position, nil if there is none.
func callAt(f *file, pos token.Pos) ast.Expr {
	for _, c := range f.calls {
		if c.expr.Pos() == pos {
			return c.expr.Fun
		}
	}
	return nil
}

// forwardingHeaders are the headers, in lower case, in which proxies name the client.
var forwardingHeaders = []string{"x-forwarded-for", "x-real-ip", "cf-connecting-ip", "true-client-ip", "fly-client-ip"}

// addresses adds what the application does with the addresses of clients.
func (u *Usage) addresses() {
	s := u.source
	for _, f := range s.app {
		lower := strings.ToLower(string(f.src))
		if !slices.ContainsFunc(forwardingHeaders, func(h string) bool { return strings.Contains(lower, `"`+h+`"`) }) || !s.parse(f) {
			continue
		}
		for _, lit := range f.texts {
			text, err := strconv.Unquote(lit.Value)
			if err == nil && slices.Contains(forwardingHeaders, strings.ToLower(text)) {
				u.Forwarded = append(u.Forwarded, f.at(s, lit.Pos(), ByName, text))
			}
		}
	}
	for _, rewriter := range answers.AddressRewriters {
		for _, f := range s.mentioning("." + rewriter.Name) {
			ast.Inspect(f.syntax, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == rewriter.Name && f.importOf(nameOf(sel.X)) == rewriter.Import {
					u.Rewriters = append(u.Rewriters, f.at(s, sel.Pos(), ByName, s.text(f, sel)))
				}
				return true
			})
		}
	}
}

// readWeb parses the package that is the developer's to edit.
func (u *Usage) readWeb(dir string, module fs.FS) {
	entries, err := fs.ReadDir(module, dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if path.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if src, err := fs.ReadFile(module, path.Join(dir, e.Name())); err == nil {
			if f, err := parser.ParseFile(token.NewFileSet(), e.Name(), src, parser.SkipObjectResolution); err == nil {
				u.web = append(u.web, f)
			}
		}
	}
}

// Hooks reports whether the developer has written a hook in the function Hooks of the
// package's application side.
func (u *Usage) Hooks() bool {
	found := false
	for _, f := range u.web {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Name.Name != "Hooks" || fn.Recv != nil || fn.Body == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if lit, ok := n.(*ast.CompositeLit); ok && len(lit.Elts) > 0 {
					found = true
				}
				return !found
			})
		}
	}
	return found
}

// Answers reports whether the application has a route for a path, or one for all paths
// that no other has, as front ends do.
func (u *Usage) Answers(want string) bool {
	s := u.source
	for _, f := range u.web {
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				found = found || err == nil && text == want
			}
			return !found
		})
		if found {
			return true
		}
	}
	for _, f := range s.app {
		if !f.mentions(`"`, "`") || !s.parse(f) {
			continue
		}
		for _, c := range f.calls {
			if u.adds(c, want) {
				return true
			}
		}
		for _, v := range f.values {
			if s.typeNamed(v.lit.Type, f) == (typ{u.own, "Config"}) {
				continue
			}
			for _, e := range v.lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if text, ok := s.constant(kv.Key, v.in); ok && matches(text, want) {
						return true // a map of handlers
					}
					e = kv.Value
				}
				if text, ok := s.constant(e, v.in); ok && matches(text, want) {
					return true
				}
			}
		}
	}
	return false
}

// adds reports whether a call adds a route that answers a path.
func (u *Usage) adds(c call, want string) bool {
	s := u.source
	name := nameOf(c.expr.Fun)
	switch {
	case slices.Contains([]string{"NoRoute", "NotFound", "NotFoundHandler", "RouteNotFound", "Fallback"}, name) && receiverOf(c.expr) != nil && len(c.expr.Args) > 0:
		return s.imported(c.expr.Fun.(*ast.SelectorExpr), c.in) == ""
	case strings.Contains(strings.ToLower(name), "redirect"), len(c.expr.Args) == 0:
		return false
	}
	if p, _ := s.external(c.expr.Fun, c.in); p != "" && holding(knownRouters, p) == nil && holding(otherRouters, p) == nil {
		return false // such as of package strings
	}
	for _, arg := range c.expr.Args[:min(2, len(c.expr.Args))] {
		text, ok := s.constant(arg, c.in)
		if !ok {
			continue
		}
		if matches(text, want) || name == "PathPrefix" && text == "/" || strings.HasPrefix(name, "Static") && text == "/" {
			return true
		}
		if (text == "/" || strings.HasSuffix(text, " /")) && len(c.expr.Args) > 1 && u.catchesAll(c, name) {
			return true
		}
	}
	return false
}

// catchesAll reports whether the pattern / of a route stands for all paths: it does for a
// ServeMux, and for what is mounted.
func (u *Usage) catchesAll(c call, name string) bool {
	s := u.source
	if name == "Mount" {
		return false // it has routes of its own
	}
	x, ok := c.expr.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains(standardRouter().Registers, name) {
		return false
	}
	if p := s.imported(x, c.in); p != "" {
		return p == standardRouter().Import
	}
	for _, made := range routersOf(s.originsOf(x.X, c.in)) {
		if made.router != nil && made.router.Standard() {
			// It does not if another router is behind it, which has routes of its own.
			return len(routersOf(s.originsOf(c.expr.Args[len(c.expr.Args)-1], c.in))) == 0
		}
	}
	return false
}

// matches reports whether the pattern of a route answers a path.
func matches(pattern, path string) bool {
	if i := strings.IndexByte(pattern, ' '); i >= 0 {
		pattern = strings.TrimSpace(pattern[i:]) // after the method
	}
	pattern = strings.TrimSuffix(pattern, "{$}")
	if pattern == path {
		return true
	}
	prefix, ok := strings.CutSuffix(pattern, "...}")
	if ok {
		prefix = prefix[:strings.LastIndexByte(prefix, '{')+1]
		prefix = strings.TrimSuffix(prefix, "{")
	} else if i := strings.IndexByte(pattern, '*'); i >= 0 {
		prefix, ok = pattern[:i], true
	}
	return ok && strings.HasPrefix(prefix, "/") && strings.HasPrefix(path, prefix)
}

// Other returns what is known of the database that a setting is given, if it is not the
// one of the answers or is opened by another driver.
func (u *Usage) Other(set Setting, a answers.Answers) (text string, opened Evidence, ok bool) {
	s := u.source
	for _, made := range s.originsOf(set.expr, set.in) {
		if made.handle == nil {
			continue
		}
		c := s.connectionsOf(made, deepest)
		switch {
		case c.database != "" && c.database != a.Database:
			return answers.DatabaseNamed(c.database).Title, s.evidenceOf(made), true
		case c.apart != "":
			return c.apart, s.evidenceOf(made), true
		case len(c.drivers) > 0 && !slices.Contains(c.drivers, a.Driver) && s.importsDriver(c.drivers[0]):
			return c.drivers[0], s.evidenceOf(made), true
		}
	}
	return "", Evidence{}, false
}

// importsDriver reports whether the application imports a driver.
func (s *source) importsDriver(name string) bool {
	return slices.ContainsFunc(s.app, func(f *file) bool {
		return slices.ContainsFunc(f.imports, func(imp imported) bool { return isBelow(imp.path, name) })
	})
}

// Imports returns where the application imports a package whose path contains a text.
func (u *Usage) Imports(text string) (Position, bool) {
	for _, f := range u.source.app {
		for _, imp := range f.imports {
			if strings.Contains(imp.path, text) {
				return u.source.position(imp.pos), true
			}
		}
	}
	return Position{}, false
}

// Mentions reports whether a file of the application mentions a text.
func (u *Usage) Mentions(text string) bool { return len(u.source.mentioning(text)) > 0 }
