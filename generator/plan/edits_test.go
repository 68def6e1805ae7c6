package plan_test

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A sourceEdit changes a Go file at a place that r chooses, and returns a description of
// the change. It does nothing, and ok is false, if the file does not parse or has no such
// place.
//
// The lines that it writes contain marks, for which [misplaced] searches, except for
// closing braces, blank lines and imports. The result parses.
type sourceEdit func(r *rand.Rand, src []byte) (edited []byte, name string, ok bool)

// developerEdits are the edits that developers make to their files. After deleteFunction
// and deleteLine, code may not compile; after renamePackage, it compiles only if the whole
// package is renamed. toCRLF must be the last of several edits.
var developerEdits = []sourceEdit{
	sortFunctions, moveFunction, reindent, renamePackage, deleteFunction, deleteLine, toCRLF,
	mine.addFunction, mine.logEverywhere, mine.changeLine, mine.duplicateComment, mine.document,
	mine.checkParameter, mine.renameVariable,
}

// templateEdits are the edits that a new version makes to a file. Code that compiles still
// compiles after them, except that deleteFunction may leave calls.
var templateEdits = []sourceEdit{
	theirs.changeLine, theirs.insertFunction, deleteFunction, swapFunctions, theirs.changeComment, theirs.useImport,
}

// author is the author of an edit. The marks of the edit start with it.
type author string

const (
	mine   author = "mine"
	theirs author = "theirs"
)

// mark returns a new mark, which is an identifier.
func (by author) mark(r *rand.Rand) string {
	return fmt.Sprintf("%s%08x", by, r.Uint32())
}

var marks = regexp.MustCompile(`(?:mine|theirs)[0-9a-f]{8}`)

// misplaced returns the marks and imports that an edit of src added and that a merge does
// not have exactly as often.
func misplaced(src, edited, merged []byte) []string {
	count := func(text []byte) map[string]int {
		n := make(map[string]int)
		for _, mark := range marks.FindAll(text, -1) {
			n[string(mark)]++
		}
		for _, line := range importLine.FindAll(text, -1) {
			n[strings.TrimPrefix(strings.TrimSpace(string(line)), "import ")] = 1
		}
		return n
	}
	before, after, now := count(src), count(edited), count(merged)
	var problems []string
	for _, what := range slices.Sorted(maps.Keys(after)) {
		if after[what] > before[what] && now[what] != after[what] {
			problems = append(problems, fmt.Sprintf("%s occurs %d times, not %d", what, now[what], after[what]))
		}
	}
	return problems
}

var importLine = regexp.MustCompile(`(?m)^(?:import |\t| {4})"[a-z0-9/]+"\r?$`)

// goSource is a parsed file to edit.
type goSource struct {
	text []byte
	file *token.File
	ast  *ast.File
}

func parseSource(src []byte) (*goSource, bool) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, false
	}
	return &goSource{src, fset.File(f.FileStart), f}, true
}

// span is the part of a text from start to end.
type span struct{ start, end int }

// lines returns the lines of the nodes from one position to another.
func (s *goSource) lines(from, to token.Pos) span {
	start := s.file.Offset(from)
	start = bytes.LastIndexByte(s.text[:start], '\n') + 1
	end := s.file.Offset(to)
	if n := bytes.IndexByte(s.text[end:], '\n'); n >= 0 {
		return span{start, end + n + 1}
	}
	return span{start, len(s.text)}
}

// function is a function with its documentation.
type function struct {
	*ast.FuncDecl
	span
}

func (s *goSource) functions() []function {
	var all []function
	for _, d := range s.ast.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
			from := d.Pos()
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
			all = append(all, function{d, s.lines(from, d.End())})
		}
	}
	return all
}

// statements returns the lines of all statements in functions that have a single line.
func (s *goSource) statements() []span {
	var all []span
	for _, f := range s.functions() {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			stmt, ok := n.(ast.Stmt)
			if ok && s.file.Line(stmt.Pos()) == s.file.Line(stmt.End()) {
				if l := s.lines(stmt.Pos(), stmt.End()); string(bytes.TrimSpace(s.text[l.start:l.end])) == string(s.text[s.file.Offset(stmt.Pos()):s.file.Offset(stmt.End())]) {
					all = append(all, l)
				}
			}
			return true
		})
	}
	return all
}

