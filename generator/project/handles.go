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

// A Handle is how a function of the application reaches its database.
type Handle struct {
	answers.Handle
	Expr   string   // Go expression for it; empty if no function that has the router has it
	Opened Evidence // where it is opened, if that is known

	// The following say why Expr is empty although the application opens a database.

	Apart  string // the driver or package that makes the connections, if emitted code cannot use them
	Hidden string // what keeps it, and what to do about that

	// Variable is the environment variable with the data source name, if it is known.
	Variable string
}

// wanted says which database a handle must be of, and which driver must make its
// connections.
type wanted struct {
	database, driver string
	onlyDatabase     bool // whether the application uses no other one
	onlyDriver       bool // whether it uses no other driver for that database, or none that is known
}

// refused returns the driver or the package of another kind that makes connections which
// emitted code for the wanted driver cannot use, "" if it can use them.
func (w wanted) refused(c connections) string {
	switch {
	case c.apart != "":
		return c.apart
	case len(c.drivers) > 0 && !slices.Contains(c.drivers, w.driver):
		return c.drivers[0]
	}
	return ""
}

// reach is an expression for a handle, and after which position a function has it.
type reach struct {
	expr   string
	handle *answers.Handle
	decl   token.Pos // of the variable; not valid if the whole function has it
	ready  token.Pos // where it gets its value
	depth  int       // of selectors
}

// connections are what is known of the connections of a handle.
type connections struct {
	database string   // "" if not known
	drivers  []string // that may make them, nil if not known
	apart    string   // package whose connections emitted code cannot use
}

// handlesAt returns the handles of the wanted database that a function has, those that
// are nearest first.
func (s *source) handlesAt(in *scope, want wanted) []reach {
	var found []reach
	for _, v := range s.visible(in) {
		found = append(found, s.reachable(v, in)...)
	}
	found = slices.DeleteFunc(found, func(r reach) bool { return !s.fits(r, in, want) })
	for i := range found {
		ready, ok := s.readyAt(found[i].expr, in)
		if !ok {
			found[i].handle = nil
		}
		found[i].ready = max(found[i].ready, ready)
	}
	found = slices.DeleteFunc(found, func(r reach) bool { return r.handle == nil })
	slices.SortStableFunc(found, func(a, b reach) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(handleRank(a.handle), handleRank(b.handle)))
	})
	return found
}

// handleRank orders handles as the registry does.
func handleRank(h *answers.Handle) int {
	return slices.IndexFunc(answers.Handles, func(o answers.Handle) bool { return o.Import == h.Import })
}

// variable is a variable that a function has.
type variable struct {
	expr  string
	typ   typ
	decl  token.Pos // not valid for parameters and variables of packages
	ready token.Pos
}

// visible returns the variables that a function has, those of packages last.
func (s *source) visible(in *scope) []variable {
	var found []variable
	for local := in; local != nil && local.typ != nil; local = local.outer {
		for _, name := range slices.Sorted(maps.Keys(local.vars)) {
			if in.holding(name) != local {
				continue
			}
			defs := local.vars[name]
			v := variable{expr: name, typ: s.typeOfDefs(defs, deepest)}
			if local.body != nil && defs[0].pos > local.body.Pos() {
				v.decl = defs[0].pos
				for _, d := range defs {
					v.ready = max(v.ready, d.pos)
				}
			}
			found = append(found, v)
		}
	}
	add := func(p *pkg, prefix string) {
		if p == nil {
			return
		}
		for _, f := range p.files {
			if !f.mentions("var ", "var(") || !s.parse(f) {
				continue
			}
			for _, name := range slices.Sorted(maps.Keys(f.top.vars)) {
				if (prefix == "" || token.IsExported(name)) && in.holding(name) == nil {
					found = append(found, variable{expr: prefix + name, typ: s.typeOfDefs(f.top.vars[name], deepest)})
				}
			}
		}
	}
	add(in.file.pkg, "")
	for _, imp := range in.file.imports {
		if imp.name != "_" && imp.name != "." && in.holding(imp.name) == nil {
			add(s.packages[imp.path], imp.name+".")
		}
	}
	return found
}

// reachable returns the handles that a variable is or has: in fields, and as results of
// methods without parameters.
func (s *source) reachable(v variable, in *scope) []reach {
	at := reach{expr: v.expr, decl: v.decl, ready: v.ready}
	return s.reachableFrom(at, v.typ, in, 3)
}

