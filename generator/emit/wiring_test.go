package emit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// The code to paste is valid Go for every router and driver, in main and elsewhere, and
// imports exactly what it uses.
func TestWire(t *testing.T) {
	module := t.TempDir()
	for _, router := range answers.KeyNamed("router").Values {
		for _, driver := range answers.KeyNamed("driver").Values {
			for _, main := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s,%s,%t", router.Name, driver.Name, main), func(t *testing.T) {
					a := defaultAnswers()
					a.Router, a.Driver = router.Name, driver.Name
					for _, database := range answers.KeyNamed("database").Values {
						if slices.Contains(answers.DriversFor(database.Name), driver.Name) {
							a.Database = database.Name
						}
					}
					if main {
						a.Store = "redis"
					}
					w := Wire(madeIn(t, module, router.Name, main), a)
					if w.Mount.InMain != main {
						t.Fatalf("in main: %t", w.Mount.InMain)
					}
					checkWired(t, w.Code, router.Name)
				})
			}
		}
	}
}

// madeIn returns a project that makes a router, in main or elsewhere.
func madeIn(t *testing.T, root, router string, main bool) *project.Project {
	t.Helper()
	function := "func run() error {"
	if main {
		function = "func main() {"
	}
	made := "x.New" // the name and its arguments do not matter
	if err := os.WriteFile(filepath.Join(root, "main.go"), []byte("package main\n\n"+function+"\n\tapi := "+made+"()\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return &project.Project{
		Root: root, Module: "example.com/app",
		Routers: []project.Candidate{{Name: router, Evidence: []project.Evidence{
			{Pos: project.Position{File: "main.go", Line: 4}, Kind: project.ByConstructor, Text: made, Main: true},
		}}},
	}
}

// checkWired checks the code to paste into a program that has a router.
func checkWired(t *testing.T, code, router string) {
	t.Helper()
	imports, lines, ok := strings.Cut(code, "\n)\n")
	if !ok {
		t.Fatalf("no imports:\n%s", code)
	}
	source := "package main\n\n" + imports + "\n)\n\nfunc f() {\n" + lines + "}\n"
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v:\n%s", err, source)
	}
	used := make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				used[x.Name] = true
			}
		}
		return true
	})
	// The application has these.
	for _, name := range []string{"a", "api"} {
		delete(used, name)
	}
	imported := make(map[string]bool)
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		name := map[string]string{"github.com/redis/go-redis/v9": "redis"}[p]
		if name == "" {
			name = p[strings.LastIndex(p, "/")+1:]
		}
		if spec.Name != nil && spec.Name.Name == "_" {
			continue
		}
		imported[name] = true
		if !used[name] {
			t.Errorf("%s is not used:\n%s", p, code)
		}
	}
	for name := range used {
		if !imported[name] {
			t.Errorf("%s is not imported:\n%s", name, code)
		}
	}
	if !strings.Contains(lines, "api") {
		t.Errorf("nothing is added to the router of %s:\n%s", router, code)
	}
}
