package project

import (
	"go/ast"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A part is a router, or a part of one such as a group, with what the routes that are
// added to it have in common.
type part struct {
	site    *site    // that makes the router
	prefix  string   // of the paths
	methods []string // nil for all
	host    string
	subtree bool // whether a route there is for everything below
	guessed bool // whether its path is not known, except for the prefix
}

// below returns the part at a path.
func (p part) below(path string, subtree bool) part {
	if !p.guessed {
		p.prefix, p.subtree = joinPaths(p.prefix, path), subtree
	}
	return p
}

// somewhere returns the part at a path that is not known, which may be any below p.
func (p part) somewhere() part {
	p.subtree, p.guessed = true, true
	return p
}

// partNames are the names of methods that make a part of some router.
var partNames = func() map[string]bool {
	names := make(map[string]bool)
	for _, r := range answers.Routers {
		for _, a := range r.Adds {
			if strings.HasPrefix(a.Does, "part") {
				for name := range strings.FieldsSeq(a.Names) {
					names[name] = true
				}
			}
		}
	}
	return names
}()

// addPart adds a call that seems to make a part of a router, if parts are looked for. It
// reports whether it did.
func (o *origins) addPart(c *ast.CallExpr, in *scope) bool {
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !o.parts || !ok || !partNames[sel.Sel.Name] || o.imported(sel, in) != "" || o.callee(c, in) != nil {
		return false
	}
	o.add(&site{part: c, expr: c, in: in})
	return true
}

// passes returns the calls of methods that make a part of a router and are given a
// function of the application for it.
func (s *source) passes(f *scope) []call {
	name := f.decl.Name.Name
	var calls []call
	for _, file := range s.mentioning(name) {
		for _, c := range file.calls {
			if !partNames[nameOf(c.expr.Fun)] {
				continue
			}
			for _, arg := range c.expr.Args {
				if nameOf(arg) == name && slices.Contains(s.functionsOf(arg, c.in, -1, deepest), f) {
					calls = append(calls, c)
				}
			}
		}
	}
	return calls
}

// partsOf returns the parts of routers that an expression may stand for.
func (r *routing) partsOf(e ast.Expr, in *scope) []part {
	if arg, in := r.argumentOf(e, in); arg != nil {
		return r.partsOf(arg, in)
	}
	key := partKey{rootOf(in), r.text(in.file, e)}
	if id, ok := e.(*ast.Ident); ok {
		if owner := in.holding(id.Name); owner != nil {
			key.in = owner
		}
	}
	if found, ok := r.parts[key]; ok {
		return found
	}
	r.parts[key] = nil // meanwhile
	o := origins{source: r.source, seen: make(map[visit]bool), parts: true}
	o.follow(e, -1, in, nil)
	var found []part
	for _, made := range o.found {
		switch {
		case made.part != nil:
			for _, of := range r.partsOf(receiverOf(made.part), made.in) {
				if p, ok := r.extend(of, call{made.part, made.in}); ok {
					found = append(found, p)
				}
			}
		case made.router != nil:
			found = append(found, part{site: made})
		}
	}
	r.parts[key] = found
	return found
}

// partKey is an expression in a function.
type partKey struct {
	in   *scope
	text string
}

// extend returns what a method of a part makes, false if that is not a part.
func (r *routing) extend(p part, c call) (part, bool) {
	does := p.site.router.Does(nameOf(c.expr.Fun))
	if len(does) == 0 || does[0] != "part" {
		return p, false
	}
	if len(does) == 1 {
		p.subtree = false
		return p, true
	}
	if len(c.expr.Args) == 0 {
		return p, false
	}
	switch does[1] {
	case "path", "subtree":
		paths := r.strings(c.expr.Args[0], c.in)
		if len(paths) != 1 {
			return p.somewhere(), true
		}
		p = p.below(paths[0], does[1] == "subtree")
	case "method":
		for _, arg := range c.expr.Args {
			methods, ok := r.methods(arg, c.in)
			if !ok {
				return p.somewhere(), true
			}
			p.methods = append(slices.Clone(p.methods), methods...)
		}
	case "host":
		p.host, _ = r.constant(c.expr.Args[0], c.in)
		if p.host == "" {
			p.host = "?"
		}
	}
	return p, true
}

// joinPaths returns a path below a prefix.
func joinPaths(prefix, path string) string {
	if path == "" {
		return prefix
	}
	return strings.TrimSuffix(prefix, "/") + "/" + strings.TrimPrefix(path, "/")
}

// strings returns the texts that an expression may stand for: a constant, a sum of such,
// or a parameter, whose values are those of all calls. It is nil if one of them is not
// known.
func (r *routing) strings(e ast.Expr, in *scope) []string { return r.stringsWithin(e, in, 4) }

// mostStrings is how many texts an expression may stand for. Nobody has so many prefixes
// for one group of routes.
const mostStrings = 100

func (r *routing) stringsWithin(e ast.Expr, in *scope, depth int) []string {
	if value, of := r.inRow(e); value != nil {
		e, in = value, of
	}
	if arg, of := r.argumentOf(e, in); arg != nil {
		e, in = arg, of
	}
	if text, ok := r.constant(e, in); ok {
		return []string{text}
	}
	if method, ok := r.methodConstant(e, in); ok {
		return []string{method}
	}
	if depth == 0 {
		return nil
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.stringsWithin(e.X, in, depth)
	case *ast.BinaryExpr:
		var sums []string
		right := r.stringsWithin(e.Y, in, depth)
		for _, a := range r.stringsWithin(e.X, in, depth) {
			for _, b := range right {
				sums = append(sums, a+b)
			}
		}
		return sums
	case *ast.CallExpr:
		if p, fn := r.external(e.Fun, in); p != "path" || fn != "Join" {
			return nil
		}
		joined := []string{""}
		for _, arg := range e.Args {
			var longer []string
			for _, text := range r.stringsWithin(arg, in, depth) {
				for _, before := range joined {
					longer = append(longer, path.Join(before, text))
				}
			}
			joined = longer
		}
		return joined
	case *ast.Ident:
		owner := in.holding(e.Name)
		if owner == nil || len(owner.vars[e.Name]) != 1 {
			return nil
		}
		d := owner.vars[e.Name][0]
		if d.param < 0 || owner.decl == nil {
			if d.value != nil && d.index < 0 {
				return r.stringsWithin(d.value, d.in, depth-1)
			}
			return nil
		}
		var texts []string
		for _, c := range r.callers(owner) {
			arg := argument(c.expr, owner, d.param)
			if arg == nil {
				return nil
			}
			values := r.stringsWithin(arg, c.in, depth-1)
			if values == nil || len(texts)+len(values) > mostStrings {
				return nil
			}
			texts = append(texts, values...)
		}
		return texts
	}
	return nil
}

// methods returns the methods of HTTP that an argument stands for: a string, a constant
// such as http.MethodGet, or a list of those.
func (r *routing) methods(e ast.Expr, in *scope) ([]string, bool) {
	if value, of := r.inRow(e); value != nil {
		e, in = value, of
	}
	if arg, of := r.argumentOf(e, in); arg != nil {
		e, in = arg, of
	}
	if lit, ok := e.(*ast.CompositeLit); ok {
		var all []string
		for _, e := range lit.Elts {
			methods, ok := r.methods(e, in)
			if !ok {
				return nil, false
			}
			all = append(all, methods...)
		}
		return all, len(all) > 0
	}
	if text, ok := r.constant(e, in); ok {
		return []string{strings.ToUpper(text)}, true
	}
	if method, ok := r.methodConstant(e, in); ok {
		return []string{method}, true
	}
	return nil, false
}

// methodConstant returns the method of HTTP that a constant of another module, such as
// http.MethodGet, stands for.
func (r *routing) methodConstant(e ast.Expr, in *scope) (string, bool) {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	method := strings.ToUpper(strings.TrimPrefix(sel.Sel.Name, "Method"))
	known := slices.ContainsFunc(answers.Routers, func(router answers.Router) bool { return slices.Equal(router.Does(method), []string{"named", "path"}) })
	p := r.imported(sel, in)
	return method, known && p != "" && r.packages[p] == nil
}
