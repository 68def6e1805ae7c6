package directive

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the wanted output in testdata")

// golden is an archive in testdata. Its comment has the options, one per line:
//
//	tags: NAME...        every name; those that are on are in the name of the wanted file
//	package: OLD NEW
//	import: OLD NEW
//	expr: OLD NEW        without spaces
//	word: OLD NEW
//	value: KEY TEXT      with \n for a newline
//	placeholders: $      placeholders are numbered
//
// Its first file is the template; a file "want NAME,NAME" is the output with these names
// on. The content "excluded" means that there is no output.
type golden struct {
	path     string
	archive  *txtar.Archive
	template txtar.File
	tags     []string
	opts     Options
}

func goldens(t testing.TB) []golden {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	var all []golden
	for _, p := range paths {
		a, err := txtar.ParseFile(p)
		if err != nil {
			t.Fatal(err)
		}
		g := golden{path: p, archive: a, template: a.Files[0], opts: Options{
			Values: map[string]string{}, Packages: map[string]string{}, Imports: map[string]string{}, Exprs: map[string]string{}, Words: map[string]string{},
		}}
		for line := range strings.Lines(string(a.Comment)) {
			key, rest, ok := strings.Cut(strings.TrimRight(line, "\n"), ": ")
			if !ok {
				continue
			}
			first, second, _ := strings.Cut(rest, " ")
			switch key {
			case "tags":
				g.tags = strings.Fields(rest)
			case "package":
				g.opts.Packages[first] = second
			case "import":
				g.opts.Imports[first] = second
			case "expr":
				g.opts.Exprs[first] = second
			case "word":
				g.opts.Words[first] = second
			case "value":
				g.opts.Values[first] = strings.ReplaceAll(second, `\n`, "\n")
			case "placeholders":
				g.opts.NumberPlaceholders = first == "$"
			default:
				t.Fatalf("%s: unknown key %q", p, key)
			}
		}
		all = append(all, g)
	}
	return all
}

// with returns the options with the given names on.
func (g golden) with(on ...string) Options {
	o := g.opts
	o.Tags = map[string]bool{}
	for _, tag := range g.tags {
		o.Tags[tag] = false
	}
	for _, tag := range on {
		o.Tags[tag] = true
	}
	return o
}

func specialize(name string, src []byte, o Options) (File, bool, error) {
	if filepath.Ext(name) == ".go" {
		return Go(name, src, o)
	}
	return Text(name, src, o)
}

