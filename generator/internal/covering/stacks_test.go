package covering_test

import (
	"flag"
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
	"github.com/authgen/authgen/generator/examples"
	"github.com/authgen/authgen/generator/internal/covering"
	"github.com/authgen/authgen/templates"
)

var allPairs = flag.Bool("stacks.all", false, "also have each router run with each database")

// stacks are the combinations of router, driver, where sessions are, and how migrations
// are applied.
func stacks() covering.Space {
	s := covering.Space{Factors: []covering.Factor{
		{Name: "router", Values: valuesOf("router")},
		{Name: "database", Values: valuesOf("database")},
		{Name: "driver", Values: valuesOf("driver")},
		{Name: "keeping", Values: []string{"database", "redis", "stateless"}},
		{Name: "migrations", Values: valuesOf("migrations")},
		{Name: "users", Values: []string{"own", "numbers", "uuids", "texts"}},
	}}
	s.Check = func(r covering.Row) error {
		a := stackAnswers(s, r)
		return a.Check()
	}
	return s
}

// usersTables are tables of users that an application has, by what their ids are.
var usersTables = map[string]func(database string) string{
	"numbers": func(string) string {
		return "table=people,id=id:bigint,email=email,password=password_digest,verified=confirmed_at:time,disabled=active:not," +
			"deleted=deleted_at,role=is_admin:admin=true+member=false,created=created_at,updated=updated_at,display_name=name"
	},
	"uuids": func(database string) string {
		uuid := "uuid"
		if database == "mysql" {
			uuid = "binary(16)"
		}
		return "table=user,id=uid:" + uuid + ",email=email,disabled=blocked_at:time,role=role"
	},
	"texts": func(string) string {
		return "table=members,id=id:varchar(36),email=mail:nocase,password=pw,verified=ok,disabled=activated_at:not time,deleted=gone:bool,role=rank:admin=9+member=1"
	},
}

// stackAnswers returns the answers for a stack.
func stackAnswers(s covering.Space, r covering.Row) answers.Answers {
	a := answers.Default()
	a.Router, a.Database, a.Driver = s.Value(r, "router"), s.Value(r, "database"), s.Value(r, "driver")
	a.Migrations = s.Value(r, "migrations")
	for _, name := range answers.FeatureNames() {
		a.Switch(name, true) // also if it is off by default
	}
	if users := s.Value(r, "users"); users != "own" {
		if err := a.Set("users", usersTables[users](a.Database)); err != nil {
			panic(err)
		}
	}
	switch keeping := s.Value(r, "keeping"); keeping {
	case "redis":
		a.Store = keeping
	default:
		a.Session = keeping
	}
	a.Normalize()
	return a
}

// valuesOf returns what may be the answer to a question.
func valuesOf(key string) []string {
	var names []string
	k := answers.Keys[slices.IndexFunc(answers.Keys, func(k answers.Key) bool { return k.Name == key })]
	for _, v := range k.Values {
		names = append(names, v.Name)
	}
	return names
}

// exampleStacks returns the stacks of the examples, whose tests are run as well.
func exampleStacks(t *testing.T, s covering.Space) []covering.Row {
	t.Helper()
	var rows []covering.Row
	for _, e := range examples.All {
		a := answers.Default()
		for _, answer := range e.Answers {
			if err := a.Set(answer[0], answer[1]); err != nil {
				t.Fatal(err)
			}
		}
		a.Normalize()
		keeping := a.Session
		if a.Store == "redis" {
			keeping = a.Store
		}
		rows = append(rows, s.Row(map[string]string{
			"router": a.Router, "database": a.Database, "driver": a.Driver, "keeping": keeping, "migrations": a.Migrations,
		}))
	}
	return rows
}

// coveringStacks returns few stacks that, with those of the examples, have together
// what has to have been together in a program that ran. A router and a database have
// nothing to do with each other: that they compile together, TestCombinations sees.
func coveringStacks(t *testing.T) []answers.Answers {
	t.Helper()
	s := stacks()
	pairs := slices.Concat(
		s.Tuples(2, "database", "migrations"), s.Tuples(2, "keeping", "migrations"),
		s.Tuples(2, "driver", "keeping"), s.Tuples(2, "router", "keeping"),
		s.Tuples(2, "driver", "users"), s.Tuples(2, "keeping", "users"),
	)
	if *allPairs {
		pairs = append(pairs, s.Tuples(2, "router", "database")...)
	}
	start := exampleStacks(t, s)
	rows, _ := s.Cover(pairs, start...)
	var chosen []answers.Answers
	for _, r := range rows[len(start):] {
		chosen = append(chosen, stackAnswers(s, r))
	}
	return chosen
}

// TestCoveringStacks emits the packages of stacks in one module, builds them there, and
// runs their own tests against real servers.
func TestCoveringStacks(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	m := module{t.TempDir()}
	for _, name := range []string{"mod", "sum"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "..", "templates", "adapters."+name))
		if err != nil {
			t.Fatal(err)
		}
		m.write(t, "go."+name, []byte(strings.Replace(string(data), "module github.com/authgen/authgen\n", "module example.com/covering\n", 1)))
	}
	packages := make(map[string]int) // by database
	for i, a := range coveringStacks(t) {
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
			before.Session, before.Store = "stateless", "database"
			if !a.Users.Adopted() { // whose table may have fields of the profile
				before.Profile = nil
			}
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
		m.writePackage(t, a, files)
		packages[a.Database]++
		t.Logf("%s: %s, %s, %s in %s, %s, bridge %s, users %s", a.Package, a.Router, a.Driver, a.Session, a.Store, a.Migrations, a.Bridge, a.Get("users"))
	}
	// The go command completes go.mod: once, since those below run at the same time.
	m.run(t, "", "list", "-mod=mod", "-test", "./...")
	if *allPairs {
		m.run(t, "", "vet", "./...") // with the newest versions; TestOldestVersions has the others
	}
	for database, n := range packages {
		t.Run(database, func(t *testing.T) {
			t.Parallel() // much of it waits for servers
			if variable := answers.DatabaseNamed(database).TestVariable; variable != "" && os.Getenv(variable) == "" {
				t.Skipf("%s is not set: %d packages were built and not run", variable, n)
			}
			if os.Getenv("TEST_REDIS_URL") == "" {
				t.Log("TEST_REDIS_URL is not set: what needs Redis is skipped")
			}
			// The compiler takes half the time if it inlines nothing, and none for a package
			// that it compiled before in another directory, with -trimpath.
			m.run(t, database, "test", "-shuffle=on", "-vet=off", "-gcflags=-l", "-ldflags=-w", "./"+database+"/...")
		})
	}
}

// A module is a directory with a module in which packages are built and tested.
type module struct{ root string }

// write writes a file of the module.
func (m module) write(t *testing.T, name string, data []byte) {
	t.Helper()
	full := filepath.Join(m.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// writePackage writes the files that were emitted for the answers.
func (m module) writePackage(t *testing.T, a answers.Answers, files []emit.File) {
	t.Helper()
	for _, f := range files {
		m.write(t, emit.InModule(a.Package, f.Path), f.Data)
	}
}

// run runs the go command in the module. Tests get the address of the server for the
// database.
func (m module) run(t *testing.T, database string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = m.root
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-trimpath", "TEST_DATABASE_URL="+os.Getenv(answers.DatabaseNamed(database).TestVariable))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go %q: %v\n%s", args, err, out)
	} else if strings.Contains(string(out), "no test files") && !strings.Contains(string(out), "ok  ") {
		t.Errorf("go %q ran no test:\n%s", args, out)
	}
}
