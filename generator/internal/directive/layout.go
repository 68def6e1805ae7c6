package directive

import (
	"bytes"
	"go/ast"
	"go/token"
	"regexp"
	"strings"
)

// tidyBlankLines removes blank lines that cuts leave: repeated ones, and those at the
// start and end of brackets and cases. It adds one where a cut brought declarations
// together that gofumpt would join or separate. It changes only white space between
// tokens, never strings and comments.
func tidyBlankLines(s *source) []byte {
	var e edits
	colons, limits := s.landmarks()
	s.partDecls(&e)

	end := 0
	tight := false // whether the previous line ends in a bracket or the colon of a case
	for _, k := range scan(s.src) {
		gap := s.src[end:k.start]
		limit := 2
		if tight || closes(k.tok) {
			limit = 1
		}
		if n, ok := limits[k.start]; ok {
			limit = n
		}
		if bytes.Count(gap, []byte("\n")) > limit {
			e.Replace(end, k.start, strings.Repeat("\n", limit))
		}
		switch {
		case opens(k.tok) || colons[k.start]:
			tight = true
		case k.tok == token.COMMENT && tight && !bytes.Contains(gap, []byte("\n")):
			// A comment after a bracket does not change how the line ends.
		default:
			tight = false
		}
		end = k.end
	}
	return e.apply(s.src)
}

// landmarks returns the offsets of the colons of cases, and how many newlines gofumpt
// allows before some other offsets: none before the end of an empty list of fields, and
// one before an if that checks the error of the previous statement.
func (s *source) landmarks() (colons map[int]bool, limits map[int]int) {
	colons, limits = map[int]bool{}, map[int]int{}
	stmts := func(list []ast.Stmt) {
		for i, stmt := range list {
			if i > 0 && assignsErr(list[i-1]) && checksErr(stmt) {
				limits[s.offset(stmt.Pos())] = 1
			}
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			stmts(n.List)
		case *ast.CaseClause:
			colons[s.offset(n.Colon)] = true
			stmts(n.Body)
		case *ast.CommClause:
			colons[s.offset(n.Colon)] = true
			stmts(n.Body)
		case *ast.FieldList:
			if n.Opening.IsValid() && len(bytes.TrimSpace(s.src[s.offset(n.Opening)+1:s.offset(n.Closing)])) == 0 {
				limits[s.offset(n.Closing)] = 0
			}
		}
		return true
	})
	return colons, limits
}

func assignsErr(stmt ast.Stmt) bool {
	a, ok := stmt.(*ast.AssignStmt)
	return ok && (a.Tok == token.DEFINE || a.Tok == token.ASSIGN) && isName(a.Lhs[len(a.Lhs)-1], "err")
}

func checksErr(stmt ast.Stmt) bool {
	i, ok := stmt.(*ast.IfStmt)
	if !ok || i.Init != nil || i.Else != nil {
		return false
	}
	b, ok := i.Cond.(*ast.BinaryExpr)
	return ok && b.Op == token.NEQ && isName(b.X, "err") && isName(b.Y, "nil")
}

func isName(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

var toolComment = regexp.MustCompile(`^//\S+:\S`)

// partDecls adds a blank line between adjacent top-level declarations that gofumpt would
// join into a group, and between those that both have several lines.
func (s *source) partDecls(e *edits) {
	for i := 1; i < len(s.file.Decls); i++ {
		prev, next := s.file.Decls[i-1], s.file.Decls[i]
		start := docStart(declDoc(next), next)
		between := s.src[s.offset(prev.End()):s.offset(start)]
		if bytes.Count(between, []byte("\n")) != 1 {
			continue
		}
		if joins(prev, next) || s.multiLine(prev) && s.multiLine(next) {
			at := s.lineStart(s.offset(start))
			e.Replace(at, at, "\n")
		}
	}
}

func (s *source) multiLine(d ast.Decl) bool {
	return s.line(docStart(declDoc(d), d)) < s.line(d.End()-1)
}

// joins reports whether gofumpt would put next into one group with prev.
func joins(prev, next ast.Decl) bool {
	a, ok := prev.(*ast.GenDecl)
	if !ok {
		return false
	}
	b, ok := next.(*ast.GenDecl)
	if !ok || a.Tok != b.Tok || b.Lparen.IsValid() {
		return false
	}
	if b.Doc != nil {
		for _, c := range b.Doc.List {
			if toolComment.MatchString(c.Text) {
				return false
			}
		}
	}
	return true
}

func declDoc(d ast.Decl) *ast.CommentGroup {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc
	case *ast.GenDecl:
		return d.Doc
	}
	return nil
}
