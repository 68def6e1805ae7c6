// Package covering tests stacks: it is apart from the other tests of the generator
// since it takes minutes.
package covering

import (
	"fmt"
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

// stacks returns every combination of router, driver, where sessions are, and how
// migrations are applied.
func stacks() []answers.Answers {
	var all []answers.Answers
	for _, router := range valuesOf("router") {
		for _, database := range valuesOf("database") {
			for _, driver := range answers.DriversFor(database) {
				for _, session := range valuesOf("session") {
					for _, store := range valuesOf("store") {
						for _, format := range valuesOf("migrations") {
							a := answers.Default()
							a.Router, a.Database, a.Driver = router, database, driver
							a.Session, a.Store, a.Migrations = session, store, format
							a.Normalize()
							if a.Check() == nil {
								all = append(all, a)
							}
						}
					}
				}
			}
		}
	}
	return all
}

func valuesOf(key string) []string {
	var names []string
	k := answers.Keys[slices.IndexFunc(answers.Keys, func(k answers.Key) bool { return k.Name == key })]
	for _, v := range k.Values {
		names = append(names, v.Name)
	}
	return names
}

// pairs are those of a stack's parts that have to have been together in a program
// that ran.
func pairs(a answers.Answers) [][2]string {
	keeping := a.Session + " in " + a.Store
	return [][2]string{
		{a.Router, a.Database}, {a.Router, keeping}, {a.Driver, keeping}, {a.Database, a.Migrations}, {keeping, a.Migrations},
	}
}

// coveringStacks returns as few stacks as a greedy choice needs for every pair.
func coveringStacks() []answers.Answers {
	all := stacks()
	open := make(map[[2]string]bool)
	for _, a := range all {
		for _, p := range pairs(a) {
			open[p] = true
		}
	}
	var chosen []answers.Answers
	for len(open) > 0 {
		var best answers.Answers
		most := 0
		for _, a := range all {
			n := 0
			for _, p := range pairs(a) {
				if open[p] {
					n++
				}
			}
			if n > most {
				best, most = a, n
			}
		}
		for _, p := range pairs(best) {
			delete(open, p)
		}
		chosen = append(chosen, best)
	}
	return chosen
}

// testDatabases are the variables that name the databases for tests: of this
// module's tests, by database. SQLite needs none.
var testDatabases = map[string]string{"postgres": "TEST_POSTGRES_URL", "mysql": "TEST_MYSQL_URL"}

// TestCoveringStacks emits a set of packages in which each router, database, store,
// session style and format of migrations is together with each of the others,
// builds them in one module, and runs their own tests against real servers.
func TestCoveringStacks(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	root := t.TempDir()
	write := func(name string, data []byte) {
		t.Helper()
		full := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"mod", "sum"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "..", "templates", "adapters."+name))
		if err != nil {
			t.Fatal(err)
		}
		write("go."+name, []byte(strings.Replace(string(data), "module github.com/authgen/authgen\n", "module example.com/covering\n", 1)))
	}
	packages := make(map[string]int) // by database
	for i, a := range coveringStacks() {
		name := strings.NewReplacer("/", "", "-", "").Replace(a.Router) + fmt.Sprint(i)
		a.Package = path.Join(a.Database, name, "auth")
		if i%2 == 1 {
			// Beside the package, which then does not apply them itself.
			a.MigrationsDir = path.Join(a.Database, name, "migrations")
		}
		target := emit.Target{Module: "example.com/covering"}
		emitted := func(a answers.Answers) []emit.File {
			files, err := emit.Package(templates.FS, a, target)
			if err != nil {
				t.Fatal(err)
			}
			return files
		}
		var files []emit.File
		if i%3 == 1 {
			// As if it had been switched from the other style, before it had a profile.
			before := a
			before.Session, before.Store, before.Profile = "stateless", "database", nil
			if a.Session == "stateless" {
				before.Session = "database"
			}
			if a.Store == "database" {
				a.Bridge = before.Session
			}
			for _, f := range emitted(before) {
				if f.Class == emit.Migration {
					files = append(files, f)
					target.Migrated = append(target.Migrated, emit.Migrated{Path: f.Path, Adds: f.Adds, Data: f.Data})
				}
			}
		}
		files = append(files, emitted(a)...)
		for _, f := range files {
			name, fromRoot := strings.CutPrefix(f.Path, "/")
			if !fromRoot {
				name = path.Join(a.Package, f.Path)
			}
			write(name, f.Data)
		}
		packages[a.Database]++
		t.Logf("%s: %s, %s, %s in %s, %s, bridge %s", a.Package, a.Router, a.Driver, a.Session, a.Store, a.Migrations, a.Bridge)
	}
	run := func(t *testing.T, database string, args ...string) {
		t.Helper()
		cmd := exec.Command("go", args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "TEST_DATABASE_URL="+os.Getenv(testDatabases[database]))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %q: %v\n%s", args, err, out)
		} else if strings.Contains(string(out), "no test files") && !strings.Contains(string(out), "ok  ") {
			t.Errorf("go %q ran no test:\n%s", args, out)
		}
	}
	for database, n := range packages {
		t.Run(database, func(t *testing.T) {
			if variable := testDatabases[database]; variable != "" && os.Getenv(variable) == "" {
				t.Skipf("%s is not set: %d packages were built and not run", variable, n)
			}
			if os.Getenv("TEST_REDIS_URL") == "" {
				t.Log("TEST_REDIS_URL is not set: what needs Redis is skipped")
			}
			run(t, database, "test", "-shuffle=on", "./"+database+"/...")
		})
	}
}
