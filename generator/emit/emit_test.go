package emit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/templates"
)

// defaultAnswers returns the answers of a developer who accepts every default.
func defaultAnswers() answers.Answers {
	a := answers.Default()
	a.Normalize()
	return a
}

func emitted(t testing.TB, a answers.Answers) map[string]string {
	t.Helper()
	files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
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

// Apart from the first line, the go:generate line, and the comment on changing roles,
// emitted code does not mention authgen, or the name that the package has in the templates.
func TestEmitSaysNothingOfItself(t *testing.T) {
	for _, session := range []string{"database", "stateless"} {
		a := answers.Default()
		a.Session = session
		a.Package = "internal/login"
		a.Normalize()
		for name, text := range emitted(t, a) {
			for i, line := range strings.Split(text, "\n") {
				if strings.Contains(strings.ToLower(line), "authgen") && i > 0 && !strings.HasPrefix(line, "//go:generate ") && !strings.HasSuffix(line, "change authgen.yaml instead.") {
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
	a := answers.Default()
	a.Normalize()
	if _, err := Package(templates.FS, a, Target{Module: "bad path"}); err == nil || !strings.Contains(err.Error(), "bad path") {
		t.Errorf("a bad module path: %v", err)
	}
	if _, err := Package(templates.FS, answers.Answers{}, Target{Module: "example.com/app"}); err == nil {
		t.Error("empty answers are accepted")
	}
	broken := fstest.MapFS{
		"auth/a.go":        {Data: []byte("package auth\n\n//authgen:if nonsense\nfunc f() {}\n")},
		"adapters/keep.md": {Data: []byte("x\n")},
	}
	if _, err := Package(broken, a, Target{Module: "example.com/app"}); err == nil || !strings.Contains(err.Error(), "auth/a.go:3:") && !strings.Contains(err.Error(), "a.go:3:") {
		t.Errorf("an unknown name in a directive: %v", err)
	}
}

// The go:generate line is in doc.go alone.
func TestGenerateLine(t *testing.T) {
	for want, target := range map[string]Target{
		"package auth\n\n//go:generate authgen generate\n":         {},
		"package auth\n\n//go:generate go tool authgen generate\n": {Tool: true},
		"package auth\n": {Tool: true, HasGenerateLine: true},
	} {
		target.Module = "example.com/app"
		files, err := Package(templates.FS, defaultAnswers(), target)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			switch text := string(f.Data); {
			case f.Path == generateFile && !strings.HasSuffix(text, want):
				t.Errorf("%+v: %s ends with %q, want %q", target, f.Path, text[max(0, len(text)-80):], want)
			case f.Path != generateFile && strings.Contains(text, "//go:generate"):
				t.Errorf("%+v: %s has a line for go generate", target, f.Path)
			}
		}
	}
}

// The template of an adapter replaces another one, and serves two major versions of its
// router.
func TestEmitOlderMajors(t *testing.T) {
	fake := fstest.MapFS{
		"auth/routes.go": {Data: []byte("package auth\n")},
		"adapters/echo/routes.go": {Data: []byte(`//authgen:if echo

package auth

import echo "github.com/labstack/echo/v5"

func me(c *echo.Context) error { return c.NoContent(204) }
`)},
		"adapters/fiber/routes.go": {Data: []byte(`//authgen:if fiber

package auth

import fiber "github.com/gofiber/fiber/v3"

func me(c fiber.Ctx) error {
	c.SetContext(c.Context())
	return c.SendStatus(204)
}
`)},
	}
	// There is no template of the tables, so they must exist already.
	target := Target{Module: "example.com/app", Migrated: []Migrated{{Path: "migrations/00001_auth.sql", Adds: SchemaParts(defaultAnswers())}}}
	for router, want := range map[string]string{
		"net/http": "package auth\n",
		"echo":     "func me(c *echo.Context) error { return c.NoContent(204) }\n",
		"echo/v4":  "func me(c echo.Context) error { return c.NoContent(204) }\n",
		"fiber":    "func me(c fiber.Ctx) error {\n\tc.SetContext(c.Context())\n\treturn c.SendStatus(204)\n}\n",
		"fiber/v2": "func me(c *fiber.Ctx) error {\n\tc.SetUserContext(c.UserContext())\n\treturn c.SendStatus(204)\n}\n",
	} {
		a := defaultAnswers()
		a.Router = router
		files, err := Package(fake, a, target)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(files, func(f File) bool { return f.Path == "routes.go" })
		if !strings.HasSuffix(string(files[i].Data), want) {
			t.Errorf("%s: got\n%s", router, files[i].Data)
		}
		major := map[string]string{"echo": "echo/v5", "fiber": "fiber/v3", "net/http": "package auth"}
		m := major[router]
		if m == "" {
			m = router
		}
		if !strings.Contains(string(files[i].Data), m) {
			t.Errorf("%s: no import of %s in\n%s", router, m, files[i].Data)
		}
	}

	fake["adapters/chi/routes.go"] = &fstest.MapFile{Data: []byte("//authgen:if echo || chi\n\npackage auth\n")}
	a := defaultAnswers()
	a.Router = "echo"
	if _, err := Package(fake, a, target); err == nil || !strings.Contains(err.Error(), "two templates are emitted as routes.go") {
		t.Errorf("two files with the same name: %v", err)
	}
}

// gofumpt, if it is installed, does not change emitted code.
func TestEmitIsClean(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	gofumpt, err := exec.LookPath("gofumpt")
	if err != nil {
		t.Skip("gofumpt is not installed")
	}
	dir := t.TempDir()
	space := answerSpace(t)
	for n, row := range combinations(space) {
		if n%5 != 0 {
			continue
		}
		a, err := answersOf(space, row)
		if err != nil {
			t.Fatal(err)
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
	}
	out, err := exec.Command(gofumpt, "-l", dir).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("gofumpt -l: %v\n%s", err, out)
	}
}

func BenchmarkEmit(b *testing.B) {
	a := templateAnswers()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Package(templates.FS, a, Target{Module: "example.com/app"}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestDigest(t *testing.T) {
	digest := func(files ...string) string {
		templates := make(fstest.MapFS)
		for i := 0; i < len(files); i += 2 {
			templates[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
		}
		sum, err := Digest(templates)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	want := digest("auth/a.go", "a", "auth/b.go", "b")
	if again := digest("auth/b.go", "b", "auth/a.go", "a"); again != want {
		t.Errorf("the digest of equal templates is %s, then %s", want, again)
	}
	for _, files := range [][]string{
		{},
		{"auth/a.go", "a"},
		{"auth/a.go", "a", "auth/b.go", "b\n"},
		{"auth/a.go", "a", "auth/c.go", "b"},
		{"auth/a.go", "b", "auth/b.go", "a"},
	} {
		if digest(files...) == want {
			t.Errorf("%q has the same digest as other templates", files)
		}
	}
}
