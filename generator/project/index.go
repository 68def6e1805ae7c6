package project

import (
	"go/ast"
	"go/token"
)

// index is what a file has, by kind.
type index struct {
	top   *scope // variables of the package
	funcs []*scope
	lits  map[*ast.FuncLit]*scope
	types map[string]*ast.TypeSpec

	calls  []call
	values []composite
	sets   []assignment // of fields, and of variables of the package
	texts  []*ast.BasicLit
}

// A scope is a function, declared or literal, or the top of a file. Blocks are not
// scopes of their own: a name stands for one variable in a whole function, which is
// nearly always true.
type scope struct {
	file    *file
	outer   *scope        // of a literal
	decl    *ast.FuncDecl // of a declared function
	typ     *ast.FuncType // nil at the top of a file
	body    *ast.BlockStmt
	arg     *ast.CallExpr // call that the literal is an argument of
	vars    map[string][]*def
	returns []*ast.ReturnStmt
}

// A def declares a variable, or gives it a value.
type def struct {
	pos   token.Pos
	in    *scope   // of typ and value
	typ   ast.Expr // the declared type
	value ast.Expr // nil if there is none
	index int      // which of the results of value; -1 if it has one
	param int      // which parameter; -1 if it is not one
}

// call is a call of a function.
type call struct {
	expr *ast.CallExpr
	in   *scope
}

// composite is a composite literal.
type composite struct {
	lit  *ast.CompositeLit
	in   *scope
	name *ast.Ident // variable that it, or a pointer to it, is assigned to
}

// assignment is an assignment to something that is not local.
type assignment struct {
	to ast.Expr // a selector or an identifier
	def
}

// makeIndex fills in the index of a parsed file.
func (f *file) makeIndex() {
	f.top = &scope{file: f, vars: make(map[string][]*def)}
	f.lits = make(map[*ast.FuncLit]*scope)
	f.types = make(map[string]*ast.TypeSpec)
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					f.types[spec.Name.Name] = spec
				}
			}
			if d.Tok != token.IMPORT {
				f.walk(d, f.top)
			}
		case *ast.FuncDecl:
			s := f.newScope(d.Type, d.Body)
			s.decl = d
			if d.Recv != nil {
				s.declare(d.Recv, -1)
			}
			f.funcs = append(f.funcs, s)
			if d.Body != nil {
				f.walk(d.Body, s)
			}
		}
	}
}

// newScope returns the scope of a function, with its parameters and results.
func (f *file) newScope(typ *ast.FuncType, body *ast.BlockStmt) *scope {
	s := &scope{file: f, typ: typ, body: body, vars: make(map[string][]*def)}
	s.declare(typ.Params, 0)
	s.declare(typ.Results, -1)
	return s
}

// declare adds the variables in a list of fields. The first one is the parameter with
// the number, unless that is -1.
func (s *scope) declare(list *ast.FieldList, param int) {
	if list == nil {
		return
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			s.vars[name.Name] = append(s.vars[name.Name], &def{pos: name.Pos(), in: s, typ: field.Type, index: -1, param: param})
			if param >= 0 {
				param++
			}
		}
		if len(field.Names) == 0 && param >= 0 {
			param++
		}
	}
}

// holding returns the scope that has a local variable of that name, nil if there is none.
func (s *scope) holding(name string) *scope {
	for ; s != nil; s = s.outer {
		if _, ok := s.vars[name]; ok && s.typ != nil {
			return s
		}
	}
	return nil
}

// walk adds what is in a node of a function, or of a declaration at the top.
func (f *file) walk(n ast.Node, in *scope) {
	args := make(map[*ast.FuncLit]*ast.CallExpr)
	names := make(map[*ast.CompositeLit]*ast.Ident)
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			s := f.newScope(n.Type, n.Body)
			s.outer, s.arg = in, args[n]
			f.lits[n] = s
			f.walk(n.Body, s)
			return false
		case *ast.CallExpr:
			f.calls = append(f.calls, call{n, in})
			for _, arg := range n.Args {
				if lit, ok := arg.(*ast.FuncLit); ok {
					args[lit] = n
				}
			}
		case *ast.CompositeLit:
			f.values = append(f.values, composite{n, in, names[n]})
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				f.texts = append(f.texts, n)
			}
		case *ast.ReturnStmt:
			in.returns = append(in.returns, n)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE || n.Tok == token.ASSIGN {
				for i, to := range n.Lhs {
					f.assign(in, n.Tok == token.DEFINE, to, nil, n.Rhs, i, len(n.Lhs), names)
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				f.assign(in, true, name, n.Type, n.Values, i, len(n.Names), names)
			}
		}
		return true
	})
}

// assign records that one of several variables, fields or the like gets a value.
func (f *file) assign(in *scope, define bool, to, typ ast.Expr, values []ast.Expr, i, of int, names map[*ast.CompositeLit]*ast.Ident) {
	d := def{pos: to.Pos(), in: in, typ: typ, index: -1, param: -1}
	switch len(values) {
	case of:
		d.value = values[i]
	case 1:
		d.value, d.index = values[0], i
	}
	name, ok := to.(*ast.Ident)
	if ok && d.index < 0 {
		if lit, ok := literal(d.value); ok {
			names[lit] = name
		}
	}
	owner := in
	if !define && ok {
		owner = in.holding(name.Name)
	}
	switch {
	case ok && name.Name == "_":
	case ok && owner != nil:
		owner.vars[name.Name] = append(owner.vars[name.Name], &d)
	default:
		f.sets = append(f.sets, assignment{to, d})
	}
}

// literal returns the composite literal that an expression is, or points to.
func literal(e ast.Expr) (*ast.CompositeLit, bool) {
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = u.X
	}
	lit, ok := e.(*ast.CompositeLit)
	return lit, ok
}

// function returns the package's function of that name among those of the file.
func (f *file) function(name string) *scope {
	for _, s := range f.funcs {
		if s.decl.Recv == nil && s.decl.Name.Name == name {
			return s
		}
	}
	return nil
}

// method returns the method of a type among the functions of the file.
func (f *file) method(typeName, name string) *scope {
	for _, s := range f.funcs {
		if s.decl.Name.Name == name && s.receiver() == typeName {
			return s
		}
	}
	return nil
}

// receiver returns the name of the type that a method is of, "" for other functions.
func (s *scope) receiver() string {
	if s.decl == nil || s.decl.Recv == nil || len(s.decl.Recv.List) == 0 {
		return ""
	}
	if id, ok := base(s.decl.Recv.List[0].Type).(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// base returns a type without pointers, parentheses and type arguments.
func base(e ast.Expr) ast.Expr {
	for {
		switch t := e.(type) {
		case *ast.StarExpr:
			e = t.X
		case *ast.ParenExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.IndexListExpr:
			e = t.X
		default:
			return e
		}
	}
}

// param returns the name and the declaration of a parameter, nil if it has no name.
func (s *scope) param(i int) (string, *def) {
	for name, defs := range s.vars {
		if defs[0].param == i {
			return name, defs[0]
		}
	}
	return "", nil
}

// params returns how many parameters the function has.
func (s *scope) params() int { return s.typ.Params.NumFields() }

// result returns the type and the name of a result of the function, nil if it has fewer.
func (s *scope) result(i int) (ast.Expr, *ast.Ident) {
	if s.typ.Results == nil {
		return nil, nil
	}
	for _, field := range s.typ.Results.List {
		if len(field.Names) == 0 {
			if i == 0 {
				return field.Type, nil
			}
			i--
		}
		for _, name := range field.Names {
			if i == 0 {
				return field.Type, name
			}
			i--
		}
	}
	return nil, nil
}
