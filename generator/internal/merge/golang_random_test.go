package merge

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
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

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var randomMerges = flag.Int("merges", 150, "how many random edits TestGoRandom merges")

// edited returns the emitted files that developers edit, by path.
func edited(tb testing.TB) map[string][]byte {
	tb.Helper()
	files := map[string][]byte{}
	for _, name := range []string{"users.go", "authweb/routes.go", "authweb/handlers_users.go", "gate.go", "route_test.go"} {
		paths, err := filepath.Glob("../../../examples/*/internal/auth/" + name)
		if err != nil || len(paths) == 0 {
			tb.Fatalf("no %s in the examples: %v", name, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				tb.Fatal(err)
			}
			files[path] = data
		}
	}
	return files
}

// An edit is a random change of a file that can also be made to another version of the
// file. It returns "" if there is nothing to change.
type edit struct {
	kind  string
	apply func(src string) string
}

// An editor makes random edits. Everything that it adds contains its tag.
type editor struct {
	*rand.Rand
	tag string
	n   int
}

func (e *editor) unique() string {
	e.n++
	return e.tag + strconv.Itoa(e.n)
}

var editKinds = []string{
	"sort functions", "move a function", "add import and function at the end", "add a function",
	"indent with spaces", "rename the package", "log in every function", "add a line", "change a line", "delete a line",
	"delete a function", "rename a function", "change a comment", "add free comment", "add a license",
	"add to a group or struct", "add a declaration", "replace an import",
}

// onlyMine are the kinds of edits that upstream does not make.
var onlyMine = []string{"indent with spaces", "rename the package", "log in every function", "sort functions", "add a license"}