// starts returns the offset of the first line in the body of each function.
func (s *goSource) starts() map[*ast.FuncDecl]int {
	starts := make(map[*ast.FuncDecl]int)
	for _, f := range s.functions() {
		if len(f.Body.List) > 0 && s.file.Line(f.Body.Lbrace) < s.file.Line(f.Body.List[0].Pos()) {
			starts[f.FuncDecl] = s.lines(f.Body.Lbrace, f.Body.Lbrace).end
		}
	}
	return starts
}

// commentLines returns the lines that have only a comment, except for the header and
// directives.
func (s *goSource) commentLines() []span {
	var all []span
	for _, group := range s.ast.Comments {
		for _, c := range group.List {
			l := s.lines(c.Pos(), c.Pos())
			if text := bytes.TrimSpace(s.text[l.start:l.end]); l.start > 0 && bytes.HasPrefix(text, []byte("// ")) {
				all = append(all, l)
			}
		}
	}
	return all
}

// imported are packages that few files import, each with an expression that uses it and n.
var imported = []struct{ path, use string }{
	{"container/ring", "ring.New(int(n)).Len()"},
	{"hash/crc32", "int(crc32.ChecksumIEEE([]byte{byte(n)}))"},
	{"math/bits", "bits.Len(n)"},
	{"text/tabwriter", "int(tabwriter.Escape) + int(n)"},
	{"unicode/utf16", "utf16.RuneLen(rune(n))"},
}

// change is a span with the text to put in its place.
type change struct {
	span
	text string
}

// addImport returns the change that imports a package, in order among those of the standard
// library, and false if the file already imports it.
func (s *goSource) addImport(name string) (change, bool) {
	for _, spec := range s.ast.Imports {
		if spec.Path.Value == strconv.Quote(name) {
			return change{}, false
		}
	}
	for _, d := range s.ast.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != token.IMPORT {
			continue
		}
		if !d.Lparen.IsValid() {
			at := s.lines(d.Pos(), d.End()).end
			return change{span{at, at}, fmt.Sprintf("import %q\n", name)}, true
		}
		at := s.lines(d.Lparen, d.Lparen).end
		for i, spec := range d.Specs {
			if i > 0 && s.file.Line(spec.Pos()) > s.file.Line(d.Specs[i-1].End())+1 ||
				spec.(*ast.ImportSpec).Path.Value > strconv.Quote(name) {
				break
			}
			at = s.lines(spec.Pos(), spec.End()).end
		}
		return change{span{at, at}, fmt.Sprintf("\t%q\n", name)}, true
	}
	at := s.lines(s.ast.Name.Pos(), s.ast.Name.End()).end
	return change{span{at, at}, fmt.Sprintf("\nimport %q\n", name)}, true
}

// with returns the text with the changes, which do not overlap.
func (s *goSource) with(changes ...change) []byte {
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.start, b.start) })
	var b bytes.Buffer
	at := 0
	for _, c := range changes {
		b.Write(s.text[at:c.start])
		b.WriteString(c.text)
		at = c.end
	}
	b.Write(s.text[at:])
	return b.Bytes()
}

func (s *goSource) insert(at int, text string) []byte {
	return s.with(change{span{at, at}, text})
}

func (s *goSource) in(p span) string { return string(s.text[p.start:p.end]) }

// pick returns a random one of the things, and false if there is none.
func pick[T any](r *rand.Rand, things []T) (T, bool) {
	if len(things) == 0 {
		var none T
		return none, false
	}
	return things[r.IntN(len(things))], true
}

// permute puts the functions of a file into another order: order[i] takes the place of the
// ith function.
func (s *goSource) permute(order []function) []byte {
	var changes []change
	for i, f := range s.functions() {
		changes = append(changes, change{f.span, s.in(order[i].span)})
	}
	return s.with(changes...)
}

func sortFunctions(_ *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	order := s.functions()
	slices.SortStableFunc(order, func(a, b function) int { return strings.Compare(a.Name.Name, b.Name.Name) })
	edited := s.permute(order)
	return edited, "sort the functions", !bytes.Equal(edited, src)
}

