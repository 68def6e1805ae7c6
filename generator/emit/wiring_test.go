package emit

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// Every application in the tests of package project compiles with the lines pasted where
// they are to be added.
func TestWireApplications(t *testing.T) {
	archives, err := filepath.Glob("../project/testdata/app_*.txtar")
	if err != nil || len(archives) < 10 {
		t.Fatalf("%d archives, %v", len(archives), err)
	}
	exported := exportData(t).Importer()
	mounted := 0
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			root := extract(t, archive)
			p, err := project.Load(root)
			if err != nil {
				t.Fatal(err)
			}
			a := defaultAnswers()
			if name, ok := p.Router(); ok {
				a.Router = name
			}
			for _, d := range p.UsedDatabases() {
				a.Database = d.Name // the last of several
			}
			a.Driver = answers.DriversFor(a.Database)[0]
			if name, ok := p.Driver(a.Database); ok {
				a.Driver = name
			}
			if err := newPasted(exported, root, a.Router).check(); err != nil {
				t.Fatalf("the application does not compile: %v", err)
			}
			w := Wire(p, a)
			if w.Mount.Pos.File == "" {
				if w.Mount.Unclear == "" {
					t.Error("neither a place nor a reason")
				}
				return
			}
			mounted++
			paste(t, root, w)
			if err := newPasted(exported, root, a.Router).check(); err != nil {
				t.Errorf("with the lines at %s: %v\n%s", w.Mount.Pos, err, w.Code)
			}
			if strings.Contains(w.Code, a.Router) && w.Mount.Handle.Expr == "" && w.Mount.Handle.Opened.Text == "" && len(p.SQL) > 0 {
				t.Errorf("nothing says where the database is:\n%s", w.Code)
			}
		})
	}
	if mounted < 15 {
		t.Errorf("only %d were mounted on", mounted)
	}
}

// The lines compile for every router, driver and store, in functions with and without an
// error, and where the application itself uses the names that the lines would.
func TestWire(t *testing.T) {
	exported := exportData(t).Importer()
	for _, router := range answers.Routers {
		for _, database := range answers.Databases {
			for i, driver := range database.Drivers {
				if i > 0 && router.Name != answers.Default().Router {
					break
				}
				t.Run(router.Name+","+driver.Name, func(t *testing.T) {
					for _, at := range []struct{ before, function, after string }{
						{"", "func main() {", "serve(db.ToUpper(\"\")) }"},
						{"", "func main() {", "err := any(db.ToUpper)\nserve(err) }"},
						{"var log, fmt, auth int", "func run(ctx context.Context, a, keys, db int) (string, error) {", "return \"\", nil }\n\nvar _ = db.ToUpper"},
					} {
						a := defaultAnswers()
						a.Router, a.Database, a.Driver = router.Name, database.Name, driver.Name
						if at.before != "" {
							a.Store = "redis"
						}
						source := fmt.Sprintf("package main\n\nimport (\n\t\"context\"\n\tdb \"strings\"\n\n\tthe %q\n)\n\nvar _ context.Context\n\n%s\n\n%s\n\tapi := the.%s()\n\tserve(api)\n%s\n\nfunc serve(any) {}\n",
							router.Import, at.before, at.function, router.Constructors[0], at.after)
						root := extract(t, &txtar.Archive{Files: []txtar.File{
							{Name: "go.mod", Data: []byte("module example.com/app\n\ngo 1.26.0\n")},
							{Name: "main.go", Data: []byte(source)},
						}})
						p, err := project.Load(root)
						if err != nil {
							t.Fatal(err)
						}
						w := Wire(p, a)
						if w.Mount.Pos.File != "main.go" {
							t.Fatalf("no place: %+v", w.Mount)
						}
						paste(t, root, w)
						if err := newPasted(exported, root, a.Router).check(); err != nil {
							t.Errorf("%v\n%s", err, w.Code)
						}
						// Routes of the standard library on the same router.
						a.Router = answers.Default().Router
						if err := os.WriteFile(filepath.Join(root, "main.go"), []byte(source), 0o666); err != nil {
							t.Fatal(err)
						}
						w = Wire(p, a)
						paste(t, root, w)
						if err := newPasted(exported, root, a.Router).check(); err != nil {
							t.Errorf("%v\n%s", err, w.Code)
						}
					}
				})
			}
		}
	}
}

