package project

import (
	"go/ast"
	"go/token"
)

// A loop goes through a table of routes.
type loop struct {
	name string // of the variable for a row
	body *ast.BlockStmt
	rows []row
}

// row is a row of a table in a loop.
type row struct {
	name string
	lit  *ast.CompositeLit
	typ  typ
	in   *scope
}

// loopsIn returns the loops of a file that go through a table that is a literal.
func (r *routing) loopsIn(f *file) []loop {
	if !f.mentions("range ") {
		return nil
	}
	var loops []loop
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		st, ok := n.(*ast.RangeStmt)
		if !ok || st.Tok != token.DEFINE {
			return true
		}
		if id, ok := st.Value.(*ast.Ident); ok && id.Name != "_" {
			l := loop{name: id.Name, body: st.Body}
			lit, in := r.table(st.X, r.scopeAt(f, st.Pos()))
			if lit == nil {
				return true
			}
			of := typ{}
			if array, ok := lit.Type.(*ast.ArrayType); ok {
				of = r.typeNamed(array.Elt, in.file)
			} else if spec, file := r.typeSpec(r.typeNamed(lit.Type, in.file)); spec != nil {
				if array, ok := spec.Type.(*ast.ArrayType); ok {
					of = r.typeNamed(array.Elt, file)
				}
			}
			for _, e := range lit.Elts {
				if lit, ok := literal(e); ok {
					l.rows = append(l.rows, row{id.Name, lit, of, in})
				}
			}
			loops = append(loops, l)
		}
		return true
	})
	return loops
}

// scopeAt returns the scope of a file that a position is in.
func (r *routing) scopeAt(f *file, pos token.Pos) *scope {
	found := f.top
	for _, fn := range f.funcs {
		if fn.body != nil && fn.body.Pos() <= pos && pos < fn.body.End() {
			found = fn
		}
	}
	for lit, s := range f.lits {
		if lit.Body.Pos() <= pos && pos < lit.Body.End() && (found.body == nil || found.body.Pos() < lit.Body.Pos()) {
			found = s
		}
	}
	return found
}

// table returns the literal of a table: the expression itself, what the only value of a
// variable is, or what a function returns.
func (r *routing) table(e ast.Expr, in *scope) (*ast.CompositeLit, *scope) {
	if lit, ok := literal(e); ok {
		return lit, in
	}
	switch e := e.(type) {
	case *ast.Ident:
		if defs := r.defs(e.Name, in); len(defs) == 1 && defs[0].value != nil && defs[0].index < 0 {
			if lit, ok := literal(defs[0].value); ok {
				return lit, defs[0].in
			}
		}
	case *ast.CallExpr:
		for _, f := range r.callee(e, in) {
			if len(f.returns) == 1 && len(f.returns[0].Results) == 1 {
				if lit, ok := literal(f.returns[0].Results[0]); ok {
					return lit, f
				}
			}
		}
	}
	return nil, nil
}

// inLoop calls do once or, for a call in a loop through a table, for each of its rows.
func (r *routing) inLoop(loops []loop, c call, do func()) {
	for _, l := range loops {
		if l.body.Pos() > c.expr.Pos() || c.expr.End() > l.body.End() {
			continue
		}
		parts := r.parts
		for i := range l.rows {
			r.rows, r.parts = l.rows[i:i+1], make(map[partKey][]part)
			do()
		}
		r.rows, r.parts = nil, parts
		return
	}
	do()
}

// inRow returns the expression in the current row of a table that a field of the variable
// for rows stands for, and where it is.
func (r *routing) inRow(e ast.Expr) (ast.Expr, *scope) {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return nil, nil
	}
	for _, row := range r.rows {
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == row.name {
			if value := r.element(row.lit, row.typ, sel.Sel.Name); value != nil {
				return value, row.in
			}
		}
	}
	return nil, nil
}

// inCallers calls do once or, for a call that names parameters of its function, for each
// call of that: a route has the arguments of one of them.
func (r *routing) inCallers(c call, do func()) {
	of := rootOf(c.in)
	uses := false
	for _, arg := range append([]ast.Expr{receiverOf(c.expr)}, c.expr.Args...) {
		for sum, ok := arg.(*ast.BinaryExpr); ok; sum, ok = arg.(*ast.BinaryExpr) {
			if uses = uses || isText(sum.Y, c.in); uses {
				break
			}
			arg = sum.X
		}
		uses = uses || isText(arg, c.in)
	}
	if !uses || of.decl == nil {
		do()
		return
	}
	parts := r.parts
	for _, caller := range r.callers(of) {
		r.caller, r.called, r.parts = &caller, of, make(map[partKey][]part)
		do()
	}
	r.caller, r.called, r.parts = nil, nil, parts
}

// isText reports whether an expression is a parameter that is a string.
func isText(e ast.Expr, in *scope) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	owner := in.holding(id.Name)
	return owner != nil && owner.vars[id.Name][0].param >= 0 && nameOf(owner.vars[id.Name][0].typ) == "string"
}

// argumentOf returns the argument of the current caller that a parameter stands for, and
// where it is; nil if the expression is not a parameter of its function, or the function
// calls itself.
func (r *routing) argumentOf(e ast.Expr, in *scope) (ast.Expr, *scope) {
	id, ok := e.(*ast.Ident)
	if r.caller == nil || !ok || in.holding(id.Name) != r.called || rootOf(r.caller.in) == r.called {
		return nil, nil
	}
	if defs := r.called.vars[id.Name]; len(defs) == 1 && defs[0].param >= 0 {
		return argument(r.caller.expr, r.called, defs[0].param), r.caller.in
	}
	return nil, nil
}