func (s *source) reachableFrom(at reach, t typ, in *scope, more int) []reach {
	if h := handleOf(t); h != nil {
		at.handle = h
		return []reach{at}
	}
	p := s.packages[t.path]
	if p == nil || more == 0 {
		return nil
	}
	var found []reach
	own := p == in.file.pkg
	at.depth++
	if st, f := s.structOf(t); st != nil {
		for _, fd := range st.Fields.List {
			for _, name := range fieldNames(fd) {
				if own || token.IsExported(name) {
					next := at
					next.expr += "." + name
					found = append(found, s.reachableFrom(next, s.typeNamed(fd.Type, f), in, more-1)...)
				}
			}
		}
	}
	for _, f := range s.parsedOf(p.files, t.name) {
		for _, m := range f.funcs {
			name := ""
			if m.decl != nil {
				name = m.decl.Name.Name
			}
			if m.receiver() != t.name || m.params() > 0 || m.typ.Results.NumFields() != 1 || !own && !token.IsExported(name) {
				continue
			}
			result, _ := m.result(0)
			if h := handleOf(s.typeNamed(result, f)); h != nil {
				next := at
				next.expr, next.handle = at.expr+"."+name+"()", h
				found = append(found, next)
			}
		}
	}
	return found
}

// fits reports whether a handle is of the wanted database and driver.
func (s *source) fits(r reach, in *scope, want wanted) bool {
	if r.handle.DB == "" {
		return false
	}
	e, err := parser.ParseExpr(r.expr)
	if err != nil {
		return false
	}
	database, driver := want.onlyDatabase, want.onlyDriver
	for _, made := range s.originsOf(e, in) {
		if made.handle == nil {
			continue
		}
		c := s.connectionsOf(made, deepest)
		if c.database != "" && c.database != want.database || want.refused(c) != "" {
			return false
		}
		database = database || c.database != ""
		driver = driver || len(c.drivers) > 0
	}
	return database && driver
}

// connectionsOf returns what is known of the connections of a database that is opened.
func (s *source) connectionsOf(made *site, depth int) connections {
	var c connections
	c.add(holding(knownDrivers, made.typ.path))
	call, ok := made.expr.(*ast.CallExpr)
	if !ok || depth == 0 {
		return c
	}
	for _, arg := range call.Args {
		if d := s.databaseNamed(arg, made.in); d != "" {
			c.database = cmp.Or(c.database, d)
			text, _ := s.constant(arg, made.in)
			for _, driver := range answers.DatabaseNamed(d).Drivers {
				if driver.Opens == text {
					c.drivers = append(c.drivers, driver.Name)
				}
			}
		}
		for _, from := range s.originsOf(arg, made.in) {
			if from.handle != nil && from.expr != made.expr {
				c.merge(s.connectionsOf(from, depth-1))
			}
		}
		s.wrappersIn(arg, made.in, depth, func(importPath string) { c.add(holding(knownDrivers, importPath)) })
	}
	return c
}

// wrappersIn calls found with the packages of other modules whose functions and types an
// expression uses, also through variables.
func (s *source) wrappersIn(e ast.Expr, in *scope, depth int, found func(importPath string)) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SelectorExpr:
			if p := s.imported(n, in); p != "" {
				found(p)
			}
		case *ast.Ident:
			for _, d := range s.defs(n.Name, in) {
				if d.value != nil && depth > 0 && d.in.typ != nil {
					s.wrappersIn(d.value, d.in, depth/2, found)
				}
			}
		}
		return true
	})
}

// add adds that a library makes the connections, or knows of what kind they are.
func (c *connections) add(l *library) {
	if l == nil {
		return
	}
	c.database = cmp.Or(c.database, l.database)
	switch {
	case l.apart:
		c.apart = l.path
	case l.driver != "":
		c.drivers = append(c.drivers, l.driver)
	}
}

// merge adds what is known of the connections that others are made of.
func (c *connections) merge(of connections) {
	c.database = cmp.Or(c.database, of.database)
	c.apart = cmp.Or(c.apart, of.apart)
	c.drivers = append(c.drivers, of.drivers...)
}

// readyAt returns the position after which an expression has a value in a function. The
// position is not valid if it always has one. The result is not ok if that cannot be told.
func (s *source) readyAt(expr string, in *scope) (token.Pos, bool) {
	e, err := parser.ParseExpr(strings.TrimSuffix(expr, "()"))
	if err != nil {
		return token.NoPos, false
	}
	var setters []*def
	switch e := e.(type) {
	case *ast.Ident:
		if in.holding(e.Name) != nil {
			return token.NoPos, true
		}
		setters = s.packageDefs(in.file.pkg, e.Name)
	case *ast.SelectorExpr:
		if importPath := s.imported(e, in); importPath != "" {
			setters = s.packageDefs(s.packages[importPath], e.Sel.Name)
			break
		}
		// A field has its value from the literal of its struct, unless the function sets it.
		for _, set := range in.file.sets {
			if rootOf(set.in) == rootOf(in) && s.text(in.file, set.to) == expr {
				return set.pos, true
			}
		}
		return s.setByCall(e, in), true
	}
	var functions []*scope
	for _, d := range setters {
		switch {
		case d.value == nil:
		case d.in.typ == nil, rootOf(d.in).decl != nil && rootOf(d.in).decl.Name.Name == "init":
			return token.NoPos, true
		case rootOf(d.in) == rootOf(in):
			return d.pos, true
		default:
			functions = append(functions, rootOf(d.in))
		}
	}
	return s.calledBefore(functions, in, in.body.End(), 3)
}