func moveFunction(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	order := s.functions()
	if len(order) < 2 {
		return nil, "", false
	}
	from, to := r.IntN(len(order)), r.IntN(len(order)-1)
	moved := order[from]
	order = slices.Insert(slices.Delete(order, from, from+1), to, moved)
	return s.permute(order), "move " + moved.Name.Name, from != to
}

func swapFunctions(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	order := s.functions()
	if len(order) < 2 {
		return nil, "", false
	}
	i := r.IntN(len(order) - 1)
	j := i + 1 + r.IntN(len(order)-i-1)
	order[i], order[j] = order[j], order[i]
	return s.permute(order), fmt.Sprintf("swap %s and %s", order[j].Name.Name, order[i].Name.Name), true
}

// reindent replaces each tab at the start of a line with four spaces, except in raw
// strings.
func reindent(_ *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	raw := make(map[int]bool) // lines that start inside a string
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(src))
	var tokens scanner.Scanner
	tokens.Init(file, src, nil, 0)
	for {
		pos, tok, text := tokens.Scan()
		if tok == token.EOF {
			break
		}
		for i := range strings.Count(text, "\n") {
			if tok == token.STRING {
				raw[file.Line(pos)+1+i] = true
			}
		}
	}
	var b bytes.Buffer
	n := 0
	for line := range bytes.Lines(s.text) {
		n++
		rest := line
		if !raw[n] {
			rest = bytes.TrimLeft(line, "\t")
		}
		b.WriteString(strings.Repeat("    ", len(line)-len(rest)))
		b.Write(rest)
	}
	return b.Bytes(), "indent with spaces", !bytes.Equal(b.Bytes(), src)
}

// renamePackage puts "my" before the name of the package.
func renamePackage(_ *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	return s.insert(s.file.Offset(s.ast.Name.Pos()), "my"), "rename the package", true
}

func deleteFunction(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	f, ok := pick(r, s.functions())
	if !ok {
		return nil, "", false
	}
	if bytes.HasSuffix(src[:f.start], []byte("\n\n")) {
		f.start--
	}
	return s.with(change{f.span, ""}), "delete " + f.Name.Name, true
}

func deleteLine(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	l, ok := pick(r, s.statements())
	if !ok {
		return nil, "", false
	}
	edited := s.with(change{l, ""})
	_, ok = parseSource(edited)
	return edited, fmt.Sprintf("delete %q", s.in(l)), ok
}

func toCRLF(_ *rand.Rand, src []byte) ([]byte, string, bool) {
	edited := bytes.ReplaceAll(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	return edited, "end lines with CRLF", !bytes.Equal(edited, src)
}

// newFunction returns a function with that name in each of its lines.
func newFunction(name, result string) string {
	return fmt.Sprintf("\n// %[1]s is new.\nfunc %[1]s(n uint) int {\n\treturn %[2]s // %[1]s\n}\n", name, result)
}

// addFunction adds a function at the end, and an import for it.
func (by author) addFunction(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	p, _ := pick(r, imported)
	add, ok := s.addImport(p.path)
	if !ok {
		return nil, "", false
	}
	at := span{len(src), len(src)}
	return s.with(add, change{at, newFunction(by.mark(r), p.use)}), "add a function with " + p.path, true
}

// insertFunction adds a function after another.
func (by author) insertFunction(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	f, ok := pick(r, s.functions())
	if !ok {
		return nil, "", false
	}
	return s.insert(f.end, newFunction(by.mark(r), "int(n)")), "add a function after " + f.Name.Name, true
}

// useImport adds an import, and uses it in an existing function.
func (by author) useImport(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	starts := s.starts()
	f, ok := pick(r, inOrder(starts))
	if !ok {
		return nil, "", false
	}
	p, _ := pick(r, imported)
	add, ok := s.addImport(p.path)
	if !ok {
		return nil, "", false
	}
	at := span{starts[f], starts[f]}
	line := fmt.Sprintf("\t_ = func(n uint) int { return %s } // %s\n", p.use, by.mark(r))
	return s.with(add, change{at, line}), fmt.Sprintf("use %s in %s", p.path, f.Name.Name), true
}

// inOrder returns the functions in the order of the file.
func inOrder(starts map[*ast.FuncDecl]int) []*ast.FuncDecl {
	return slices.SortedFunc(maps.Keys(starts), func(a, b *ast.FuncDecl) int { return cmp.Compare(starts[a], starts[b]) })
}

// logEverywhere adds a line at the start of every function.
func (by author) logEverywhere(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	var changes []change
	starts := s.starts()
	for _, f := range inOrder(starts) {
		at := span{starts[f], starts[f]}
		changes = append(changes, change{at, fmt.Sprintf("\tlog.Print(%q)\n", by.mark(r))})
	}
	if len(changes) == 0 {
		return nil, "", false
	}
	if add, ok := s.addImport("log"); ok {
		changes = append(changes, add)
	}
	return s.with(changes...), "log in every function", true
}

// changeLine changes a string in a function or, if there is none, adds a comment to a
// statement.
func (by author) changeLine(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	f, ok := pick(r, s.functions())
	if !ok {
		return nil, "", false
	}
	var texts []*ast.BasicLit
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if _, ok := n.(*ast.StructType); ok {
			return false // the tags of its fields must stay
		}
		if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && text.Value[0] == '"' {
			texts = append(texts, text)
		}
		return true
	})
	if text, ok := pick(r, texts); ok {
		return s.insert(s.file.Offset(text.End())-1, by.mark(r)), fmt.Sprintf("change %s in %s", text.Value, f.Name.Name), true
	}
	within := slices.DeleteFunc(s.statements(), func(l span) bool { return l.start < f.start || l.end > f.end })
	l, ok := pick(r, within)
	if !ok {
		return nil, "", false
	}
	return s.insert(l.end-1, " // "+by.mark(r)), fmt.Sprintf("comment on %q in %s", s.in(l), f.Name.Name), true
}

