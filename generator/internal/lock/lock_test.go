package lock

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	answers   = []byte("version: 1\nsession: database\n")
	templates = Hash([]byte("templates"))
)

// empty returns a lock without files.
func empty() *Lock {
	return &Lock{Version: "v1.0.0", Templates: templates, Import: "example.com/shop/auth", Answers: answers}
}

func yours(path, base string) File {
	return File{Path: path, Class: Yours, Hash: Hash([]byte(base)), Base: []byte(base)}
}

func sample() *Lock {
	once := yours("hooks.go", "package auth\n\nfunc hook() {}")
	once.Class, once.State = Once, Deleted
	merging := yours("routes.go", "package auth // old\n")
	merging.State, merging.New, merging.At = Conflict, []byte("package auth // new\n"), "web/routes.go"
	owned := yours("seal.go", "package auth // seal\n")
	owned.Owned = true
	return &Lock{
		Version:   "v0.1.0",
		Templates: templates,
		Import:    "example.com/shop/internal/auth",
		Answers:   answers,
		Files: []File{
			{Path: "/db/migrations/0002_more.sql", Class: Migration, Hash: Hash([]byte("create table more")), Adds: []string{"sessions", "users.phone"}},
			yours("handlers.go", "package auth\n"),
			once,
			{Path: "migrations/0001_users.sql", Class: Migration, Hash: Hash([]byte("create table users"))},
			merging,
			owned,
			{Path: "token.go", Class: Generated, Hash: Hash([]byte("package auth // token"))},
		},
	}
}

func format(t *testing.T, l *Lock) string {
	t.Helper()
	text, err := l.Format()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// seal adds the right checksum to body, as somebody would who forges a lock.
func seal(body string) string {
	return body + fmt.Sprintf("sha256 %x\n", sha256.Sum256([]byte(body)))
}

// reseal edits a lock and corrects the checksum.
func reseal(t *testing.T, text, old, new string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("the lock does not have %q", old)
	}
	text = strings.Replace(text, old, new, 1)
	return seal(text[:strings.LastIndex(text, "sha256 ")])
}

