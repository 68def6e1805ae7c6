package covering_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/project"
	"github.com/authgen/authgen/templates"
)

var allOldest = flag.Bool("oldest.all", false, "run the tests with the oldest version of every module, not only of a few")

// sampledOldest are the modules with whose oldest version tests run without -oldest.all.
var sampledOldest = []string{"github.com/gin-gonic/gin", "github.com/lib/pq"}

// An oldStack is a stack for an application that uses modules at their oldest versions.
type oldStack struct {
	modules []string // usually one
	imports []string // a package of each, which the application imports
	values  map[string]string
	slow    bool // they take minutes to compile
}

// oldStacks returns a stack for each module that emitted code may need: each router with a
// driver that needs no other modules, each driver with the standard router.
func oldStacks() []oldStack {
	const driver = "github.com/mattn/go-sqlite3"
	all := []oldStack{{
		modules: []string{"golang.org/x/crypto", "golang.org/x/text"},
		imports: []string{"golang.org/x/crypto/argon2", "golang.org/x/text/unicode/norm"},
		values:  map[string]string{"driver": driver},
	}}
	add := func(module, imported string, slow bool, values map[string]string) {
		all = append(all, oldStack{[]string{module}, []string{imported}, values, slow})
	}
	for _, r := range answers.Routers {
		if !r.Standard() {
			add(r.Module, r.Import, false, map[string]string{"router": r.Name, "driver": driver})
		}
	}
	for _, d := range answers.Databases {
		for _, other := range d.Drivers {
			// A driver without a server contains the database.
			add(other.Name, other.Import, d.Server == "", map[string]string{"database": d.Name, "driver": other.Name})
		}
	}
	for _, s := range answers.Stores {
		if s.Apart() {
			add(s.Module, s.Module, false, map[string]string{"driver": driver, "keeping": s.Name})
		}
	}
	return all
}

// TestOldestVersions builds, vets and tests packages in applications that use the oldest
// versions of modules with which emitted code works. Without -oldest.all, it runs only the
// tests of a few, and leaves out what takes minutes to compile. TestCoveringStacks has the
// newest versions.
func TestOldestVersions(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	s := stacks()
	has := make(map[string]bool)
	for _, old := range oldStacks() {
		for _, module := range old.modules {
			has[module] = true
		}
		t.Run(strings.ReplaceAll(old.modules[0], "/", "_"), func(t *testing.T) {
			if old.slow && !*allOldest {
				t.Skip("needs -oldest.all")
			}
			t.Parallel()
			a := stackAnswers(s, s.Row(old.values))
			a.Package, a.Tests = "internal/auth", "all"
			m := module{t.TempDir()}
			m.application(t, old)
			m.addPackage(t, a)
			m.wantOldest(t, old)
			m.run(t, a.Database, "build", "./...")
			m.run(t, a.Database, "vet", "./...")
			switch variable := answers.DatabaseNamed(a.Database).TestVariable; {
			case !*allOldest && !slices.Contains(sampledOldest, old.modules[0]):
			case variable != "" && os.Getenv(variable) == "":
				t.Skipf("%s is not set: the package was built and not tested", variable)
			case answers.StoreNamed(a.Store).Apart() && os.Getenv("TEST_REDIS_URL") == "":
				t.Skip("TEST_REDIS_URL is not set: the package was built and not tested")
			default:
				m.run(t, a.Database, "test", "-shuffle=on", "-vet=off", "-gcflags=-l", "-ldflags=-w", "./...")
			}
		})
	}
	for module := range project.Versions() {
		if !has[module] {
			t.Errorf("%s is not tested with its oldest version", module)
		}
	}
}

// application writes an application that imports the packages of a stack.
func (m module) application(t *testing.T, old oldStack) {
	t.Helper()
	mod, main := "module example.com/oldest\n\ngo 1.26.0\n\n", "package main\n\n"
	for i, path := range old.modules {
		mod += "require " + path + " " + project.Versions()[path].Oldest + "\n"
		main += fmt.Sprintf("import _ %q\n", old.imports[i])
	}
	m.write(t, "go.mod", []byte(mod))
	m.write(t, "main.go", []byte(main+"\nfunc main() {}\n"))
	m.run(t, "", "build", "-mod=mod", "./...")
	m.wantOldest(t, old)
}

// addPackage writes the package that the answers describe, and adds the modules that it
// needs to go.mod.
func (m module) addPackage(t *testing.T, a answers.Answers) {
	t.Helper()
	p, err := project.Open(m.root)
	if err != nil {
		t.Fatal(err)
	}
	missing, err := p.Missing(project.Modules(a)...)
	if err != nil {
		t.Fatal(err)
	}
	files, err := emit.Package(templates.FS, a, emit.Target{Module: p.Module})
	if err != nil {
		t.Fatal(err)
	}
	m.writePackage(t, a, files)
	for _, module := range missing {
		m.run(t, "", "mod", "edit", "-require="+module.Path+"@"+module.Version)
	}
	m.run(t, "", "list", "-mod=mod", "-test", "./...")
}

// wantOldest checks that go.mod still requires the oldest versions.
func (m module) wantOldest(t *testing.T, old oldStack) {
	t.Helper()
	p, err := project.Open(m.root)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range old.modules {
		if got, want := p.Requires[path].Version, project.Versions()[path].Oldest; got != want {
			t.Errorf("go.mod requires %s %s, want %s", path, got, want)
		}
	}
}