// changeComment changes a line of a comment.
func (by author) changeComment(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	l, ok := pick(r, s.commentLines())
	if !ok {
		return nil, "", false
	}
	return s.insert(l.end-1, " "+by.mark(r)), fmt.Sprintf("change %q", s.in(l)), true
}

// duplicateComment repeats a line of a comment, since equal lines can mislead a merge. It
// also adds a line with a mark, so that a loss can be detected.
func (by author) duplicateComment(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	l, ok := pick(r, s.commentLines())
	if !ok {
		return nil, "", false
	}
	line := s.in(l)
	indent, _, _ := strings.Cut(line, "//")
	return s.insert(l.end, indent+"// "+by.mark(r)+"\n"+line), fmt.Sprintf("repeat %q", line), true
}

// document adds a line to the documentation of a function, even if there is none yet.
func (by author) document(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	f, ok := pick(r, s.functions())
	if !ok {
		return nil, "", false
	}
	at := s.lines(f.Pos(), f.Pos()).start
	if f.Doc != nil {
		at = f.start // a directive may be its last line
	}
	return s.insert(at, fmt.Sprintf("// %s %s.\n", f.Name.Name, by.mark(r))), "document " + f.Name.Name, true
}

// checkParameter makes a function refuse a nil or an empty argument.
func (by author) checkParameter(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	starts := s.starts()
	type parameter struct {
		of             *ast.FuncDecl
		name, refusing string
	}
	var all []parameter
	for _, f := range inOrder(starts) {
		for _, field := range f.Type.Params.List {
			refusing := ""
			switch t := field.Type.(type) {
			case *ast.StarExpr, *ast.MapType, *ast.FuncType:
				refusing = "nil"
			case *ast.Ident:
				if t.Name == "string" {
					refusing = `""`
				}
			}
			for _, name := range field.Names {
				if refusing != "" && name.Name != "_" {
					all = append(all, parameter{f, name.Name, refusing})
				}
			}
		}
	}
	p, ok := pick(r, all)
	if !ok {
		return nil, "", false
	}
	check := fmt.Sprintf("\tif %s == %s { // %s\n\t\tpanic(%q)\n\t}\n", p.name, p.refusing, by.mark(r), by.mark(r))
	return s.insert(starts[p.of], check), fmt.Sprintf("check %s in %s", p.name, p.of.Name.Name), true
}