// Only a handle of the chosen database is used, and no other driver's.
func TestWireDatabase(t *testing.T) {
	archive, err := txtar.ParseFile("../project/testdata/app_two_databases.txtar")
	if err != nil {
		t.Fatal(err)
	}
	p, err := project.Load(extract(t, archive))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ database, driver, want string }{
		{"postgres", "github.com/lib/pq", "main"},
		{"sqlite", "modernc.org/sqlite", "cache"},
		{"sqlite", "github.com/mattn/go-sqlite3", ""}, // another makes the connections
		{"mysql", "github.com/go-sql-driver/mysql", ""},
	} {
		a := defaultAnswers()
		a.Database, a.Driver = tt.database, tt.driver
		w := Wire(p, a)
		if got := w.Mount.Handle.Expr; got != tt.want {
			t.Errorf("%s: handle %q, want %q", tt.driver, got, tt.want)
		}
		if own := strings.Contains(w.Code, "sql.Open("); own != (tt.want == "") {
			t.Errorf("%s: opens one of its own: %t\n%s", tt.driver, own, w.Code)
		}
		if got := strings.Contains(w.Code, `"database/sql"`); got {
			t.Errorf("%s: it imports what the file has\n%s", tt.driver, w.Code)
		}
	}
}

// The handler that the middleware wraps takes the place of what is there.
func TestWireServed(t *testing.T) {
	for name, want := range map[string][2]string{ // what the middleware is given, and in whose place
		"app_servemux_inner":     {"mux", "mux"},
		"app_default_mux":        {"http.DefaultServeMux", "nil"},
		"app_handlerfunc_method": {"http.HandlerFunc(s.serveHTTP)", "http.HandlerFunc(s.serveHTTP)"},
		"app_ozzo":               {"mux", "buildHandler(db)"},
	} {
		archive, err := txtar.ParseFile("../project/testdata/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		p, err := project.Load(extract(t, archive))
		if err != nil {
			t.Fatal(err)
		}
		a := defaultAnswers()
		if router, ok := p.Router(); ok {
			a.Router = router
		}
		if w := Wire(p, a); w.Pass != want[0] || w.Instead != want[1] {
			t.Errorf("%s: pass %q instead of %q, want %q", name, w.Pass, w.Instead, want)
		}
	}
}

// The lines that open a database of their own say how it becomes the application's, which
// they cannot name if it is a file.
func TestWireOwn(t *testing.T) {
	for name, want := range map[string]string{
		"app_servemux_inner": "Until then, these lines open a file: let it be that of the application.",
		"app_bun_pgdriver":   "These lines open the same database once more. DSN is the application's; driver.go says with which parameters sqlDB, err := sql.Open(\"pgx\", os.Getenv(\"DSN\"))",
	} {
		archive, err := txtar.ParseFile("../project/testdata/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		p, err := project.Load(extract(t, archive))
		if err != nil {
			t.Fatal(err)
		}
		a := defaultAnswers()
		a.Router, _ = p.Router()
		a.Database, _ = p.Database()
		a.Driver, _ = p.Driver(a.Database)
		code := strings.Join(strings.Fields(strings.ReplaceAll(Wire(p, a).Code, "//", "")), " ")
		if !strings.Contains(code, want) {
			t.Errorf("%s: no %q in\n%s", name, want, code)
		}
	}
}

// extract writes the files of an archive to a new directory, and returns that.
func extract(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	files, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.CopyFS(root, files); err != nil {
		t.Fatal(err)
	}
	return root
}

// paste adds the lines, and after the imports of the file, those that they need.
func paste(t *testing.T, root string, w Wiring) {
	t.Helper()
	name := filepath.Join(root, filepath.FromSlash(w.Mount.Pos.File))
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	imports, code := "", w.Code
	if before, after, ok := strings.Cut(w.Code, "\n)\n"); ok && strings.HasPrefix(w.Code, "import (") {
		imports, code = before+"\n)\n", after
	}
	source := strings.Split(string(data), "\n")
	text := strings.Join(source[:w.Mount.Pos.Line], "\n") + "\n" + code + strings.Join(source[w.Mount.Pos.Line:], "\n")
	clause := strings.Index(text, "package ")
	end := clause + strings.IndexByte(text[clause:], '\n') + 1
	text = text[:end] + imports + text[end:]
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// pasted type-checks the packages of an application. In place of the package that authgen
// writes there are declarations of what the lines use of it.
type pasted struct {
	root     string
	router   answers.Router
	fset     *token.FileSet
	exported types.Importer
	stubs    map[string]string // source by import path
	packages map[string]*types.Package
	errs     []error
}

func newPasted(exported types.Importer, root, router string) *pasted {
	m := &pasted{
		root: root, router: answers.RouterNamed(router), fset: token.NewFileSet(),
		exported: exported, stubs: make(map[string]string), packages: make(map[string]*types.Package),
	}
	archive, err := txtar.ParseFile("testdata/libraries.txtar")
	if err != nil {
		panic(err)
	}
	for _, f := range archive.Files {
		m.stubs[f.Name] = string(f.Data)
	}
	m.stubs["example.com/app/internal/auth"] = m.stubs["auth for "+m.router.Folder()] + m.stubs["auth"]
	m.stubs["example.com/app/internal/auth/authweb"] = m.stubs["authweb"]
	if _, ok := m.router.Older.Imports[answers.RouterNamed(m.router.Folder()).Import]; ok {
		source := m.stubs["example.com/app/internal/auth"]
		for now, older := range m.router.Older.Imports {
			source = strings.ReplaceAll(source, now, older)
		}
		m.stubs["example.com/app/internal/auth"] = strings.ReplaceAll(source, "fiber.Ctx", "*fiber.Ctx")
	}
	return m
}

// check type-checks all packages of the application.
func (m *pasted) check() error {
	err := filepath.WalkDir(m.root, func(name string, d os.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(m.root, name)
		if err != nil {
			return err
		}
		if files, _ := filepath.Glob(filepath.Join(name, "*.go")); len(files) > 0 {
			_, err = m.Import(path.Join("example.com/app", filepath.ToSlash(rel)))
		}
		return err
	})
	return errors.Join(append(m.errs, err)...)
}

// Import implements [types.Importer].
func (m *pasted) Import(importPath string) (*types.Package, error) {
	if p := m.packages[importPath]; p != nil {
		return p, nil
	}
	var files []*ast.File
	parse := func(name string, src any) error {
		f, err := parser.ParseFile(m.fset, name, src, parser.SkipObjectResolution)
		files = append(files, f)
		return err
	}
	rel, own := strings.CutPrefix(importPath+"/", "example.com/app/")
	switch stub, ok := m.stubs[importPath]; {
	case ok:
		if err := parse(importPath+".go", stub); err != nil {
			return nil, err
		}
	case own:
		names, err := filepath.Glob(filepath.Join(m.root, filepath.FromSlash(rel), "*.go"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if err := parse(name, nil); err != nil {
				return nil, err
			}
		}
	default:
		return m.exported.Import(importPath)
	}
	config := types.Config{Importer: m, Error: func(err error) { m.errs = append(m.errs, err) }}
	p, _ := config.Check(importPath, m.fset, files, nil) // the errors are kept
	m.packages[importPath] = p
	return p, nil
}