func (e *editor) edit(src, kind string) edit {
	f := splitGo([]byte(src))
	var funcs []string
	for _, d := range f.decls {
		if strings.HasPrefix(d.title, "func ") {
			funcs = append(funcs, d.keys[0])
		}
	}
	key := funcs[e.IntN(len(funcs))]
	name := e.unique()
	seed := e.Uint64()
	apply := map[string]func(*goFile, *rand.Rand) bool{
		"sort functions": func(f *goFile, _ *rand.Rand) bool {
			slices.SortStableFunc(f.decls, func(a, b *decl) int {
				return strings.Compare(funcKey(a), funcKey(b))
			})
			return true
		},
		"move a function": func(f *goFile, r *rand.Rand) bool {
			i := f.index(key)
			if i < 0 {
				return false
			}
			d := f.decls[i]
			f.decls = slices.Delete(f.decls, i, i+1)
			f.decls = slices.Insert(f.decls, r.IntN(len(f.decls)+1), d)
			return true
		},
		"add import and function at the end": func(f *goFile, r *rand.Rand) bool {
			p := []string{"os", "bufio", "example.com/app/internal/" + name, "github.com/acme/" + name, "log/slog", "sort"}[r.IntN(6)]
			base := p[strings.LastIndex(p, "/")+1:]
			f.addImport(p)
			f.decls = append(f.decls, &decl{part: part{1, "// " + name + " is new.\nfunc " + name + "() any {\n\treturn " + base + ".X(\"" + name + "\")\n}\n"}})
			return true
		},
		"add a function": func(f *goFile, r *rand.Rand) bool {
			d := &decl{part: part{1, "func (a *Auth) " + name + "() string {\n\treturn \"" + name + "\"\n}\n"}}
			f.decls = slices.Insert(f.decls, r.IntN(len(f.decls)+1), d)
			return true
		},
		"rename the package": func(f *goFile, _ *rand.Rand) bool {
			f.clause.text = "package " + name + "\n"
			return true
		},
		"log in every function": func(f *goFile, _ *rand.Rand) bool {
			for _, d := range f.decls {
				if i := strings.Index(d.text, " {\n"); i >= 0 && strings.HasPrefix(d.title, "func ") {
					d.text = d.text[:i+3] + "\tlogEntry(\"" + d.title + "\")\n" + d.text[i+3:]
				}
			}
			return true
		},
		"add a line": func(f *goFile, r *rand.Rand) bool {
			return f.changeBody(key, r, func(lines []string, i int) []string {
				return slices.Insert(lines, i, "\ttrace(\""+name+"\")\n")
			})
		},
		"change a line": func(f *goFile, r *rand.Rand) bool {
			return f.changeBody(key, r, func(lines []string, i int) []string {
				lines[i] = strings.TrimRight(lines[i], "\n") + " // " + name + "\n"
				return lines
			})
		},
		"delete a line": func(f *goFile, r *rand.Rand) bool {
			return f.changeBody(key, r, func(lines []string, i int) []string { return slices.Delete(lines, i, i+1) })
		},
		"delete a function": func(f *goFile, _ *rand.Rand) bool {
			i := f.index(key)
			if i < 0 || len(f.decls) < 3 {
				return false
			}
			f.decls = slices.Delete(f.decls, i, i+1)
			return true
		},
		"rename a function": func(f *goFile, _ *rand.Rand) bool {
			i := f.index(key)
			if i < 0 {
				return false
			}
			d := f.decls[i]
			d.text = regexp.MustCompile(`\b`+d.name()+`\(`).ReplaceAllString(d.text, name+"(")
			return true
		},
		"change a comment": func(f *goFile, _ *rand.Rand) bool {
			i := f.index(key)
			if i < 0 {
				return false
			}
			d := f.decls[i]
			at := max(strings.Index("\n"+d.text, "\nfunc "), 0)
			d.text = d.text[:at] + "// It is " + name + ".\n" + d.text[at:]
			return true
		},
		"add free comment": func(f *goFile, r *rand.Rand) bool {
			d := f.decls[r.IntN(len(f.decls))]
			d.text = "// Now for " + name + ".\n\n" + d.text
			d.gap = max(d.gap, 1)
			return true
		},
		"add a license": func(f *goFile, _ *rand.Rand) bool {
			f.top.text = "// Copyright 2026 " + name + "\n\n" + f.top.text
			return true
		},
		"add to a group or struct": func(f *goFile, r *rand.Rand) bool {
			var open []*decl
			for _, d := range f.decls {
				if strings.HasPrefix(d.title, "type ") && strings.Contains(d.text, "struct {\n") {
					open = append(open, d)
				}
			}
			if len(open) == 0 {
				return false
			}
			d := open[r.IntN(len(open))]
			lines := strings.SplitAfter(d.text, "\n")
			from := slices.IndexFunc(lines, func(l string) bool { return strings.HasSuffix(l, "struct {\n") })
			at := from + 1 + r.IntN(len(lines)-2-from)
			d.text = strings.Join(slices.Insert(lines, at, "\t"+strings.Repeat("long", r.IntN(4))+name+" int // of "+name+"\n"), "")
			return true
		},
		"add a declaration": func(f *goFile, r *rand.Rand) bool {
			text := []string{
				"const " + name + " = 1\n", "var _ error = (*" + name + ")(nil)\n", "func init() { setUp(\"" + name + "\") }\n",
				"// " + name + " is a type.\ntype " + name + "[T any] struct{ t T }\n",
				"var (\n\t" + name + "A = 1\n\t" + name + "B = 2\n)\n",
			}[r.IntN(5)]
			f.decls = slices.Insert(f.decls, r.IntN(len(f.decls)+1), &decl{part: part{1, text}})
			return true
		},
		"replace an import": func(f *goFile, r *rand.Rand) bool {
			if len(f.imports.specs) == 0 {
				return false
			}
			s := f.imports.specs[r.IntN(len(f.imports.specs))]
			old := s.nameIn(f)
			if old == "" {
				return false
			}
			f.imports.text = strings.Replace(f.imports.text, `"`+s.path+`"`, name+` "example.com/`+name+`"`, 1)
			for _, d := range f.decls {
				d.text = regexp.MustCompile(`\b`+old+`\.`).ReplaceAllString(d.text, name+".")
			}
			return true
		},
	}[kind]
	return edit{kind, func(src string) string {
		if kind == "indent with spaces" {
			return strings.ReplaceAll(src, "\t", "    ")
		}
		f := splitGo([]byte(src))
		r := rand.New(rand.NewPCG(seed, 1))
		if f == nil || !apply(f, r) {
			return ""
		}
		out := withoutUnused(f.source())
		tidy, err := format.Source([]byte(out))
		if err != nil {
			return ""
		}
		if isFormatted([]byte(src)) {
			return string(tidy)
		}
		return out
	}}
}