// renameVariable renames all variables in a function that have a certain name.
func (by author) renameVariable(r *rand.Rand, src []byte) ([]byte, string, bool) {
	s, ok := parseSource(src)
	if !ok {
		return nil, "", false
	}
	f, ok := pick(r, s.functions())
	if !ok {
		return nil, "", false
	}
	// Names of fields, and names from outside the body, stay.
	kept := make(map[*ast.Ident]bool)
	outer := make(map[string]bool)
	ast.Inspect(f.Type, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			outer[name.Name] = true
		}
		return true
	})
	if f.Recv != nil && len(f.Recv.List[0].Names) > 0 {
		outer[f.Recv.List[0].Names[0].Name] = true
	}
	var defined []string
	used := make(map[string][]*ast.Ident)
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			kept[n.Sel] = true
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				kept[key] = true
			}
		case *ast.Field:
			for _, name := range n.Names {
				outer[name.Name] = true
			}
		case *ast.CallExpr:
			if called, ok := n.Fun.(*ast.Ident); ok {
				outer[called.Name] = true
			}
		case *ast.AssignStmt:
			for _, to := range n.Lhs {
				if name, ok := to.(*ast.Ident); ok && n.Tok == token.DEFINE {
					defined = append(defined, name.Name)
				}
			}
		case *ast.Ident:
			if !kept[n] {
				used[n.Name] = append(used[n.Name], n)
			}
		}
		return true
	})
	defined = slices.DeleteFunc(defined, func(name string) bool { return name == "_" || outer[name] })
	old, ok := pick(r, defined)
	if !ok {
		return nil, "", false
	}
	mark := by.mark(r)
	var changes []change
	for _, name := range used[old] {
		changes = append(changes, change{span{s.file.Offset(name.Pos()), s.file.Offset(name.End())}, mark})
	}
	return s.with(changes...), fmt.Sprintf("rename %s in %s", old, f.Name.Name), true
}

// TestEdits makes every edit to every file of an example.
func TestEdits(t *testing.T) {
	names, err := filepath.Glob("../../examples/nethttp-database/internal/auth/*.go")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	unmarked := regexp.MustCompile(`^\s*(}|import "[a-z0-9/]+"|"[a-z0-9/]+")?$`)
	all := slices.Concat(developerEdits, templateEdits)
	made := make([]int, len(all))
	for seed, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var functions int
		if s, ok := parseSource(src); ok {
			functions = len(s.functions())
		}
		for i, edit := range all {
			edited, what, ok := edit(rand.New(rand.NewPCG(uint64(seed), 0)), src)
			if !ok {
				continue
			}
			made[i]++
			if what == "" || bytes.Equal(edited, src) {
				t.Errorf("%s: edit %d (%s) changes nothing", name, i, what)
			}
			if again, _, _ := edit(rand.New(rand.NewPCG(uint64(seed), 0)), src); !bytes.Equal(edited, again) {
				t.Errorf("%s: %s: the same seed gives another result", name, what)
			}
			s, ok := parseSource(edited)
			if !ok {
				t.Errorf("%s: %s: the result does not parse:\n%s", name, what, edited)
				continue
			}
			if n := len(s.functions()); strings.HasPrefix(what, "sort ") || strings.HasPrefix(what, "move ") || strings.HasPrefix(what, "swap ") {
				if n != functions || !slices.Equal(sortedLines(src), sortedLines(edited)) {
					t.Errorf("%s: %s: the lines have changed", name, what)
				}
			}
			if problems := misplaced(src, edited, edited); problems != nil {
				t.Errorf("%s: %s: %s", name, what, problems)
			}
			if len(marks.FindAll(edited, -1)) == 0 {
				continue
			}
			if misplaced(src, edited, src) == nil {
				t.Errorf("%s: %s: its loss is not detected", name, what)
			}
			before := make(map[string]bool)
			for line := range strings.Lines(string(src)) {
				before[line] = true
			}
			for line := range strings.Lines(string(edited)) {
				if !before[line] && !marks.MatchString(line) && !unmarked.MatchString(strings.TrimSuffix(line, "\n")) {
					t.Errorf("%s: %s: no mark in %q", name, what, line)
				}
			}
		}
	}
	for i, n := range made {
		if n < len(names)/4 {
			t.Errorf("edit %d was made to %d of %d files", i, n, len(names))
		}
	}
}

// sortedLines returns the lines of a text in alphabetical order.
func sortedLines(text []byte) []string {
	return slices.Sorted(strings.Lines(string(text)))
}