func TestFormat(t *testing.T) {
	const want = `authgen.lock 1: what authgen wrote last; commit it, do not edit
{
  "version": "v0.1.0",
  "templates": "",
  "inputs": "",
  "import": "example.com/shop/internal/auth",
  "files": [
    {"path":"/db/migrations/0002_more.sql","class":"migration","hash":"","adds":["sessions","users.phone"]},
    {"path":"handlers.go","class":"yours","hash":""},
    {"path":"hooks.go","class":"once","hash":"","state":"deleted"},
    {"path":"migrations/0001_users.sql","class":"migration","hash":""},
    {"path":"routes.go","class":"yours","hash":"","state":"conflict","at":"web/routes.go"},
    {"path":"seal.go","class":"yours","hash":"","owned":true},
    {"path":"token.go","class":"generated","hash":""}
  ]
}
answers
|version: 1|
|session: database|
base handlers.go
|package auth|
base hooks.go
|package auth|
||
|func hook() {}|
\ no final newline
base routes.go
|package auth // old|
new routes.go
|package auth // new|
base seal.go
|package auth // seal|
sha256 
`
	got := format(t, sample())
	if diff := cmp.Diff(want, blankHashes(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	l := sample()
	slices.Reverse(l.Files)
	if again := format(t, l); again != got {
		t.Errorf("the text depends on the order of Files:\n%s", again)
	}
	if l.Files[0].Path != "token.go" {
		t.Error("Format reordered its receiver")
	}
}

// blankHashes removes the hashes from a lock, which a reader cannot check.
func blankHashes(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if before, after, ok := strings.Cut(line, `"hash":"`); ok {
			line = before + `"hash":"` + strings.TrimLeft(after, "0123456789abcdef")
		}
		if before, _, ok := strings.Cut(line, templates); ok {
			line = before + `",`
		}
		if strings.HasPrefix(line, "sha256 ") {
			line = "sha256 "
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// manglings are changes that tools make to a text file and that a reader does not see.
var manglings = []struct {
	name   string
	mangle func(string) string
}{
	{"nothing", func(s string) string { return s }},
	{"trailing blanks stripped", trimLines},
	{"trailing blanks added", func(s string) string { return strings.ReplaceAll(s, "\n", " \t \n") }},
	{"CRLF", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
	{"CR", func(s string) string { return strings.ReplaceAll(s, "\n", "\r") }},
	{"CRLF twice", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\r\n") }},
	{"no final newline", func(s string) string { return strings.TrimRight(s, "\r\n") }},
	{"more final newlines", func(s string) string { return s + "\n\n" }},
	{"byte order mark", func(s string) string { return "\ufeff" + strings.TrimPrefix(s, "\ufeff") }},
	{"every line differently", func(s string) string {
		ends := []string{"\n", "\r\n", " \n", "\r", "\t\r\n", " \r"}
		var b strings.Builder
		for i, line := range strings.Split(s, "\n") {
			b.WriteString(line + ends[i%len(ends)])
		}
		return b.String()
	}},
}

// trimLines removes blanks at the ends of lines, as commit hooks do.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t\r\v\f")
	}
	return strings.Join(lines, "\n")
}

// checkMangled checks that a lock is the same after any two tools, one after the other,
// have changed its text.
func checkMangled(t *testing.T, l *Lock) {
	t.Helper()
	text := format(t, l)
	want, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, first := range manglings {
		for _, second := range manglings {
			got, err := Parse([]byte(second.mangle(first.mangle(text))))
			if err != nil {
				t.Errorf("%s, then %s: %v", first.name, second.name, err)
				continue
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, then %s (-want +got)\n%s", first.name, second.name, diff)
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	text := format(t, want)
	got, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if again := format(t, got); again != text {
		t.Errorf("formatted again:\n%s", again)
	}
}

func TestMangled(t *testing.T) { checkMangled(t, sample()) }

// A change of any byte that is not a newline is noticed.
func TestEveryOtherByteCounts(t *testing.T) {
	text := format(t, sample())
	for i := range len(text) {
		if text[i] == '\n' {
			continue // see manglings
		}
		for _, c := range []byte{' ', '\t', 'x'} {
			if text[i] == c {
				continue
			}
			if _, err := Parse([]byte(text[:i] + string(c) + text[i+1:])); err == nil {
				t.Errorf("byte %d, %q, may be %q", i, text[i], c)
			}
		}
	}
}

// A lock is printable ASCII, so that no encoding matters.
func TestASCII(t *testing.T) {
	l := empty()
	l.Import = "example.com/shop/internal/auth"
	for _, path := range []string{"häßlich.go", "日本語/😀.go", "blank .go ", `"quoted".go`, "del\u2028.go"} {
		if f := yours(path, "// "+path+" "); isInside(path) {
			l.Files = append(l.Files, f)
		} else {
			t.Errorf("%q is not a path", path)
		}
	}
	moved := yours("moved.go", "package auth\n")
	moved.At = "移動/😀.go"
	l.Files = append(l.Files, moved)
	text := format(t, l)
	if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); i >= 0 {
		t.Errorf("not printable ASCII: %.20q", text[i:])
	}
	got, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(l.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	if diff := cmp.Diff(l, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	checkMangled(t, l)
}

var bases = []string{
	"",
	"\n",
	"\n\n",
	"no final newline",
	"-- users --\ncreate table users;\n-- end --",
	"base handlers.go\nsha256 00\n\\ no final newline\n}\n",
	"authgen.lock 1: x\n",
	"<<<<<<< HEAD\n||||||| base\n=======\n>>>>>>> theirs\n",
	"|bars|\n||\n|\n||||\n|||||\n|||||| x\n|||||||\n",
	"\t\n\t\t\n \n",
	"\tindented\n\"quoted\"\n`raw`\n",
	"crlf\r\nlines\r\n",
	"cr\rinside\n",
	"ends in cr\r",
	"\r\r\n\r",
	"nul\x00 and \xff\xfe\n",
	"\ufeffpackage auth\n",
	"trailing blanks  \t\n",
	"line \u2028 separator, soft\u00adhyphen, 日本語\n",
}

func TestBases(t *testing.T) {
	l := empty()
	for i, base := range bases {
		l.Files = append(l.Files, yours(fmt.Sprintf("f%02d.go", i), base))
		merging := yours(fmt.Sprintf("f%02d.txt", i), "")
		merging.State, merging.New = Conflict, []byte(base)
		l.Files = append(l.Files, merging)
	}
	got, err := Parse([]byte(format(t, l)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for line := range strings.Lines(format(t, l)) {
		if markerOf([]byte(line)) != 0 {
			t.Errorf("the line %q looks like a conflict marker of git", line)
		}
	}
	checkMangled(t, l)
}

func TestHash(t *testing.T) {
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := Hash([]byte("abc")); got != abc {
		t.Errorf("Hash(abc) = %s", got)
	}
	lf := Hash([]byte("a\nb\n"))
	for _, same := range []string{"a\r\nb\r\n", "a\r\nb\n", "\ufeffa\nb\n"} {
		if Hash([]byte(same)) != lf {
			t.Errorf("Hash(%q) differs", same)
		}
	}
	for _, other := range []string{"a\nb", "a\rb\n", "a\nb\n\n", "a\n\ufeffb\n"} {
		if Hash([]byte(other)) == lf {
			t.Errorf("Hash(%q) does not differ", other)
		}
	}
}

func TestParseDamaged(t *testing.T) {
	text := format(t, sample())
	other := Hash([]byte("other"))
	class := `"class":"yours"`
	for _, test := range []struct{ name, in, want string }{
		{"empty", "", "does not start with"},
		{"foreign", "hello\n", "does not start with"},
		{"schema zero", strings.Replace(text, "lock 1:", "lock 0:", 1), "does not start with"},
		{"checksum", strings.Replace(text, "func hook", "func hack", 1), "checksum"},
		{"first line", reseal(t, text, "do not edit", "edit"), "the way authgen writes"},
		{"after the checksum", text + "\nx\n", "checksum"},
		{"a blank in front", strings.Replace(text, "\n|package", "\n |package", 1), "checksum"},
		{"header open", seal(magic + "\n{\n"), "header does not end"},
		{"no json", reseal(t, text, `"files"`, `files`), "header"},
		{"unknown field", reseal(t, text, class, class+`,"mode":1`), "unknown field"},
		{"other spacing", reseal(t, text, class, `"class": "yours"`), "the way authgen writes"},
		{"key twice", reseal(t, text, class, `"class":"once",`+class), "the way authgen writes"},
		{"key empty", reseal(t, text, class, class+`,"at":""`), "the way authgen writes"},
		{"unknown class", reseal(t, text, `"class":"generated"`, `"class":"gen"`), `unknown class "gen"`},
		{"unknown state", reseal(t, text, `"deleted"`, `"gone"`), `unknown state "gone"`},
		{"import", reseal(t, text, "example.com/shop", "example.com/../shop"), "import path"},
		{"answers missing", reseal(t, text, "answers\n|version: 1|\n|session: database|\n", ""), `the section "answers" is missing`},
		{"answers empty", reseal(t, text, "|version: 1|\n|session: database|\n", ""), "answers are missing"},
		{"answers in the header", reseal(t, text, `"import"`, `"answers": "",`+"\n"+`  "import"`), "unknown field"},
		{"templates missing", reseal(t, text, `  "templates": "`+templates+`",`+"\n", ""), "templates"},
		{"inputs missing", reseal(t, text, `  "inputs": "",`+"\n", ""), "the way authgen writes"},
		{"inputs short", reseal(t, text, `"inputs": ""`, `"inputs": "00"`), "not a SHA-256"},
		{"templates short", reseal(t, text, templates, "00"), "not a SHA-256"},
		{"import missing", reseal(t, text, `"example.com/shop/internal/auth"`, `""`), "import path"},
		{"base missing", reseal(t, text, "base hooks.go\n", ""), `unexpected line|"base hooks.go" is missing`},
		{"base of another", reseal(t, text, "base hooks.go", "base token.go"), `"base hooks.go" is missing`},
		{"base too many", reseal(t, text, "\nsha256", "\nbase token.go\n|x|\nsha256"), "unexpected line"},
		{"base edited", reseal(t, text, "func hook", "func hack"), "hash is not that of the base"},
		{"new missing", reseal(t, text, "new routes.go\n|package auth // new|\n", ""), `"new routes.go" is missing`},
		{"new unwanted", reseal(t, text, `"state":"conflict",`, ""), "unexpected line|is missing"},
		{"new of a generated file", reseal(t, text, `"class":"generated"`, `"class":"generated","state":"conflict"`), `"new token.go" is missing`},
		{"hash edited", reseal(t, text, Hash([]byte("package auth\n")), other), "hash is not that of the base"},
		{"hash short", reseal(t, text, Hash([]byte("package auth // token")), "00"), "not a SHA-256"},
		{"bad quote", reseal(t, text, "|func", "\"func"), "not a quoted string"},
		{"needless quote", reseal(t, text, "|func hook() {}|", `"func hook() {}"`), "the way authgen writes"},
		{"needed quote", reseal(t, text, "|func hook() {}|", "|func hook() {}é|"), "hash is not that of the base|the way authgen writes"},
		{"one bar", reseal(t, text, "|func hook() {}|", "|func hook() {}"), "does not end in a bar"},
		{"half a bar", reseal(t, text, "||\n", "|\n"), "does not end in a bar"},
		{"tabs for bars", reseal(t, text, "|func hook() {}|", "\tfunc hook() {}"), "unexpected line|is missing"},
		{"newline twice gone", reseal(t, text, noNewline+"\n", noNewline+"\n"+noNewline+"\n"), "unexpected line|is missing"},
		{"bare cr", reseal(t, text, "func hook", "func\rhook"), "checksum"},
		{"path out", reseal(t, text, `"token.go`, `"../token.go`), "does not stay below"},
		{"moved out", reseal(t, text, `"web/routes.go`, `"../routes.go`), "cannot be moved"},
		{"order", reseal(t, text, `"token.go`, `"aaa.go`), "the way authgen writes"},
		{"twice", reseal(t, text, `"token.go`, `"migrations/0001_users.sql`), "listed twice"},
		{"too large", text + strings.Repeat("\n", maxSize), "more than"},
	} {
		_, err := Parse([]byte(test.in))
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: error is %v", test.name, err)
			continue
		}
		if !slices.ContainsFunc(strings.Split(test.want, "|"), func(s string) bool { return strings.Contains(err.Error(), s) }) {
			t.Errorf("%s: %q does not say %q", test.name, err, test.want)
		}
	}
	for i := range len(text) - 1 { // the final newline does not matter
		if _, err := Parse([]byte(text[:i])); !errors.Is(err, ErrDamaged) {
			t.Errorf("truncated after %d bytes: %v", i, err)
		}
	}
}

func TestParseConflict(t *testing.T) {
	text := format(t, sample())
	for _, in := range []string{
		"<<<<<<< HEAD\n" + text + "=======\n" + text + ">>>>>>> theirs\n",
		strings.Replace(text, "base hooks.go", "<<<<<<< HEAD\nbase hooks.go", 1),
		strings.ReplaceAll(strings.Replace(text, "sha256 ", ">>>>>>> theirs\nsha256 ", 1), "\n", "\r\n"),
	} {
		if _, err := Parse([]byte(in)); !errors.Is(err, ErrConflict) {
			t.Errorf("error is %v for\n%s", err, in)
		}
	}
}

func TestParseSchema(t *testing.T) {
	for _, test := range []struct {
		in   string
		want SchemaError
		say  string
	}{
		{"authgen.lock 2: new words\n{\n  \"version\": \"v3.1.0\",\n", SchemaError{2, "v3.1.0"}, "cmd/authgen@v3.1.0"},
		{"authgen.lock 12: new words\r\nversion: v3.1.0\r\n", SchemaError{12, ""}, "cmd/authgen@latest"},
		{"authgen.lock 2: x\n\"version\": \"v1;rm -rf\"\n", SchemaError{2, ""}, "cmd/authgen@latest"},
		{"authgen.lock 2: x\n\"version\": \"vendored\"\n", SchemaError{2, ""}, "cmd/authgen@latest"},
	} {
		_, err := Parse([]byte(test.in))
		var got *SchemaError
		if !errors.As(err, &got) {
			t.Errorf("%q: error is %v", test.in, err)
			continue
		}
		if *got != test.want || !strings.HasSuffix(err.Error(), test.say) {
			t.Errorf("%q: got %+v, %q", test.in, *got, err)
		}
	}
}

func TestFormatRefuses(t *testing.T) {
	hash := Hash(nil)
	without := func(change func(l *Lock)) *Lock {
		l := empty()
		change(l)
		return l
	}
	file := func(f ...File) *Lock { return without(func(l *Lock) { l.Files = f }) }
	adds := func(parts ...string) *Lock { return file(File{Path: "a", Class: Migration, Hash: hash, Adds: parts}) }
	tests := map[string]*Lock{
		"no version":          without(func(l *Lock) { l.Version = "" }),
		"version":             without(func(l *Lock) { l.Version = "v1\x1b[2J" }),
		"no templates":        without(func(l *Lock) { l.Templates = "" }),
		"templates":           without(func(l *Lock) { l.Templates = "v1" }),
		"inputs":              without(func(l *Lock) { l.Inputs = "v1" }),
		"no import":           without(func(l *Lock) { l.Import = "" }),
		"import":              without(func(l *Lock) { l.Import = "a b" }),
		"no answers":          without(func(l *Lock) { l.Answers = nil }),
		"class":               file(File{Path: "a", Class: "mine", Hash: hash}),
		"state":               file(File{Path: "a", Class: Generated, Hash: hash, State: "moved"}),
		"hash":                file(File{Path: "a", Class: Generated, Hash: "x"}),
		"base unwanted":       file(File{Path: "a", Class: Migration, Hash: hash, Base: []byte{}}),
		"base forgotten":      file(File{Path: "a", Class: Yours, Hash: Hash([]byte("x"))}),
		"conflict of another": file(File{Path: "a", Class: Once, Hash: hash, State: Conflict}),
		"new unwanted":        file(File{Path: "a", Class: Yours, Hash: hash, New: []byte{}}),
		"moved to itself":     file(File{Path: "a", Class: Yours, Hash: hash, At: "a"}),
		"moved to one place":  file(File{Path: "a", Class: Yours, Hash: hash, At: "c"}, File{Path: "b", Class: Yours, Hash: hash, At: "c"}),
		"owned":               file(File{Path: "a", Class: Generated, Hash: hash, Owned: true}),
		"adds nothing":        file(File{Path: "a", Class: Yours, Hash: hash, Adds: []string{"users"}}),
		"adds out of order":   adds("users", "sessions"),
		"adds twice":          adds("users", "users"),
		"adds a blank":        adds("users phone"),
		"adds an empty":       adds(""),
		"duplicate":           file(yours("a", ""), yours("a", "")),
		"too large":           file(yours("a", strings.Repeat("\n", maxSize/2))),
	}
	for _, path := range []string{
		"", ".", "/", "/a", "..", "../a", "a/../b", "a//b", "a/", "./a", `a\b`, `..\a`, "C:/a", "C:a", "a:b", "a\x00b", "a\nb", "a\tb", "\xff",
	} {
		tests["path "+path] = file(File{Path: path, Class: Generated, Hash: hash})
		if path != "" {
			tests["at "+path] = file(File{Path: "b", Class: Yours, Hash: hash, At: path})
		}
	}
	for _, path := range []string{"/", "//a", "/.", "/..", "/../a", "/a/../b", "/a/", `/a\b`, "/C:/a", "/a\nb"} {
		tests["migration "+path] = file(File{Path: path, Class: Migration, Hash: hash})
	}
	for name, l := range tests {
		if text, err := l.Format(); err == nil {
			t.Errorf("%q: no error:\n%.400s", name, text)
		}
	}
}

func TestFormatEmpty(t *testing.T) {
	bare := empty()
	bare.Files = []File{{Path: "a", Class: Yours, Hash: Hash(nil), State: Conflict}}
	l, err := Parse([]byte(format(t, bare)))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{l.Files[0].Base, l.Files[0].New} {
		if b == nil || len(b) != 0 {
			t.Errorf("an empty text comes back as %#v", b)
		}
	}
	if l, err = Parse([]byte(format(t, empty()))); err != nil || len(l.Files) != 0 {
		t.Errorf("without files: %v, %v", l, err)
	}
}

func FuzzParse(f *testing.F) {
	text, err := sample().Format()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")))
	f.Add(text[:bytes.LastIndex(text, []byte("sha256 "))])
	f.Fuzz(func(t *testing.T, data []byte) {
		// Also with the right checksum, which the fuzzer cannot guess.
		for _, in := range [][]byte{data, []byte(seal(string(data)))} {
			l, err := Parse(in)
			if err != nil {
				var schema *SchemaError
				if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrConflict) && !errors.As(err, &schema) {
					t.Errorf("untyped error %v", err)
				}
				continue
			}
			again, err := l.Format()
			if err != nil {
				t.Fatal(err)
			}
			if want := restore(in); !bytes.Equal(again, want) {
				t.Errorf("got\n%q\nfrom\n%q", again, want)
			}
		}
	})
}

func FuzzBase(f *testing.F) {
	for _, base := range bases {
		f.Add([]byte(base), []byte("package auth\n"))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		merging := yours("b", string(second))
		merging.State, merging.New = Conflict, []byte(string(first))
		want := empty()
		want.Files = []File{yours("a", string(first)), merging}
		text, err := want.Format()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range manglings {
			got, err := Parse([]byte(m.mangle(string(text))))
			if err != nil {
				t.Fatalf("%s: %v", m.name, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", m.name, diff)
			}
		}
	})
}
