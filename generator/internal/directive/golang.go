package directive

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/format"
	"go/token"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Go specializes the Go source of one template. ok is false if a directive excludes the
// whole file; the rest of the file is checked all the same. The error has every problem
// of the template, each as "name:line:col: message". Which problems are found does not
// depend on the answers.
//
// The result is formatted as gofumpt does, if the template is. Specializing the result
// again with the same options changes nothing, unless the options insert what they
// themselves replace.
func Go(name string, src []byte, o Options) (f File, ok bool, err error) {
	if err := o.check(); err != nil {
		return File{}, false, err
	}
	src, err = plainLines(name, src)
	if err != nil {
		return File{}, false, err
	}
	s, err := parseGo(name, src)
	if err != nil {
		return File{}, false, syntaxErrors(err)
	}
	t := &goTemplate{source: s, opts: o, valued: map[*ast.BasicLit]bool{}}
	t.locate()
	t.directives()
	t.checkImports()
	t.renameClause()
	t.placeholders()
	t.replaceExprs()
	t.renameWords()
	if err := t.problems.err(); err != nil {
		return File{}, false, err
	}
	if t.header.excluded {
		return File{}, false, nil
	}
	if start := s.offset(s.file.Package); t.edits.before(start) && !t.movesImports() {
		// No code changes, so none has to be cleaned up.
		head := bytes.TrimLeft(t.edits.apply(src[:start]), "\n")
		for gap := []byte("\n\n\n"); bytes.Contains(head, gap); {
			head = bytes.ReplaceAll(head, gap, gap[1:])
		}
		return t.header.file(name, append(head, src[start:]...)), true, nil
	}
	data, err := finish(name, t.edits.apply(src), o)
	if err != nil {
		return File{}, false, fmt.Errorf("internal error: %s: after its directives: %w", name, err)
	}
	return t.header.file(name, data), true, nil
}

// finish cleans up what cuts leave behind.
func finish(name string, src []byte, o Options) ([]byte, error) {
	// In formatted code, every declaration has its own lines.
	s, err := parseFormatted(name, src)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(*source) []byte{
		func(s *source) []byte { return tidyDecls(s, o) },
		tidyBlankLines,
	} {
		tidied := step(s)
		if bytes.Equal(tidied, s.src) {
			continue // as usual; this saves most of the work
		}
		if s, err = parseFormatted(name, tidied); err != nil {
			return nil, err
		}
	}
	return s.src, nil
}

func parseFormatted(name string, src []byte) (*source, error) {
	formatted, err := format.Source(src)
	if err != nil {
		return nil, err
	}
	return parseGo(name, formatted)
}

// goTemplate is a Go template whose directives are being carried out.
type goTemplate struct {
	*source
	opts     Options
	problems problems
	edits    edits
	header   header

	owners map[*ast.CommentGroup]ast.Node // what a doc comment outside of bodies documents
	fields map[*ast.CommentGroup]bool     // doc comments of struct fields, also in bodies
	bodies []span                         // outermost bodies of functions and composite literals, in order
	lits   []*ast.BasicLit
	paths  map[*ast.BasicLit]bool // literals that are import paths
	valued map[*ast.BasicLit]bool // literals that a value replaces
}

// span is what a pair of braces encloses.
type span struct{ open, close token.Pos }

// locate records where directives may stand and what they may be about.
func (t *goTemplate) locate() {
	t.owners = map[*ast.CommentGroup]ast.Node{}
	t.fields = map[*ast.CommentGroup]bool{}
	t.paths = map[*ast.BasicLit]bool{}
	own := func(doc *ast.CommentGroup, n ast.Node) {
		if doc != nil && t.body(n.Pos()) < 0 {
			t.owners[doc] = n
		}
	}
	body := func(open, close token.Pos) {
		if t.body(open) < 0 {
			t.bodies = append(t.bodies, span{open, close})
		}
	}
	ast.Inspect(t.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			own(n.Doc, n)
		case *ast.GenDecl:
			own(n.Doc, n)
		case *ast.ImportSpec:
			own(n.Doc, n)
			t.paths[n.Path] = true
		case *ast.ValueSpec:
			own(n.Doc, n)
		case *ast.TypeSpec:
			own(n.Doc, n)
		case *ast.StructType:
			for _, f := range n.Fields.List {
				own(f.Doc, f)
				if f.Doc != nil {
					t.fields[f.Doc] = true
				}
			}
		case *ast.InterfaceType:
			for _, f := range n.Methods.List {
				own(f.Doc, f)
			}
		case *ast.BlockStmt:
			body(n.Lbrace, n.Rbrace)
		case *ast.CompositeLit:
			body(n.Lbrace, n.Rbrace)
		case *ast.BasicLit:
			t.lits = append(t.lits, n)
		}
		return true
	})
}

// body returns the index of the body that p is in, or -1.
func (t *goTemplate) body(p token.Pos) int {
	for i, b := range t.bodies {
		if b.open < p && p < b.close {
			return i
		}
	}
	return -1
}