// withoutUnused returns a file without unused imports, which would not compile.
func withoutUnused(src string) string {
	f := splitGo([]byte(src))
	if f == nil {
		return src
	}
	var want []importKey
	for _, s := range f.imports.specs {
		if f.uses[s.nameIn(f)] {
			want = append(want, s.importKey)
		}
	}
	f.imports.part = f.imports.rewrite(want)
	return f.source()
}

func funcKey(d *decl) string {
	if !strings.HasPrefix(d.title, "func ") {
		return ""
	}
	return d.title
}

func (f *goFile) index(key string) int {
	return slices.IndexFunc(f.decls, func(d *decl) bool { return slices.Contains(d.keys, key) })
}

// changeBody changes a declaration at a random line below its first brace.
func (f *goFile) changeBody(key string, r *rand.Rand, change func(lines []string, i int) []string) bool {
	i := f.index(key)
	if i < 0 {
		return false
	}
	d := f.decls[i]
	lines := strings.SplitAfter(d.text, "\n")
	first := slices.IndexFunc(lines, func(l string) bool { return strings.HasSuffix(l, "{\n") })
	if first < 0 || len(lines)-first < 4 {
		return false
	}
	at := first + 1 + r.IntN(len(lines)-first-3)
	d.text = strings.Join(change(lines, at), "")
	return true
}

func (f *goFile) addImport(path string) {
	if strings.Contains(f.imports.text, `"`+path+`"`) {
		return
	}
	end := strings.LastIndex(f.imports.text, ")")
	if end < 0 {
		f.imports.text += "import \"" + path + "\"\n"
		f.imports.gap = 1
		return
	}
	group := "\n"
	if standard(path) {
		group = ""
		end = strings.Index(f.imports.text, "(\n") + 2
	}
	f.imports.text = f.imports.text[:end] + group + "\t\"" + path + "\"\n" + f.imports.text[end:]
}

// A randomMerge is an emitted file with edits of a developer and of upstream.
type randomMerge struct {
	path               string
	base, mine, latest string
	edits              []edit // of mine
}

// newRandomMerge returns the nth random merge, and false if there was nothing to edit.
func newRandomMerge(n int, files map[string][]byte) (randomMerge, bool) {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	paths := slices.Sorted(maps.Keys(files))
	m := randomMerge{path: paths[r.IntN(len(paths))]}
	m.base = string(files[m.path])
	m.mine, m.latest = m.base, m.base

	user, upstream := &editor{Rand: r, tag: "mine"}, &editor{Rand: r, tag: "newer"}
	kinds := []string{editKinds[n%len(editKinds)]}
	if r.IntN(3) == 0 {
		kinds = append(kinds, editKinds[r.IntN(len(editKinds))])
	}
	for _, kind := range kinds {
		e := user.edit(m.base, kind)
		if changed := e.apply(m.mine); changed != "" {
			m.mine = changed
			m.edits = append(m.edits, e)
		}
	}
	for range 1 + r.IntN(4) {
		kind := editKinds[r.IntN(len(editKinds))]
		if slices.Contains(onlyMine, kind) {
			continue
		}
		if changed := upstream.edit(m.base, kind).apply(m.latest); changed != "" {
			m.latest = changed
		}
	}
	return m, len(m.edits) > 0 && m.edits[0].kind == kinds[0]
}

