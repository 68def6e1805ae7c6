package directive

import (
	"errors"
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// NumberPlaceholders returns the source of a Go template with the placeholders in its
// constants numbered, if the header says sql. It changes nothing else.
func NumberPlaceholders(name string, src []byte) ([]byte, error) {
	s, err := parseGo(name, src)
	if err != nil {
		return nil, syntaxErrors(err)
	}
	t := &goTemplate{source: s, opts: Options{NumberPlaceholders: true}}
	for _, g := range s.file.Comments {
		for _, c := range g.List {
			t.header.sql = t.header.sql || c.Pos() < s.file.Package && c.Text == "//"+marker+"sql"
		}
	}
	t.placeholders()
	return t.edits.apply(src), t.problems.err()
}

// placeholders numbers the placeholders in the constants of a file whose header says
// sql, from 1 on in each constant.
func (t *goTemplate) placeholders() {
	if !t.header.sql {
		return
	}
	found := false
	for _, d := range t.file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			for _, value := range spec.(*ast.ValueSpec).Values {
				n := 0
				ast.Inspect(value, func(node ast.Node) bool {
					if lit, ok := node.(*ast.BasicLit); ok && lit.Kind == token.STRING && !t.valued[lit] {
						n = t.number(lit, n)
					}
					return true
				})
				found = found || n > 0
			}
		}
	}
	if !found {
		t.problems.add(t.position(t.file.Package), errors.New("sql on a file without a constant that has placeholders"))
	}
}

// number numbers the placeholders in a part of a constant, from n+1 on. It returns the
// last number.
func (t *goTemplate) number(lit *ast.BasicLit, n int) int {
	for i, c := range lit.Value {
		if c != '?' {
			continue
		}
		at := lit.Pos() + token.Pos(i)
		if strings.Count(lit.Value[:i], "'")%2 == 1 {
			t.problems.addf(t.position(at), "a question mark inside quotes is not a placeholder")
		}
		n++
		if t.opts.NumberPlaceholders {
			t.edits.Replace(t.offset(at), t.offset(at)+1, "$"+strconv.Itoa(n))
		}
	}
	return n
}