// directives finds and carries out every directive.
func (t *goTemplate) directives() {
	regions := make([][]mark, len(t.bodies))
	for _, g := range t.file.Comments {
		for i, c := range g.List {
			text, ok := strings.CutPrefix(c.Text, "//"+marker)
			if !ok {
				continue
			}
			verb, arg := split(text)
			pos := t.position(c.Pos())
			if err := checkVerb(verb, arg); err != nil {
				t.problems.add(pos, err)
				continue
			}
			if verb == "value" {
				t.value(c, arg)
				continue
			}
			if !t.firstOnLine(t.offset(c.Pos())) {
				t.problems.addf(pos, "%s must stand alone on its line", verb)
				continue
			}
			body := t.body(c.Pos())
			switch {
			case c.Pos() < t.file.Package && g == t.file.Doc:
				t.problems.addf(pos, "%s is part of the package doc: leave a blank line below it", verb)
			case c.Pos() < t.file.Package && verb != "end":
				if err := t.header.add(verb, arg, t.opts); err != nil {
					t.problems.add(pos, err)
				}
				t.cutLine(c)
			case isHeader(verb):
				t.problems.addf(pos, "%s belongs above the package clause", verb)
			case body >= 0:
				regions[body] = append(regions[body], mark{c, verb, arg, t.fields[g]})
			case verb == "end":
				t.problems.addf(pos, "end outside of a function body or a composite literal: only regions there have an end")
			case t.owners[g] == nil:
				t.problems.addf(pos, "if without anything to keep or remove: it belongs above the package clause, "+
					"at the end of a doc comment, or inside a function body or a composite literal")
			case i < len(g.List)-1:
				t.problems.addf(pos, "if must be the last line of its doc comment")
			default:
				t.declaration(g, arg)
			}
		}
	}
	brackets := t.brackets()
	for _, marks := range regions {
		t.regions(marks, brackets)
	}
	if t.header.conds > 0 {
		t.cutBuildLine()
	}
}

func (t *goTemplate) cutLine(c *ast.Comment) {
	i := t.offset(c.Pos())
	t.edits.cut(t.lineStart(i), t.lineEnd(i))
}

func (t *goTemplate) cutBuildLine() {
	for _, g := range t.file.Comments {
		for _, c := range g.List {
			if c.Pos() < t.file.Package && constraint.IsGoBuild(c.Text) {
				t.cutLine(c)
			}
		}
	}
}

// declaration carries out the if that is the last line of doc.
func (t *goTemplate) declaration(doc *ast.CommentGroup, expr string) {
	last := len(doc.List) - 1
	c := doc.List[last]
	pos := t.position(c.Pos())
	on, err := t.opts.eval(expr)
	if err != nil {
		t.problems.add(pos, err)
	}
	from, to, ok := t.lines(t.offset(doc.Pos()), t.offset(t.owners[doc].End()))
	if !ok {
		t.problems.addf(pos, "what follows if must have its own lines")
		return
	}
	if !on {
		t.edits.cut(from, to)
		return
	}
	t.cutLine(c)
	// gofmt puts an empty comment line between a doc and its directives.
	if last > 0 {
		if sep := doc.List[last-1]; sep.Text == "//" && t.firstOnLine(t.offset(sep.Pos())) {
			t.cutLine(sep)
		}
	}
}

// mark is one end of a region.
type mark struct {
	comment   *ast.Comment
	verb, arg string
	field     bool
}

// regions carries out the marks of one body.
func (t *goTemplate) regions(marks []mark, brackets []bracket) {
	var open []mark
	for _, m := range marks {
		pos := t.position(m.comment.Pos())
		if m.verb == "if" {
			if len(open) > 0 {
				t.problems.addf(pos, "if inside the region that begins on line %d: regions do not nest",
					t.line(open[0].comment.Pos()))
			}
			open = append(open, m)
			continue
		}
		if len(open) == 0 {
			t.problems.addf(pos, "end without if")
			continue
		}
		begin := open[len(open)-1]
		open = open[:len(open)-1]
		t.region(begin, m, brackets)
	}
	for _, m := range open {
		pos := t.position(m.comment.Pos())
		if m.field {
			t.problems.addf(pos, "if without end: inside a function body or a composite literal, an if in the doc comment of a field does not remove the field; "+
				"enclose the field, or declare the type outside")
			continue
		}
		t.problems.addf(pos, "if without end")
	}
}

func (t *goTemplate) region(begin, end mark, brackets []bracket) {
	pos := t.position(begin.comment.Pos())
	on, err := t.opts.eval(begin.arg)
	if err != nil {
		t.problems.add(pos, err)
	}
	from, to := t.offset(begin.comment.Pos()), t.offset(end.comment.Pos())
	if !balanced(brackets, from, to) {
		t.problems.addf(pos, "the region down to line %d cuts through brackets: it must close what it opens",
			t.line(end.comment.Pos()))
	}
	if on {
		t.cutLine(begin.comment)
		t.cutLine(end.comment)
		return
	}
	t.edits.cut(t.lineStart(from), t.lineEnd(to))
}

// bracket is an opening (+1) or closing (-1) bracket.
type bracket struct{ offset, step int }

