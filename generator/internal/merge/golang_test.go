package merge

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the wanted results in testdata")

var goLabels = Labels{Mine: "yours", Base: "base (authgen v1)", New: "authgen v2"}

// Each archive in testdata/golang has base, mine, new and the result of Go and, if there
// are conflicts, their lines and names. Its comment says what it is for.
func TestGo(t *testing.T) {
	files, err := filepath.Glob("testdata/golang/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			part := map[string][]byte{}
			for _, f := range a.Files {
				part[f.Name] = f.Data
			}
			r := Go(part["base"], part["mine"], part["new"], goLabels)
			var conflicts strings.Builder
			for _, c := range r.Conflicts {
				fmt.Fprintf(&conflicts, "%d %s\n", c.Line, c.Name)
			}
			if *update {
				a.Files = append(a.Files[:3], txtar.File{Name: "want", Data: r.Text})
				if conflicts.Len() > 0 {
					a.Files = append(a.Files, txtar.File{Name: "conflicts", Data: []byte(conflicts.String())})
				}
				if err := os.WriteFile(file, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(part["want"]), string(r.Text)); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(string(part["conflicts"]), conflicts.String()); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
			checkGo(t, part["base"], part["mine"], part["new"], r, true)
		})
	}
}

// checkGo fails the test if a merge breaks a promise that Go makes for all merges.
func checkGo(t *testing.T, base, mine, new []byte, r Result, exact bool) {
	t.Helper()
	for _, problem := range broken(base, mine, new, r, exact) {
		t.Error(problem)
	}
}

// broken returns the broken promises of a merge. For exact, see lost.
func broken(base, mine, new []byte, r Result, exact bool) (problems []string) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if err := lost(base, mine, new, r, exact); err != nil {
		problem("%v", err)
	}
	lines := strings.SplitAfter(string(r.Text), "\n")
	for _, c := range r.Conflicts {
		if c.Line < 1 || c.Line > len(lines) || !strings.HasPrefix(lines[c.Line-1], "<<<<<<<") {
			problem("conflict %q: line %d is not a marker", c.Name, c.Line)
		}
	}
	if len(r.Conflicts) > 0 {
		if at := Markers(r.Text); len(at) != len(r.Conflicts) {
			problem("%d conflicts, and markers at %d", len(r.Conflicts), at)
		}
		for _, side := range []Side{Mine, New} {
			if _, err := Resolve(r.Text, side); err != nil {
				problem("%v", err)
			}
		}
		return problems
	}
	if compiles(base) && compiles(mine) && compiles(new) && !compiles(r.Text) {
		problem("merged without a conflict, but does not parse or declares a name twice:\n%s", r.Text)
	}
	if isFormatted(base) && isFormatted(mine) && isFormatted(new) && !isFormatted(r.Text) {
		problem("is not formatted:\n%s", r.Text)
	}
	return problems
}

// lost returns an error if a line that a side added is missing, except for imports. It only
// counts lines. One side may have deleted all copies of a line in base that the other side
// added again; if exact is set, that did not happen.
func lost(base, mine, new []byte, r Result, exact bool) error {
	count := func(text []byte) map[string]int {
		n := map[string]int{}
		for line := range strings.Lines(string(text)) {
			line = strings.Join(strings.Fields(line), "")
			if line != "" && !isImportLine(line) {
				n[line]++
			}
		}
		return n
	}
	b, m, n, out := count(base), count(mine), count(new), count(r.Text)
	for _, side := range []map[string]int{m, n} {
		for line := range side {
			added := max(m[line]-b[line], n[line]-b[line])
			want := added
			if exact {
				want += b[line] + min(m[line]-b[line], 0) + min(n[line]-b[line], 0)
			}
			if added > 0 && out[line] < want {
				return fmt.Errorf("lost: %q occurs %d times; base %d, mine %d, new %d", line, out[line], b[line], m[line], n[line])
			}
		}
	}
	return nil
}

// isImportLine reports whether a line without white space may be part of the imports.
func isImportLine(line string) bool {
	line, _, _ = strings.Cut(line, "//")
	line = strings.TrimPrefix(line, "import")
	return line == "" || line == "(" || line == ")" || strings.HasSuffix(line, `"`) && strings.Count(line, `"`) == 2
}

func TestDeclares(t *testing.T) {
	const src = `package p

import "fmt"

const a, b = 1, 2

const (
	_ = iota
	c
)

type T[P any] struct{}

func (t *T[P]) Get() {}
func (T[P]) Put()    {}

var _ = fmt.Sprint()
var _ fmt.Stringer

func init() {}
func init() {}
func (T[P]) init() {}
func Get()  {}

type (
	U int
	V int
)
`
	want := []string{
		"const a", "const b", "const c", "type T", "func (T) Get", "func (T) Put", "var _", "var _ 2",
		"func init", "func init 2", "func (T) init", "func Get", "type U", "type V",
	}
	if diff := cmp.Diff(want, Declares([]byte(src))); diff != "" {
		t.Error(diff)
	}
	if got := Declares([]byte("package p\nfunc {")); got != nil {
		t.Errorf("a file that does not parse declares %q", got)
	}
	if got := Declares([]byte("package p\n")); len(got) != 0 {
		t.Errorf("an empty file declares %q", got)
	}
}

// A merge that loses a line is detected.
func TestLoses(t *testing.T) {
	base := []byte("package p\n\nfunc f() {\n\ta()\n\ta()\n}\n")
	mine := []byte("package p\n\n// of mine\nfunc f() {\n\ta()\n\ta()\n}\n")
	new := []byte("package p\n\nfunc f() {\n\ta()\n\ta()\n\ta()\n}\n")
	tests := []struct {
		text string
		want bool
	}{
		{"// of mine\nfunc f() {\n\ta()\n\ta()\n\ta()\n}\n", false},
		{"// of mine\nfunc f() {\n    a( )\n    a()\n    a()\n}\n", false},
		{"// of mine\nfunc f() {\n\ta()\n\ta()\n\ta()\n\ta()\n}\n", false},
		{"func f() {\n\ta()\n\ta()\n\ta()\n}\n", true},
		{"// of mine\nfunc f() {\n\ta()\n\ta()\n}\n", true},
		{"// of mine\nfunc f() {\n\ta()\n\ta()\n\ta()\n", true},
	}
	for _, test := range tests {
		g := newGoMerger(base, mine, new, goLabels)
		pieces := []*piece{{}, {part: g.base.clause}, {}, {part: part{text: test.text}}}
		if got := g.loses(pieces); got != test.want {
			t.Errorf("%q: %v, want %v", test.text, got, test.want)
		}
	}
}

func TestImportNames(t *testing.T) {
	tests := []struct {
		path string
		want []string
	}{
		{"net/http", []string{"http"}},
		{"math/rand/v2", []string{"rand", "v2"}},
		{"github.com/jackc/pgx/v5", []string{"pgx", "v5"}},
		{"gopkg.in/yaml.v3", []string{"yaml"}},
		{"github.com/redis/go-redis/v9", []string{"redis", "go_redis", "v9"}},
		{"github.com/mattn/go-sqlite3", []string{"sqlite3", "go_sqlite3"}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, importKey{path: test.path}.names()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.path, diff)
		}
	}
}