// setByCall returns where a function calls a method that sets a field, if it does.
func (s *source) setByCall(field *ast.SelectorExpr, in *scope) token.Pos {
	_, owner := s.field(s.typeOf(field.X, in), field.Sel.Name, deepest)
	if owner == (typ{}) {
		return token.NoPos
	}
	for _, f := range s.parsedOf(in.file.pkg.files, "."+field.Sel.Name) {
		for _, set := range f.sets {
			sel, ok := set.to.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != field.Sel.Name || rootOf(set.in).receiver() != owner.name {
				continue
			}
			if pos, ok := s.calledBefore([]*scope{rootOf(set.in)}, in, in.body.End(), 1); ok {
				return pos
			}
		}
	}
	return token.NoPos
}

// calledBefore returns where a function first calls one of others before a position,
// directly or through another function. If it does not, but its callers all do before
// they call it, the result is not valid but ok.
func (s *source) calledBefore(functions []*scope, in *scope, before token.Pos, depth int) (token.Pos, bool) {
	if depth == 0 || len(functions) == 0 {
		return token.NoPos, false
	}
	for _, c := range in.file.calls {
		if rootOf(c.in) != rootOf(in) || c.expr.Pos() >= before {
			continue
		}
		for _, callee := range s.callee(c.expr, c.in) {
			if slices.Contains(functions, callee) || s.calls(callee, functions) {
				return c.expr.Pos(), true
			}
		}
	}
	callers := s.callers(rootOf(in))
	for _, c := range callers {
		if _, ok := s.calledBefore(functions, c.in, c.expr.Pos(), depth-1); !ok {
			return token.NoPos, false
		}
	}
	return token.NoPos, len(callers) > 0
}

// calls reports whether a function calls one of others.
func (s *source) calls(f *scope, functions []*scope) bool {
	return slices.ContainsFunc(f.file.calls, func(c call) bool {
		return rootOf(c.in) == f && slices.ContainsFunc(s.callee(c.expr, c.in), func(callee *scope) bool { return slices.Contains(functions, callee) })
	})
}

// opened returns where the application opens the wanted database, and why other functions
// do not have it. It is not ok if the application does not open one.
func (s *source) opened(want wanted) (Handle, bool) {
	var made *site
	var h Handle
	var words []string
	for _, h := range answers.Handles {
		for _, open := range h.Opens {
			words = append(words, open+"(")
		}
	}
	for _, f := range s.mentioning(words...) {
		for _, c := range f.calls {
			m := s.made(c.expr, c.in)
			if m == nil || m.handle == nil {
				continue
			}
			known := s.connectionsOf(m, deepest)
			if known.database != want.database && (known.database != "" || !want.onlyDatabase) {
				continue
			}
			if why := s.hiddenBy(m); made == nil || h.Hidden == "" && why != "" {
				made = m
				h = Handle{Handle: *m.handle, Opened: s.evidenceOf(m), Apart: want.refused(known), Hidden: why}
			}
		}
	}
	if made != nil {
		if c, ok := made.expr.(*ast.CallExpr); ok {
			var names []string
			for _, arg := range c.Args {
				names = append(names, s.variableOf(arg, made.in, deepest))
			}
			h.Variable = only(names)
		}
	}
	return h, made != nil
}

// hiddenBy says what keeps a handle from other packages, and what to do about that: a
// field of a struct, or a variable of the package. It is empty if nothing does.
func (s *source) hiddenBy(made *site) string {
	holds := func(e ast.Expr, in *scope) bool {
		return slices.ContainsFunc(s.originsOf(e, in), func(from *site) bool { return from.expr == made.expr })
	}
	hidden := func(in, what, name, give string) string {
		if made.handle.Instead != "" {
			return made.handle.Instead
		}
		return fmt.Sprintf("%s keeps it in its %s %s; give it a %s that returns the *sql.DB", in, what, name, give)
	}
	for _, f := range s.parsedOf(made.in.file.pkg.files, "") {
		for _, v := range f.values {
			t := s.typeNamed(v.lit.Type, f)
			for _, e := range v.lit.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if ok && !token.IsExported(nameOf(kv.Key)) && s.packages[t.path] != nil && holds(kv.Value, v.in) {
					return hidden(t.name, "field", nameOf(kv.Key), "method")
				}
			}
		}
		for _, set := range f.sets {
			name := nameOf(set.to)
			if name == "_" || token.IsExported(name) || set.value == nil || set.index > 0 || !holds(set.value, set.in) {
				continue
			}
			if sel, ok := set.to.(*ast.SelectorExpr); ok {
				if t := s.typeOf(sel.X, set.in); s.packages[t.path] != nil {
					return hidden(t.name, "field", name, "method")
				}
			} else if f.pkgName != "main" {
				return hidden("package "+f.pkgName, "variable", name, "function")
			}
		}
	}
	return ""
}
