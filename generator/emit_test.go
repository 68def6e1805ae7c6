package generator

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/templates"
)

func emitted(t testing.TB, a Answers) map[string]string {
	t.Helper()
	files, err := Emit(templates.FS, a, Target{Module: "example.com/app"})
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string]string)
	for _, f := range files {
		m[f.Path] = string(f.Data)
	}
	return m
}

func TestEmitIsDeterministic(t *testing.T) {
	a := templateAnswers()
	first := emitted(t, a)
	for range 5 {
		if diff := cmp.Diff(first, emitted(t, a)); diff != "" {
			t.Fatal(diff)
		}
	}
}

// Beyond the first line and the go:generate line, nothing tells how the package
// was made, and nothing is left of what was not chosen.
func TestEmitSaysNothingOfItself(t *testing.T) {
	for _, session := range []string{"database", "stateless"} {
		a := DefaultAnswers()
		a.Session = session
		a.Package = "internal/login"
		a.Normalize()
		for name, text := range emitted(t, a) {
			for i, line := range strings.Split(text, "\n") {
				if strings.Contains(strings.ToLower(line), "authgen") && i > 0 && !strings.HasPrefix(line, "//go:generate ") {
					t.Errorf("%s:%d: %s", name, i+1, line)
				}
				if strings.Contains(line, "auth.New") || strings.Contains(line, `"auth: `) {
					t.Errorf("%s:%d: the package is called login here: %s", name, i+1, line)
				}
			}
		}
	}
}

func TestEmitRefuses(t *testing.T) {
	a := DefaultAnswers()
	a.Normalize()
	if _, err := Emit(templates.FS, a, Target{Module: "bad path"}); err == nil || !strings.Contains(err.Error(), "bad path") {
		t.Errorf("a bad module path: %v", err)
	}
	if _, err := Emit(templates.FS, Answers{}, Target{Module: "example.com/app"}); err == nil {
		t.Error("empty answers are accepted")
	}
	broken := fstest.MapFS{
		"auth/a.go":        {Data: []byte("package auth\n\n//authgen:if nonsense\nfunc f() {}\n")},
		"adapters/keep.md": {Data: []byte("x\n")},
	}
	if _, err := Emit(broken, a, Target{Module: "example.com/app"}); err == nil || !strings.Contains(err.Error(), "auth/a.go:3:") && !strings.Contains(err.Error(), "a.go:3:") {
		t.Errorf("an unknown name in a directive: %v", err)
	}
}

// What is emitted is clean under the stricter formatter and linter, where they
// are installed.
func TestEmitIsClean(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	gofumpt, err := exec.LookPath("gofumpt")
	if err != nil {
		t.Skip("gofumpt is not installed")
	}
	dir := t.TempDir()
	n := 0
	combinations(func(name string, a Answers) {
		n++
		if n%25 != 0 {
			return
		}
		for name, text := range emitted(t, a) {
			full := filepath.Join(dir, fmt.Sprint(n), filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(full, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	})
	out, err := exec.Command(gofumpt, "-l", dir).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("gofumpt -l: %v\n%s", err, out)
	}
}

func BenchmarkEmit(b *testing.B) {
	a := templateAnswers()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Emit(templates.FS, a, Target{Module: "example.com/app"}); err != nil {
			b.Fatal(err)
		}
	}
}
