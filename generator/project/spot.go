package project

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// spot is a place between two statements.
type spot struct {
	end    token.Pos // of the statement before it, or the beginning of the function
	after  string    // what that statement is about
	late   bool      // whether routes have been added before
	levels []level   // the lists of statements that it is in
}

// level is a list of statements, and the one before a position or around it; -1 if there
// is none.
type level struct {
	list []ast.Stmt
	at   int
}

// levelsOf returns the lists of statements in a function that a position is in, from the
// outermost on.
func levelsOf(body *ast.BlockStmt, pos token.Pos) []level {
	var levels []level
	list := body.List
	for list != nil {
		i := slices.IndexFunc(list, func(st ast.Stmt) bool { return st.Pos() <= pos && pos < st.End() })
		if i < 0 {
			break
		}
		levels = append(levels, level{list, i})
		list = within(list[i], pos)
	}
	return levels
}

// within returns the outermost list of statements in a statement that a position is in,
// nil if there is none. Functions in it are left alone.
func within(st ast.Stmt, pos token.Pos) []ast.Stmt {
	var list []ast.Stmt
	ast.Inspect(st, func(n ast.Node) bool {
		if n == nil || list != nil || pos < n.Pos() || n.End() <= pos {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			if n != st && contains(n.List, pos) {
				list = n.List
			}
		case *ast.CaseClause:
			if contains(n.Body, pos) {
				list = n.Body
			}
		case *ast.CommClause:
			if contains(n.Body, pos) {
				list = n.Body
			}
		}
		return list == nil
	})
	return list
}

func contains(list []ast.Stmt, pos token.Pos) bool {
	return len(list) > 0 && list[0].Pos() <= pos && pos < list[len(list)-1].End()
}

// sameList reports whether two lists of statements are the same one.
func sameList(a, b []ast.Stmt) bool { return len(a) > 0 && len(b) > 0 && a[0] == b[0] }

// sees reports whether a variable that is declared at a position can be used at the spot.
func (at spot) sees(decl token.Pos) bool {
	for _, l := range at.levels {
		for i, st := range l.list {
			if i <= l.at && st.Pos() <= decl && decl < st.End() {
				return declares(st)
			}
		}
	}
	return false
}

// free reports whether a variable may be declared at the spot although the list of
// statements may declare it later: one with := needs another variable that is new.
func (at spot) free(name string) bool {
	l := at.levels[len(at.levels)-1]
	declared := make(map[string]bool)
	for i, st := range l.list {
		switch st := st.(type) {
		case *ast.DeclStmt:
			for _, declares := range declaredBy(st) {
				if declares == name && i > l.at {
					return declared[name]
				}
				declared[declares] = true
			}
		case *ast.AssignStmt:
			if st.Tok != token.DEFINE {
				break
			}
			has, others := false, false
			for _, e := range st.Lhs {
				n := nameOf(e)
				has = has || n == name
				others = others || n != name && n != "_" && !declared[n]
			}
			if has && !others && i > l.at {
				return declared[name]
			}
			for _, e := range st.Lhs {
				declared[nameOf(e)] = true
			}
		}
	}
	return true
}

// declaredBy returns the names of the variables that a declaration declares.
func declaredBy(st *ast.DeclStmt) []string {
	var names []string
	if decl, ok := st.Decl.(*ast.GenDecl); ok {
		for _, spec := range decl.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, id := range v.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

// declares reports whether the statements after one have the variables that it declares.
func declares(st ast.Stmt) bool {
	switch st.(type) {
	case *ast.AssignStmt, *ast.DeclStmt:
		return true
	}
	return false
}

// spotAfter returns the first spot in the function of a place at which all is there that
// lines need, after what handles the errors of that, and after other middleware of the
// router. It is not ok if there is none.
func (s *source) spotAfter(p place, needs []need) (spot, bool) {
	body := p.in.body
	// The list is the innermost one that declares a variable.
	levels := []level{{body.List, -1}}
	for _, n := range needs {
		if n.decl.IsValid() && n.decl > body.Pos() && n.decl < body.End() {
			if l := levelsOf(body, n.decl); len(l) > len(levels) || len(l) == len(levels) && levels[len(levels)-1].at < 0 {
				levels = l
			}
		}
	}
	inner := &levels[len(levels)-1]
	inner.at = -1
	after := "the beginning of " + functionName(p.in)
	for _, n := range needs {
		for _, pos := range []token.Pos{n.decl, n.ready} {
			if !pos.IsValid() || pos <= body.Pos() || pos >= body.End() {
				continue
			}
			l, ok := meet(levelsOf(body, pos), levels, pos == n.decl)
			if !ok || l != nil && pos == n.decl && n.handle && !declares(l.list[l.at]) {
				return spot{}, false
			}
			if l != nil && l.at > inner.at {
				inner.at, after = l.at, n.what
			}
		}
	}
	list := inner.list
	for inner.at+1 < len(list) && inner.at >= 0 && handlesError(list[inner.at+1]) {
		inner.at++
	}
	// Other middleware, such as for logs, should come before that of the package.
	for i := inner.at + 1; i < len(list); i++ {
		if s.isUse(p.in.file, list[i], p.router) && !s.adds(p.in, p.router, list[i].Pos()) {
			inner.at, after = i, "the last "+p.router+".Use"
		}
	}
	found := spot{end: body.Lbrace, after: after, levels: levels, late: p.late}
	if inner.at >= 0 {
		if _, ok := list[inner.at].(*ast.ReturnStmt); ok {
			return spot{}, false
		}
		found.end = list[inner.at].End() - 1
	}
	found.late = p.late || s.adds(p.in, p.router, found.end)
	return found, true
}

// meet compares the lists that a position is in with those of a spot. It returns the level
// of the position in the innermost list of the spot, nil if the position is before that
// list. It is not ok if the position is after it or, for a declaration, in another list.
func meet(of, levels []level, declaration bool) (*level, bool) {
	for i, l := range levels {
		if i >= len(of) || !sameList(of[i].list, l.list) {
			return nil, !declaration && i > 0
		}
		last := i == len(levels)-1
		switch {
		case last && declaration && len(of) > i+1:
			return nil, false
		case last:
			return &of[i], true
		case of[i].at < l.at:
			return nil, !declaration || len(of) == i+1
		case of[i].at > l.at:
			return nil, false
		}
	}
	return nil, true
}

// functionName returns what a function is called.
func functionName(in *scope) string {
	switch {
	case in.decl != nil:
		return in.decl.Name.Name
	case rootOf(in).decl != nil:
		return "the function in " + rootOf(in).decl.Name.Name
	}
	return "the function"
}

// handlesError reports whether a statement deals with the outcome of the one before: it
// looks at an error, or defers something.
func handlesError(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.DeferStmt:
		return true
	case *ast.IfStmt:
		found := false
		ast.Inspect(st.Cond, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(strings.ToLower(id.Name), "err") {
				found = true
			}
			return !found
		})
		return found && st.Init == nil
	}
	return false
}

// isUse reports whether a statement gives middleware to a router.
func (s *source) isUse(f *file, st ast.Stmt, router string) bool {
	e, ok := st.(*ast.ExprStmt)
	if !ok {
		return false
	}
	c, ok := e.X.(*ast.CallExpr)
	return ok && nameOf(c.Fun) == "Use" && receiverOf(c) != nil && s.text(f, receiverOf(c)) == router
}