// onLatest makes the edits of mine to upstream's version. It returns "" if they cannot be
// made to it, or would also change what upstream has added.
func (m randomMerge) onLatest() string {
	out := m.latest
	for _, e := range m.edits {
		if e.kind == "replace an import" || e.kind == "log in every function" || out == "" {
			return ""
		}
		out = e.apply(out)
	}
	return out
}

// TestGoRandom merges random edits of a developer and of upstream. If they changed different
// declarations, the merge must be clean, and must have the changes of both.
func TestGoRandom(t *testing.T) {
	files := edited(t)
	type score struct{ n, lines, clean, compared, wrong int }
	all := &score{}
	scores := map[string]*score{"all": all}
	failed := 0
	for i := 0; all.n < *randomMerges && failed < 5; i++ {
		m, ok := newRandomMerge(i, files)
		if !ok {
			continue
		}
		base, mine, latest := []byte(m.base), []byte(m.mine), []byte(m.latest)
		got := Go(base, mine, latest, goLabels)
		byLines := Lines(base, mine, latest, goLabels)
		both, alike := changedByBoth(m.base, m.mine, m.latest)

		problems := broken(base, mine, latest, got, true)
		if len(both) == 0 && len(got.Conflicts) > 0 {
			problems = append(problems, fmt.Sprintf("a conflict in %q, although no declaration was changed by both", got.Conflicts[0].Name))
		}
		var wrong []string
		compared := false
		if len(got.Conflicts) == 0 {
			wrong = wrongDecls(m.base, m.mine, m.latest, string(got.Text))
			if len(byLines.Conflicts) > 0 {
				wrong = append(wrong, moved(m.mine, string(got.Text))...)
			}
			if want := m.onLatest(); want != "" && len(both) == 0 && !alike {
				compared = true
				wrong = append(wrong, unequalDecls(want, string(got.Text))...)
			}
		}
		kind := m.edits[0].kind
		if scores[kind] == nil {
			scores[kind] = &score{}
		}
		for _, s := range []*score{all, scores[kind]} {
			s.n++
			s.lines += count(len(byLines.Conflicts) == 0)
			s.clean += count(len(got.Conflicts) == 0)
			s.compared += count(compared)
			s.wrong += count(len(wrong) > 0)
		}
		if problems = append(problems, wrong...); len(problems) > 0 {
			failed++
			t.Errorf("merge %d of %s, edits %v, changed by both %q:\n%s\nmine:\n%s\nnew:\n%s", i, m.path, m.edits, both,
				strings.Join(problems, "\n"), cmp.Diff(m.base, m.mine), cmp.Diff(m.base, m.latest))
		}
	}
	for _, kind := range append(slices.Clone(editKinds), "all") {
		if s := scores[kind]; s != nil {
			t.Logf("%-36s %6d; clean by lines %3d %%, with declarations %3d %%; compared with the edit on upstream's %5d; wrong %d",
				kind, s.n, s.lines*100/s.n, s.clean*100/s.n, s.compared, s.wrong)
		}
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (e edit) String() string { return e.kind }

var formattedTexts = map[string]string{}

// formattedOnce is formatDecl with a cache, since most declarations occur many times.
func formattedOnce(text string) string {
	formatted, ok := formattedTexts[text]
	if !ok {
		formatted = formatDecl(text)
		formattedTexts[text] = formatted
	}
	return formatted
}

// declTexts returns the formatted text of each declaration, from its doc comment on.
func declTexts(src string) map[string]string {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ParseComments)
	if err != nil {
		return nil
	}
	texts := map[string]string{}
	offset := func(p token.Pos) int { return fset.Position(p).Offset }
	for _, d := range file.Decls {
		if isImport(d) {
			continue
		}
		from := d.Pos()
		var name string
		switch d := d.(type) {
		case *ast.FuncDecl:
			name = "func " + d.Name.Name
			if d.Recv != nil {
				name += " of " + src[offset(d.Recv.Pos()):offset(d.Recv.End())]
			}
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
		case *ast.GenDecl:
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					name += " " + s.Name.Name
				case *ast.ValueSpec:
					name += " " + s.Names[0].Name
				}
			}
		}
		end := offset(d.End())
		text := src[offset(from):end]
		text = formattedOnce(text)
		if name == " _" || name == "func init" {
			name += text
		}
		texts[name] = text
	}
	return texts
}

