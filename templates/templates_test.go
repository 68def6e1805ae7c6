package templates_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/templates"
)

// variant is one way to put the package together where the templates stand: the
// directories of adapters whose files and declarations replace those in auth, or
// are added to them.
type variant struct {
	adapters []string
	// without are files that adapters stand for under other names.
	without []string
	// needs are the environment variables that say where servers are. The one of
	// the database is handed on to the tests as TEST_DATABASE_URL.
	needs []string
	// full says that only -templates.all runs it: others have each of its adapters, or it
	// has another driver for a database.
	full bool
}

// and returns v with another adapter.
func (v variant) and(adapter string) variant {
	v.adapters = append(slices.Clone(v.adapters), adapter)
	return v
}

// andRouter returns v with a router, without the files for traits that it does not have.
func (v variant) andRouter(r answers.Router) variant {
	v = v.and(r.Folder())
	v.without = slices.Clone(v.without)
	for _, other := range answers.Routers {
		for _, tag := range other.Tags {
			if !slices.Contains(r.Tags, tag) {
				v.without = append(v.without, filesFor(tag)...)
			}
		}
	}
	return v
}

// filesFor returns the files in auth that are only for a tag.
func filesFor(tag string) []string {
	names, err := fs.Glob(templates.FS, "auth/*.go")
	if err != nil {
		panic(err)
	}
	var files []string
	for _, name := range names {
		text, err := fs.ReadFile(templates.FS, name)
		if err != nil {
			panic(err)
		}
		if bytes.HasPrefix(text, []byte("//authgen:if "+tag+"\n")) {
			files = append(files, path.Base(name))
		}
	}
	return files
}

// andRedis returns v with the sessions in Redis.
func (v variant) andRedis() variant {
	v = v.and("redis")
	v.without = append(slices.Clone(v.without),
		"sessions_database.go", "session_rows_test.go", "flows_database_test.go", "inplace_redis_test.go", "bridge_from_stateless.go", "bridge_from_stateless_test.go")
	v.needs = append(slices.Clone(v.needs), "TEST_REDIS_URL")
	return v
}

// databases are the variants for each driver of each database, the usual ones named
// after the database alone.
func databases() map[string]variant {
	all := make(map[string]variant)
	for _, d := range answers.Databases {
		for i, driver := range d.Drivers {
			name, v := d.Name, variant{adapters: []string{d.Tag}}
			if driver.Tag != "" {
				v = v.and(driver.Tag)
			}
			if i > 0 {
				name += "-" + driver.Tag
			}
			if d.TestVariable != "" {
				v.needs = []string{d.TestVariable}
			}
			v.full = i > 0
			if d.Name != answers.Databases[0].Name {
				v.without = []string{"store_" + answers.Databases[0].Tag + ".go"}
			}
			all[name] = v
		}
	}
	return all
}

// variants are those of databases, of routers with the first database, and of the
// databases with the sessions in Redis.
var variants = func() map[string]variant {
	all := make(map[string]variant)
	byDriver := databases()
	standard := answers.Routers[0].Folder() + "-"
	for name, v := range byDriver {
		all[standard+name] = v
	}
	for _, r := range answers.Routers {
		if !r.Standard() {
			all[r.Folder()+"-"+answers.Databases[0].Name] = byDriver[answers.Databases[0].Name].andRouter(r)
		}
	}
	for _, d := range answers.Databases {
		v := byDriver[d.Name].andRedis()
		v.full = d.Name != answers.Databases[0].Name
		all[standard+d.Name+"-redis"] = v
	}
	return all
}()

var (
	race = flag.Bool("templates.race", false, "run the templates' tests with the race detector")
	all  = flag.Bool("templates.all", false, "run all of the templates' tests in every variant")
)

// TestTemplates vets and tests the templates where they stand, in both session
// styles. What needs a module that this one does not have is in adapters, and is
// compiled with adapters.mod.
//
// Emitted code is checked and tested elsewhere with each adapter, with the default
// features. Here, the default variant is vetted and fully tested; one for each router,
// each database and Redis runs only the tests that are not emitted, and the one that
// calls every route, those of all features. With -templates.all, every variant is like
// the default one.
func TestTemplates(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	for name, v := range variants {
		if v.full && !*all {
			continue
		}
		t.Run(name, func(t *testing.T) {
			env := os.Environ()
			_ = os.Getenv("TEST_PGBOUNCER_URL") // so that this test runs again when it changes
			for _, needed := range v.needs {
				url := os.Getenv(needed)
				if url == "" {
					t.Skipf("%s is not set", needed)
				}
				if needed != "TEST_REDIS_URL" {
					env = append(env, "TEST_DATABASE_URL="+url)
				}
			}
			overlay := v.overlay(t)
			for _, style := range []string{"database", "stateless"} {
				whole := name == "nethttp-sqlite" || *all
				if style == "stateless" && (strings.Contains(name, "redis") || !whole) {
					continue
				}
				t.Run(style, func(t *testing.T) {
					run := []string{"test", "-shuffle=on"}
					if *race {
						run = append(run, "-race")
					}
					commands, packages := [][]string{{"vet"}, run}, []string{"./auth/..."}
					if !whole {
						commands = [][]string{append(run, "-vet=off", "-ldflags=-w", "-run=^(TestConformance|TestDatabaseFaults|TestFieldsByViewer|TestOtherTables|TestPermissions|TestPooler)$")}
						packages = []string{"./auth", "./auth/authtest"}
					}
					for _, args := range commands {
						// A clone in another directory finds in the cache what this one compiled.
						args = append(args, "-trimpath", "-modfile="+abs(t, "adapters.mod"), "-overlay="+overlay, "-tags="+style)
						args = append(args, packages...)
						cmd := exec.Command("go", args...)
						cmd.Env = env
						out, err := cmd.CombinedOutput()
						if err != nil {
							t.Fatalf("go %v: %v\n%s", args, err, out)
						}
						t.Logf("go %s:\n%s", args[0], out)
					}
				})
			}
		})
	}
}

