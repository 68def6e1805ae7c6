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
func (u *Usage) servers() {
	s := u.source
	for _, r := range u.project.roots {
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

// Unanswered is [Project.Unanswered], but false if the developer has added the path to the
// table of routes.
func (u *Usage) Unanswered(path string) bool {
	for _, f := range u.web {
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				found = found || err == nil && text == path
			}
			return !found
		})
		if found {
			return false
		}
	}
	return u.project.Unanswered(path)
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
