package merge

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A goFile is a Go file, split into parts in this order.
type goFile struct {
	top     part // the comments above the package clause
	clause  part // the package clause
	imports imports
	decls   []*decl
	tail    part // the comments after the last declaration

	// uses are the names before the dot of a selector that the file does not
	// declare: those of imported packages, and of variables in other files.
	uses map[string]bool
}

// A part is a run of whole lines.
type part struct {
	gap  int    // blank lines above it
	text string // without blank lines at either end; each line ends in a newline
}

// A decl is a top-level declaration with everything between it and the one before, so
// that it keeps its comments, and with the rest of its last line.
type decl struct {
	part
	title string   // for messages, such as "func (*Auth) handleLogIn"
	keys  []string // what it declares; several for a group, none for init and _

	// kind is the key without the declared name. Declarations without keys are alike
	// if their kinds are equal, and only declarations of one kind can be renamed
	// versions of each other.
	kind string

	core  string          // the text from the doc comment on
	uses  map[string]bool // as in goFile
	plain string          // see formatted
}

// splitGo returns the parts of a file, or nil if it does not parse or if its declarations
// are not on separate lines.
func splitGo(src []byte) *goFile {
	text := string(src)
	if strings.Contains(text, "\r") {
		return nil // go/ast is wrong about where comments end
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments)
	if err != nil {
		return nil
	}
	s := splitter{text: text, fset: fset, file: file, taken: 1, unresolved: map[*ast.Ident]bool{}}
	s.starts = []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			s.starts = append(s.starts, i+1)
		}
	}
	for _, id := range file.Unresolved {
		s.unresolved[id] = true
	}
	return s.split()
}

type splitter struct {
	text       string
	fset       *token.FileSet
	file       *ast.File
	starts     []int // offsets of lines
	unresolved map[*ast.Ident]bool

	taken int // the first line, counted from 1, that is in no part yet
}

func (s *splitter) line(p token.Pos) int { return s.fset.PositionFor(p, false).Line }

// lines returns the text of the lines from one to before another.
func (s *splitter) lines(from, to int) string { return s.text[s.starts[from-1]:s.starts[to-1]] }

// take returns the part that ends before line to. It leaves blank lines at the end for the
// next part.
func (s *splitter) take(to int) part {
	p := newPart(s.lines(s.taken, to))
	if p.text == "" {
		return part{}
	}
	s.taken += p.gap + strings.Count(p.text, "\n")
	return p
}

func newPart(text string) part {
	lines := strings.SplitAfter(text, "\n")
	blank := func(l string) bool { return strings.TrimSpace(l) == "" }
	gap := 0
	for len(lines) > 0 && blank(lines[0]) {
		if lines[0] != "" {
			gap++
		}
		lines = lines[1:]
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return part{gap, strings.Join(lines, "")}
}

// after returns the line after the one on which a node ends, and after comments that
// begin on that line.
func (s *splitter) after(end token.Pos) int {
	last := s.line(end)
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			if c.Pos() >= end && s.line(c.Pos()) == last {
				last = s.line(c.End())
			}
		}
	}
	return last + 1
}

func (s *splitter) split() *goFile {
	f := &goFile{uses: map[string]bool{}}
	clause := s.line(s.file.Package)
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text[2:], "line ") {
				return nil // positions are about another file
			}
			if c.Pos() < s.file.Package && s.line(c.Pos()) < clause && s.line(c.End()) == clause {
				return nil
			}
		}
	}
	f.top = s.take(clause)
	f.clause = s.take(s.after(s.file.Name.End()))

	decls := s.file.Decls
	n := 0
	for n < len(decls) && isImport(decls[n]) {
		n++
	}
	if !s.splitImports(f, decls[:n]) {
		return nil
	}
	seen := map[string]bool{}
	for _, node := range decls[n:] {
		if s.line(node.Pos()) < s.taken {
			return nil
		}
		d := newDecl(node)
		after := s.after(node.End())
		d.part = s.take(after)
		d.core = s.lines(s.line(docStart(node)), after)
		for _, key := range d.keys {
			if seen[key] {
				return nil
			}
			seen[key] = true
		}
		d.uses = s.usesOf(node)
		maps.Copy(f.uses, d.uses)
		f.decls = append(f.decls, d)
	}
	f.tail = s.take(len(s.starts))
	return f
}

// docStart returns where the doc comment of a declaration begins, or the declaration
// if it has none.
func docStart(node ast.Decl) token.Pos {
	var doc *ast.CommentGroup
	switch node := node.(type) {
	case *ast.FuncDecl:
		doc = node.Doc
	case *ast.GenDecl:
		doc = node.Doc
	}
	if doc != nil {
		return doc.Pos()
	}
	return node.Pos()
}

func isImport(d ast.Decl) bool {
	g, ok := d.(*ast.GenDecl)
	return ok && g.Tok == token.IMPORT
}