// changedByBoth returns the parts that both sides changed in different ways, and whether
// there are also parts that both changed in the same way.
func changedByBoth(base, mine, latest string) (both []string, alike bool) {
	b, m, n := splitGo([]byte(base)), splitGo([]byte(mine)), splitGo([]byte(latest))
	if m == nil || n == nil {
		return []string{"?"}, false
	}
	texts := func(f *goFile) map[string]string {
		all := map[string]string{"top": f.top.text, "clause": f.clause.text, "tail": f.tail.text}
		for _, d := range f.decls {
			name := d.title
			if len(d.keys) == 0 {
				name += d.text
			}
			all[name] = formattedOnce(d.text)
		}
		return all
	}
	tb, tm, tn := texts(b), texts(m), texts(n)
	for name := range tb {
		alike = alike || tm[name] != tb[name] && tm[name] == tn[name]
		// If neither has it, one may have deleted it and the other renamed it.
		gone := tm[name] == "" && tn[name] == "" && tb[name] != ""
		if tm[name] != tb[name] && tn[name] != tb[name] && tm[name] != tn[name] || gone {
			both = append(both, name)
		}
	}
	for name := range tm {
		if _, ok := tb[name]; !ok && tn[name] != "" && tn[name] != tm[name] || name == "func init" {
			both = append(both, name)
		}
		if strings.HasPrefix(name, "func init") && strings.Contains(latest, "func init") {
			both = append(both, name)
		}
	}
	return both, alike
}

// wrongDecls returns the declarations that only one side changed, and that lack the change.
func wrongDecls(base, mine, latest, got string) []string {
	b, m, n, g := declTexts(base), declTexts(mine), declTexts(latest), declTexts(got)
	names := map[string]bool{}
	for _, side := range []map[string]string{b, m, n, g} {
		for name := range side {
			names[name] = true
		}
	}
	var wrong []string
	for name := range names {
		var want string
		switch {
		case m[name] == b[name]:
			want = n[name]
		case n[name] == b[name], n[name] == m[name]:
			want = m[name]
		default:
			continue
		}
		// A function that one side renamed and the other changed has its new name and the
		// change.
		renamed := b[name] == "" || (m[name] == "" || n[name] == "") && g[name] == ""
		if g[name] != want && !renamed {
			wrong = append(wrong, fmt.Sprintf("%s is\n%s\nwant\n%s", name, g[name], want))
		}
	}
	return append(wrong, wrongImports(got, base, mine, latest)...)
}

// moved returns the declarations that are not in the order of mine.
func moved(mine, got string) []string {
	var wrong []string
	at := 0
	order := Declares([]byte(got))
	for _, key := range Declares([]byte(mine)) {
		if i := slices.Index(order, key); i >= 0 && !strings.Contains(key, " _") && !strings.HasPrefix(key, "func init") {
			if i < at {
				wrong = append(wrong, key+" has moved")
			}
			at = i
		}
	}
	return wrong
}

// wrongImports returns the unused imports, and the missing ones that a side has.
func wrongImports(got string, sides ...string) []string {
	f := splitGo([]byte(got))
	var wrong []string
	imported := map[string]bool{}
	for _, s := range f.imports.specs {
		name := s.nameIn(f)
		imported[name] = true
		if s.byName() && !f.uses[name] {
			wrong = append(wrong, "unused import "+s.path)
		}
	}
	for _, side := range sides {
		o := splitGo([]byte(side))
		for _, s := range o.imports.specs {
			if name := s.nameIn(o); f.uses[name] && !imported[name] {
				wrong = append(wrong, "no import "+s.path)
			}
		}
	}
	return wrong
}