func TestGolden(t *testing.T) {
	for _, g := range goldens(t) {
		t.Run(strings.TrimSuffix(filepath.Base(g.path), ".txtar"), func(t *testing.T) {
			for i, want := range g.archive.Files[1:] {
				var on []string
				if tags := strings.TrimSpace(strings.TrimPrefix(want.Name, "want")); tags != "" {
					on = strings.Split(tags, ",")
				}
				f, ok, err := specialize(g.template.Name, g.template.Data, g.with(on...))
				if err != nil {
					t.Errorf("%s: %v", want.Name, err)
					continue
				}
				if !ok {
					f.Data = []byte("excluded\n")
				}
				if *update {
					g.archive.Files[i+1].Data = f.Data
					continue
				}
				if diff := cmp.Diff(string(want.Data), string(f.Data)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", want.Name, diff)
				}
			}
			if *update && !t.Failed() {
				if err := os.WriteFile(g.path, txtar.Format(g.archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestSubsets checks what must be true for all answers.
func TestSubsets(t *testing.T) {
	dir := t.TempDir()
	n := 0
	keep := func(name string, data []byte) {
		n++
		path := filepath.Join(dir, fmt.Sprintf("%s_%d.go", strings.TrimSuffix(filepath.Base(name), ".txtar"), n))
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, g := range goldens(t) {
		isGo := filepath.Ext(g.template.Name) == ".go"
		if isGo {
			formatted, err := format.Source(g.template.Data)
			if err != nil {
				t.Errorf("%s: %v", g.path, err)
			}
			if diff := cmp.Diff(string(g.template.Data), string(formatted)); diff != "" {
				t.Errorf("%s: gofmt changes the template (-template +gofmt):\n%s", g.path, diff)
			}
			keep(g.path, g.template.Data)
		}
		for set := range 1 << len(g.tags) {
			var on []string
			for i, tag := range g.tags {
				if set&(1<<i) != 0 {
					on = append(on, tag)
				}
			}
			o := g.with(on...)
			f, ok, err := specialize(g.template.Name, g.template.Data, o)
			if err != nil {
				t.Errorf("%s: %v: %v", g.path, on, err)
				continue
			}
			if !ok {
				continue
			}
			again, ok, err := specialize(g.template.Name, f.Data, o)
			if err != nil || !ok {
				t.Errorf("%s: %v: again: %v, %v", g.path, on, ok, err)
				continue
			}
			if diff := cmp.Diff(string(f.Data), string(again.Data)); diff != "" {
				t.Errorf("%s: %v: not idempotent (-once +twice):\n%s", g.path, on, diff)
			}
			if isGo {
				keep(g.path, f.Data)
			}
		}
	}

	gofumpt, err := exec.LookPath("gofumpt")
	if err != nil {
		t.Skip("gofumpt is not on PATH")
	}
	cmd := exec.Command(gofumpt, "-lang=go1.26", "-d", dir)
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Fatal(err)
	}
	if len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("gofumpt changes the output:\n%s", out)
	}
}

func TestHeader(t *testing.T) {
	opts := Options{Tags: map[string]bool{"on": true, "off": false}}
	tests := []struct {
		name, in string
		want     File
		excluded bool
	}{
		{
			name: "dir/sessions_stateless.go",
			in:   "//go:build stateless\n\n//authgen:if on\n//authgen:as sessions.go\n//authgen:class generated\n\n// Package p is p.\npackage p\n",
			want: File{Name: "dir/sessions.go", Class: "generated", Data: []byte("// Package p is p.\npackage p\n")},
		},
		{
			name:     "a.go",
			in:       "//authgen:if off\n\npackage p\n",
			excluded: true,
		},
		{
			name: "without_if.go",
			in:   "//go:build linux\n\n//authgen:class once\n\npackage p\n",
			want: File{Name: "without_if.go", Class: "once", Data: []byte("//go:build linux\n\npackage p\n")},
		},
		{
			name: "copyright.go",
			in:   "// Copyright.\n//authgen:class yours\n\npackage p\n",
			want: File{Name: "copyright.go", Class: "yours", Data: []byte("// Copyright.\n\npackage p\n")},
		},
		{
			name: "build_below.go",
			in:   "//authgen:if on\n\n//go:build stateless\n\npackage p\n",
			want: File{Name: "build_below.go", Data: []byte("package p\n")},
		},
		{
			name: "crlf.go",
			in:   "\ufeff//authgen:if on\r\n\r\npackage p\r\n",
			want: File{Name: "crlf.go", Data: []byte("package p\n")},
		},
		{
			name: "dir/seal_aes_test.go",
			in:   "//authgen:if on\n//authgen:as seal_test.go\n//authgen:unit seal.go\n\npackage p\n",
			want: File{Name: "dir/seal_test.go", Unit: "dir/seal.go", Data: []byte("package p\n")},
		},
		{
			name: "0001.sql",
			in:   "-- authgen:as 0002.sql\n-- authgen:class migration\n-- authgen:if on\n\n\nx\n",
			want: File{Name: "0002.sql", Class: "migration", Data: []byte("x\n")},
		},
		{
			name:     "README.md",
			in:       "<!-- authgen:class yours -->\n<!-- authgen:if off -->\n\nx\n",
			excluded: true,
		},
		{
			name:     ".env",
			in:       "# authgen:if off",
			excluded: true,
		},
		{
			name: "region.yaml",
			in:   "# authgen:class yours\n# authgen:if off\nx: 1\n# authgen:end\ny: 1\n",
			want: File{Name: "region.yaml", Class: "yours", Data: []byte("y: 1\n")},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok, err := specialize(tt.name, []byte(tt.in), opts)
			if err != nil {
				t.Fatal(err)
			}
			if ok == tt.excluded {
				t.Errorf("ok = %v", ok)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	tests := []struct {
		opts Options
		want string
	}{
		{Options{Packages: map[string]string{"auth": "my-auth"}}, `internal error: package "auth": "my-auth" is not a package name`},
		{Options{Exprs: map[string]string{"Context": "c"}}, `internal error: "Context" is not an expression of several parts`},
		{Options{Exprs: map[string]string{`"x"`: "c"}}, `internal error: "\"x\"" is not an expression of several parts`},
		{Options{Exprs: map[string]string{"a.b c": "c"}}, `internal error: "a.b c" is not an expression of several parts`},
		{Options{Exprs: map[string]string{"a.b // c": "c"}}, `internal error: "a.b // c" is not an expression of several parts`},
		{Options{Exprs: map[string]string{"a.b": "x; y"}}, `internal error: expression "a.b": "x; y" is not one`},
		{Options{Exprs: map[string]string{"a.b": "x +\n\ty"}}, `internal error: expression "a.b": "x +\n\ty" is not one`},
		{Options{Words: map[string]string{"": "x"}}, `internal error: "" is not a word`},
		{Options{Words: map[string]string{"x": "`"}}, "internal error: word \"x\": \"`\" would not fit into comments and strings"},
		{Options{Words: map[string]string{"x": "a\nb"}}, `internal error: word "x": "a\nb" would not fit into comments and strings`},
	}
	for _, tt := range tests {
		for _, name := range []string{"a.go", "a.sql"} {
			_, _, err := specialize(name, []byte("package p\n"), tt.opts)
			if err == nil || err.Error() != tt.want {
				t.Errorf("%s: got %v, want %s", name, err, tt.want)
			}
		}
	}
}

// The replacement of an expression may contain its key, and keys may contain spaces and
// one another.
func TestExprs(t *testing.T) {
	o := Options{Exprs: map[string]string{
		"fiber.Ctx":             "*fiber.Ctx",
		"func(fiber.Ctx) error": "fiber.Handler",
		"f(a, b)":               "f(b)",
		"-a.b":                  "a.b.Negated()",
	}}
	const (
		in = `package p

func f(c fiber.Ctx, next func(fiber.Ctx) error, other func(fiber.Ctx)) []fiber.Ctx {
	return g[fiber.Ctx](f(a, b), f(a, /* not b */ b), f(a,b,), f(a, c), -a.b, x-a.b, x - -a.b)
}
`
		want = `package p

func f(c *fiber.Ctx, next fiber.Handler, other func(*fiber.Ctx)) []*fiber.Ctx {
	return g[*fiber.Ctx](f(b), f(a /* not b */, b), f(a, b), f(a, c), a.b.Negated(), x-a.b, x-a.b.Negated())
}
`
	)
	f, _, err := Go("a.go", []byte(in), o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(f.Data)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !o.Touches([]byte(in)) || o.Touches([]byte("package p\n")) {
		t.Error("Touches does not look at expressions")
	}
}

func TestImportsLongestPrefix(t *testing.T) {
	o := Options{Imports: map[string]string{"a": "x", "a/b": "y", "a/b/c": "z"}}
	tests := map[string]string{"a": "x", "a/q": "x/q", "a/b": "y", "a/b/d": "y/d", "a/b/c/d": "z/d", "a/bc": "x/bc", "ab": "", "": ""}
	for in, want := range tests {
		if got, ok := o.rewrite(in); got != want || ok != (want != "") {
			t.Errorf("rewrite(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
}

// Words in inserted values are not replaced.
func TestValuesKeepWords(t *testing.T) {
	o := Options{Values: map[string]string{"v": "users"}, Words: map[string]string{"users": "shop_users"}}
	tests := []struct{ name, in, want string }{
		{"a.go", "package p\n\nconst a, b = c, \"users\" //authgen:value v\n\n// users\n", "package p\n\nconst a, b = c, \"users\"\n\n// shop_users\n"},
		{"a.sql", "users\nx -- authgen:value v\n", "shop_users\nusers\n"},
	}
	for _, tt := range tests {
		f, _, err := specialize(tt.name, []byte(tt.in), o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, string(f.Data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestExcludes(t *testing.T) {
	o := Options{Tags: map[string]bool{"on": true, "off": false}}
	for source, want := range map[string]bool{
		"":                                  false,
		"package p\n":                       false,
		"//authgen:if on\n\npackage p\n":    false,
		"//authgen:if off\n\npackage p\n":   true,
		"//authgen:if off\r\n\r\npackage p": true,
		"//authgen:as x.go\n//authgen:if off && on\n\npackage p\n":    true,
		"//authgen:class yours\n\n//authgen:if off\npackage p\n":      false,
		"// Package p.\npackage p\n\n//authgen:if off\nfunc f() {}\n": false,
		"//authgen:if nonsense\n\npackage p\n":                        false, // the mistake is found later
	} {
		if got := o.Excludes([]byte(source)); got != want {
			t.Errorf("%q: %t, want %t", source, got, want)
		}
	}
}

// NumberPlaceholders changes nothing but the placeholders.
func TestNumberPlaceholders(t *testing.T) {
	const text = "//authgen:if a\n//authgen:sql\n\npackage p\n\n//authgen:if a\nconst x = `?, ?`\n"
	for in, want := range map[string]string{
		text: strings.Replace(text, "?, ?", "$1, $2", 1),
		strings.Replace(text, "//authgen:sql\n", "", 1): strings.Replace(text, "//authgen:sql\n", "", 1),
	} {
		got, err := NumberPlaceholders("p.go", []byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	if _, err := NumberPlaceholders("p.go", []byte("//authgen:sql\n\npackage p\n")); err == nil || err.Error() != "p.go:3:1: sql on a file without a constant that has placeholders" {
		t.Errorf("without placeholders: %v", err)
	}
}