// splitImports splits the imports, and reports whether each has its own lines.
func (s *splitter) splitImports(f *goFile, decls []ast.Decl) bool {
	if len(decls) == 0 {
		return true
	}
	first := s.taken
	group, last := 0, 0
	next := s.taken // the first line that the next thing may stand on
	for _, node := range decls {
		d := node.(*ast.GenDecl)
		if s.line(d.Pos()) < next {
			return false
		}
		if d.Lparen.IsValid() {
			next = s.line(d.Lparen) + 1
		}
		group++
		for i, node := range d.Specs {
			spec := node.(*ast.ImportSpec)
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil || path == "C" || s.line(spec.Pos()) < next {
				return false
			}
			doc := spec.Doc
			if !d.Lparen.IsValid() {
				doc = d.Doc
			}
			from := s.line(spec.Pos())
			if doc != nil {
				from = s.line(doc.Pos())
			}
			if i > 0 && from > last+1 {
				group++
			}
			next = s.after(spec.End())
			last = next - 1
			one := importSpec{importKey: importKey{path: path}, group: group, from: from - first, to: next - first, single: !d.Lparen.IsValid()}
			if spec.Name != nil {
				one.name = spec.Name.Name
			}
			one.text = s.lines(from, next)
			f.imports.specs = append(f.imports.specs, one)
		}
		if d.Rparen.IsValid() && s.line(d.Rparen) < next {
			return false
		}
		next = s.after(d.End())
	}
	f.imports.part = s.take(next)
	for i := range f.imports.specs {
		spec := &f.imports.specs[i]
		spec.from -= f.imports.gap
		spec.to -= f.imports.gap
	}
	return true
}

func (s *splitter) usesOf(node ast.Node) map[string]bool {
	uses := map[string]bool{}
	ast.Inspect(node, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && s.unresolved[id] {
				uses[id.Name] = true
			}
		}
		return true
	})
	return uses
}

// newDecl returns a declaration without its text.
func newDecl(node ast.Decl) *decl {
	d := &decl{}
	switch node := node.(type) {
	case *ast.FuncDecl:
		d.kind = "func "
		d.title = "func " + node.Name.Name
		if node.Recv != nil {
			star, name := receiver(node.Recv)
			d.kind = "func (" + name + ") "
			d.title = "func (" + star + name + ") " + node.Name.Name
		}
		if name := node.Name.Name; name != "_" && (name != "init" || node.Recv != nil) {
			d.keys = []string{d.kind + name}
		}
	case *ast.GenDecl:
		d.kind = node.Tok.String() + " "
		var names []string
		for _, spec := range node.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					names = append(names, id.Name)
				}
			}
		}
		for _, name := range names {
			if name != "_" {
				d.keys = append(d.keys, d.kind+name)
			}
		}
		switch {
		case len(names) == 0:
			d.title = d.kind + "()"
		case len(names) == 1:
			d.title = d.kind + names[0]
		case len(names) <= 3:
			d.title = d.kind + "(" + strings.Join(names, ", ") + ")"
		default:
			d.title = d.kind + "(" + strings.Join(names[:3], ", ") + ", …)"
		}
	}
	if len(d.keys) == 0 {
		d.kind = d.title
	}
	return d
}

// receiver returns the name of a receiver's type, and "*" if the receiver is a pointer.
func receiver(recv *ast.FieldList) (star, name string) {
	if len(recv.List) == 0 {
		return "", ""
	}
	t := recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.ParenExpr:
			t = x.X
		case *ast.StarExpr:
			t, star = x.X, "*"
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return star, x.Name
		default:
			return star, ""
		}
	}
}

// name returns the name that the first key declares.
func (d *decl) name() string { return strings.TrimPrefix(d.keys[0], d.kind) }

// formatted returns the formatted text, or the text itself if it cannot be formatted.
func (d *decl) formatted() string {
	if d.plain == "" {
		d.plain = formatDecl(d.text)
	}
	return d.plain
}

func formatDecl(text string) string {
	out, err := format.Source([]byte("package p\n\n" + text))
	if err != nil {
		return text
	}
	return strings.TrimPrefix(string(out), "package p\n\n")
}

// Declares returns what the top-level declarations of a Go file declare, in order:
// "func Name", "func (T) Name" for a method of T or *T, "type T", "var v", "const c".
// Repeated declarations of init and _ are numbered from the second on: "func init 2". It
// returns nil if src does not parse.
func Declares(src []byte) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	var keys []string
	nth := map[string]int{}
	for _, node := range file.Decls {
		if isImport(node) {
			continue
		}
		d := newDecl(node)
		if len(d.keys) > 0 {
			keys = append(keys, d.keys...)
			continue
		}
		key := d.kind
		nth[key]++
		if n := nth[key]; n > 1 {
			key += fmt.Sprintf(" %d", n)
		}
		keys = append(keys, key)
	}
	return keys
}

// redeclared reports whether two of the keys declare the same name. That is an error even
// if one is a type and the other a function.
func redeclared(keys []string) bool {
	var names []string
	for _, key := range keys {
		kind, name, _ := strings.Cut(key, " ")
		if kind == "func" && strings.HasPrefix(name, "(") {
			name = key
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return len(slices.Compact(slices.Clone(names))) < len(names)
}