// unequalDecls compares declarations, ignoring their order.
func unequalDecls(want, got string) []string {
	w, g := declTexts(want), declTexts(got)
	var wrong []string
	for name := range w {
		if g[name] != w[name] {
			wrong = append(wrong, fmt.Sprintf("%s is\n%s\nand after the same edits of upstream's version\n%s", name, g[name], w[name]))
		}
	}
	for name := range g {
		if _, ok := w[name]; !ok {
			wrong = append(wrong, name+" should not exist")
		}
	}
	return wrong
}

func FuzzGo(f *testing.F) {
	archives, err := filepath.Glob("testdata/golang/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data, a.Files[1].Data, a.Files[2].Data)
	}
	f.Fuzz(func(t *testing.T, base, mine, new []byte) {
		checkGo(t, base, mine, new, Go(base, mine, new, goLabels), false)
	})
}

// snippets are the parts of the files of FuzzGoSnippets.
var snippets = []string{
	"\n", "\n", "// one\n", "// two\n", "/* three */ ", "/* four\nfive */", " // six\n", "//go:embed x\n", "; ",
	"package p\n", "import \"a\"\n", "import (\n\t\"a\"\n\tc \"b\"\n)\n", "import (\n\t_ \"a\"\n\n\t. \"d.e/f\" // of f\n\t// over\n\t\"b\"\n)\n", "import (\"a\"; \"b\")\n",
	"func a() {}\n", "func a() {\n\tb.X()\n}\n", "func a() {\n\tb.X()\n\ta.Y()\n}\n", "func a() {\n    b.X()\n}", "func b() { a() }\n", "func b() {\n\ta.X()\n\t// in\n}\n",
	"func (t *T) a() {}\n", "func (t T) a() {\n\tc.X()\n}\n", "func (T[K]) a() {}\n", "func init() {}\n", "func init() { a() }\n", "func _() {}\n",
	"var _ = a.X\n", "var _ = 1\n", "var x, y = 1, 2\n", "var (\n\tx = 1\n\ty = 2\n)\n", "var (\n\tx  = 1\n\tyy = b.Y // of y\n\n\tz = 3\n)\n", "const x = `\nfunc a() {}\n`\n", "const (\n\tx = iota\n\tz\n)\n", "const ()\n",
	"type T struct{}\n", "type T struct {\n\tA int `json:\"a\"` // of A\n}\n", "type T struct {\n\tA     int `json:\"a\"` // of A\n\tLong3 b.B\n}\n", "type (\n\tT int\n\tU int\n)\n",
	"<<<<<<< x\n", "=======\n", "var s = `\n<<<<<<< x\n`\n", "\r\n", "//line x.go:3\n", "import \"C\"\n", "{", "\xff",
}

// FuzzGoSnippets takes each byte for a snippet, so that most inputs are like Go files.
func FuzzGoSnippets(f *testing.F) {
	source := func(script []byte) []byte {
		var out bytes.Buffer
		out.WriteString("package p\n")
		for _, b := range script {
			out.WriteString(snippets[int(b)%len(snippets)])
		}
		return out.Bytes()
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		var script []byte
		for range 3 + r.IntN(6) {
			script = append(script, byte(14+r.IntN(24)), byte(r.IntN(5)))
		}
		mine, latest := slices.Clone(script), slices.Clone(script)
		for _, side := range [][]byte{mine, latest} {
			side[r.IntN(len(side))] = byte(r.IntN(len(snippets)))
			i, j := r.IntN(len(side)), r.IntN(len(side))
			side[i], side[j] = side[j], side[i]
		}
		f.Add(script, mine, latest)
	}
	f.Fuzz(func(t *testing.T, base, mine, new []byte) {
		if len(base)+len(mine)+len(new) > 100 {
			return
		}
		b, m, n := source(base), source(mine), source(new)
		defer func() {
			if t.Failed() {
				t.Logf("base:\n%s\nmine:\n%s\nnew:\n%s\nmerged:\n%s", b, m, n, Go(b, m, n, goLabels).Text)
			}
		}()
		checkGo(t, b, m, n, Go(b, m, n, goLabels), false)
	})
}