// overlay returns the file that tells the go command how the variant is put
// together.
func (v variant) overlay(t *testing.T) string {
	t.Helper()
	replace := make(map[string]string)
	for _, adapter := range v.adapters {
		root := path.Join("adapters", adapter)
		// That they are embedded makes this test run again when a template changes.
		err := fs.WalkDir(templates.FS, root, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				replace[abs(t, "auth"+strings.TrimPrefix(name, root))] = abs(t, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range v.without {
		replace[abs(t, "auth/"+name)] = ""
	}
	dir := t.TempDir()
	for name, text := range withoutReplaced(t, replace) {
		cut := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(cut, text, 0o666); err != nil {
			t.Fatal(err)
		}
		replace[name] = cut
	}
	if slices.Contains(v.adapters, "postgres") {
		numberPlaceholders(t, replace, dir)
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// numberPlaceholders replaces what has constants that are SQL, as the generator does for
// a database that numbers placeholders.
func numberPlaceholders(t *testing.T, replace map[string]string, dir string) {
	t.Helper()
	err := filepath.WalkDir(abs(t, "auth"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		with, replaced := replace[name]
		if !replaced {
			with = name
		} else if with == "" {
			return nil
		}
		text, err := os.ReadFile(with)
		if err != nil || !bytes.Contains(text, []byte("\n//authgen:sql\n")) && !bytes.HasPrefix(text, []byte("//authgen:sql\n")) {
			return err
		}
		if text, err = emit.NumberPlaceholders(with, text); err != nil {
			return err
		}
		replace[name] = filepath.Join(dir, "numbered_"+filepath.Base(name))
		return os.WriteFile(replace[name], text, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// withoutReplaced returns the files in auth that declare what an adapter declares as
// well, without these declarations. Lines keep their numbers.
func withoutReplaced(t *testing.T, replace map[string]string) map[string][]byte {
	t.Helper()
	fset := token.NewFileSet()
	parse := func(name string) *ast.File {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	auth := abs(t, "auth")
	replaced := make(map[string]bool)
	for name, with := range replace {
		if filepath.Dir(name) == auth && filepath.Ext(with) == ".go" {
			for declared := range declarations(parse(with)) {
				replaced[declared] = true
			}
		}
	}
	names, err := filepath.Glob(filepath.Join(auth, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	cut := make(map[string][]byte)
	for _, name := range names {
		if _, ok := replace[name]; ok {
			continue
		}
		for declared, node := range declarations(parse(name)) {
			if !replaced[declared] {
				continue
			}
			if cut[name] == nil {
				if cut[name], err = os.ReadFile(name); err != nil {
					t.Fatal(err)
				}
			}
			text := cut[name][fset.Position(node.Pos()).Offset:fset.Position(node.End()).Offset]
			for i := range text {
				if text[i] != '\n' {
					text[i] = ' '
				}
			}
		}
	}
	return cut
}

// declarations returns the functions and the constants that a file declares, by name.
func declarations(f *ast.File) map[string]ast.Node {
	nodes := make(map[string]ast.Node)
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name := decl.Name.Name
			if decl.Recv != nil {
				name = types.ExprString(decl.Recv.List[0].Type) + "." + name
			}
			nodes[name] = decl
		case *ast.GenDecl:
			if decl.Tok != token.CONST {
				continue
			}
			for _, spec := range decl.Specs {
				spec := spec.(*ast.ValueSpec)
				nodes[spec.Names[0].Name] = spec
				if !decl.Lparen.IsValid() {
					nodes[spec.Names[0].Name] = decl
				}
			}
		}
	}
	delete(nodes, "_")
	delete(nodes, "init")
	return nodes
}

func abs(t *testing.T, name string) string {
	t.Helper()
	name, err := filepath.Abs(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return name
}