func (t *goTemplate) brackets() []bracket {
	var list []bracket
	for _, k := range scan(t.src) {
		switch {
		case opens(k.tok):
			list = append(list, bracket{k.start, +1})
		case closes(k.tok):
			list = append(list, bracket{k.start, -1})
		}
	}
	return list
}

func balanced(list []bracket, from, to int) bool {
	depth := 0
	for _, b := range list {
		if b.offset < from || b.offset >= to {
			continue
		}
		if depth += b.step; depth < 0 {
			return false
		}
	}
	return depth == 0
}

// value replaces the only literal on the line that ends in the comment c.
func (t *goTemplate) value(c *ast.Comment, key string) {
	pos := t.position(c.Pos())
	v, err := t.opts.value(key)
	if err != nil {
		t.problems.add(pos, err)
		return
	}
	var found []*ast.BasicLit
	for _, lit := range t.lits {
		if t.line(lit.Pos()) <= pos.Line && pos.Line <= t.line(lit.End()-1) {
			found = append(found, lit)
		}
	}
	if len(found) != 1 {
		t.problems.addf(pos, "value %s: the line must hold exactly one literal, not %d", key, len(found))
		return
	}
	lit := found[0]
	start, end := t.offset(lit.Pos()), t.offset(lit.End())
	switch {
	case t.paths[lit]:
		t.problems.addf(pos, "value %s: an import path is not a value", key)
		return
	case lit.Kind == token.STRING:
		t.edits.Replace(start, end, quoteLike(lit.Value, v))
	case lit.Kind == token.INT:
		if !isInteger(v) {
			t.problems.addf(pos, "value %s: %q is not an integer", key, v)
			return
		}
		// The space keeps a sign separate from an operator before it.
		t.edits.Replace(start, end, " "+v)
	default:
		t.problems.addf(pos, "value %s: the literal must be a string or an integer", key)
		return
	}
	t.valued[lit] = true
	at := t.offset(c.Pos())
	for at > end && (t.src[at-1] == ' ' || t.src[at-1] == '\t') {
		at--
	}
	t.edits.cut(at, t.offset(c.End()))
}

// quoteLike returns s as a Go string literal, a raw one if lit is raw and s allows it.
func quoteLike(lit, s string) string {
	if lit[0] == '`' && strconv.CanBackquote(strings.ReplaceAll(s, "\n", "")) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

func isInteger(s string) bool {
	_, ok := new(big.Int).SetString(s, 0)
	return ok
}

// renameClause renames the package in its clause and in the package doc.
func (t *goTemplate) renameClause() {
	old := t.file.Name.Name
	renamed, ok := t.opts.Packages[old]
	if tested, external := strings.CutSuffix(old, "_test"); external && !ok {
		renamed, ok = t.opts.Packages[tested]
		renamed += "_test"
	}
	if !ok {
		return
	}
	t.edits.Replace(t.offset(t.file.Name.Pos()), t.offset(t.file.Name.End()), renamed)
	if t.file.Doc == nil {
		return
	}
	start := t.offset(t.file.Doc.Pos())
	doc := t.src[start:t.offset(t.file.Doc.End())]
	name := regexp.MustCompile(`^/[/*]\s*Package (` + regexp.QuoteMeta(old) + `)(?:\W|$)`)
	if m := name.FindSubmatchIndex(doc); m != nil {
		t.edits.Replace(start+m[2], start+m[3], renamed)
	}
}

// replaceExprs replaces expressions. It comes before renameWords: if both have an edit at
// the same place, the expression is replaced as a whole.
func (t *goTemplate) replaceExprs() {
	if len(t.opts.Exprs) == 0 {
		return
	}
	// Expressions are compared by their tokens, so line breaks do not matter.
	spelled := make(map[string]string)
	for old, text := range t.opts.Exprs {
		spelled[spell([]byte(old), scan([]byte(old)))] = text
	}
	tokens := scan(t.src)
	index := func(offset int) int {
		i, _ := slices.BinarySearchFunc(tokens, offset, func(l lexeme, offset int) int { return cmp.Compare(l.start, offset) })
		return i
	}
	ast.Inspect(t.file, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		start, end := t.offset(e.Pos()), t.offset(e.End())
		text, ok := spelled[spell(t.src, tokens[index(start):index(end)])]
		if ok {
			t.edits.Replace(start, end, text)
		}
		return !ok
	})
}

// renameWords replaces words in comments and strings. It comes after renameClause and
// value, whose edits have precedence at the same place.
func (t *goTemplate) renameWords() {
	w := newWords(t.opts.Words)
	if len(w.old) == 0 {
		return
	}
	for _, g := range t.file.Comments {
		for _, c := range g.List {
			if strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//"+marker) {
				continue
			}
			w.find(c.Text, 0, 0, func(start, end int, text string) {
				at := t.offset(c.Pos())
				t.edits.Replace(at+start, at+end, text)
			})
		}
	}
	for _, lit := range t.lits {
		if lit.Kind == token.STRING && !t.paths[lit] && !t.valued[lit] {
			w.literal(lit.Value, t.offset(lit.Pos()), &t.edits)
		}
	}
}
