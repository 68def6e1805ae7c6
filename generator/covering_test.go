package generator

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates"
)

// pairs are those of a stack's parts that have to have been together in a program
// that ran.
func pairs(a Answers) [][2]string {
	keeping := a.Session + " in " + a.Store
	return [][2]string{
		{a.Router, a.Database}, {a.Router, keeping}, {a.Driver, keeping}, {a.Database, a.Migrations + a.MigrationsDir}, {keeping, a.Migrations},
	}
}

// coveringStacks returns as few stacks as a greedy choice needs for every pair.
func coveringStacks() []Answers {
	var all []Answers
	open := make(map[[2]string]bool)
	surroundings(func(_ string, a Answers) {
		all = append(all, a)
		for _, p := range pairs(a) {
			open[p] = true
		}
	})
	var chosen []Answers
	for len(open) > 0 {
		var best Answers
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
		data, err := os.ReadFile(filepath.Join("..", "templates", "adapters."+name))
		if err != nil {
			t.Fatal(err)
		}
		write("go."+name, []byte(strings.Replace(string(data), "module github.com/authgen/authgen\n", "module example.com/covering\n", 1)))
	}
	packages := make(map[string]int) // by database
	for i, a := range coveringStacks() {
		name := strings.NewReplacer("/", "", "-", "").Replace(a.Router) + fmt.Sprint(i)
		a.Package = path.Join(a.Database, name, "auth")
		if a.MigrationsDir != "" {
			a.MigrationsDir = path.Join(a.Database, name, "migrations")
		}
		files, err := Emit(templates.FS, a, Target{Module: "example.com/covering"})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			write(inModule(a.Package, f.Path), f.Data)
		}
		packages[a.Database]++
		t.Logf("%s: %s, %s, %s in %s, %s", a.Package, a.Router, a.Driver, a.Session, a.Store, a.Migrations)
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
