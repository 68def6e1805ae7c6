package main

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/modfile"
)

var allApps = flag.Bool("apps.all", false, "mount auth in all applications of testdata/apps, not only in a few")

// sampleApps are the scripts of testdata/apps that TestApps runs by default. They differ
// in how the package is mounted, and in whether it shares the connections.
var sampleApps = []string{"chi_bun.txtar", "kratos_like.txtar", "workspace.txtar"}

// TestApps mounts auth in applications like those that people have. Each script in
// testdata/apps builds and tests an application, runs authgen init, pastes the lines that
// it prints where it says, builds and tests again, logs in to the running application,
// removes auth, and compares the files with those before.
//
// The scripts have these commands beside those of testscript:
//
//	database NAME VARIABLE...  make a database, and set the variables to its URL or file
//	migrate TOOL DIR           apply the migrations in the directory
//	app PACKAGE PATH           build, vet and test the packages, and start the one named; get PATH,
//	                           whose answer must always be the same; log in, if auth is mounted
//	mount [FILE TEXT]          paste the printed lines; if it says that it could not tell where,
//	                           after the line that has the text
//	change FILE OLD NEW        replace a text that the file has once
//	guard LINE PATH            add a line that guards a route after those that were pasted
//	unmount                    undo mount, change and guard
//	adopted COMMAND TABLE.COLUMN WAY...
//	                           check that accounts are rows of the application's own table, whose
//	                           column has the hashes; each way is one in which COMMAND, a
//	                           package, removes a user
//	rollback FILE              apply the way down of a migration
//	schema TABLE               compare the columns, indexes and constraints of a table with those before
//	same [PATTERN...]          compare all files with those before, but those that match
func TestApps(t *testing.T) {
	if testing.Short() {
		t.Skip("builds applications")
	}
	dir := filepath.Join("..", "..", "testdata", "apps")
	var files []string
	for _, name := range sampleApps {
		files = append(files, filepath.Join(dir, name))
	}
	if *allApps {
		var err error
		if files, err = filepath.Glob(filepath.Join(dir, "*.txtar")); err != nil {
			t.Fatal(err)
		}
	}
	goEnv := goEnv(t)
	servers := &databaseServers{dir: t.TempDir()}
	testscript.RunT(oneByOne{t}, testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			for _, v := range goEnv {
				env.Setenv(v[0], v[1])
			}
			env.Setenv("NO_COLOR", "1")
			env.Setenv("GOWORK", "") // that of the application, if it has one
			dir, err := os.MkdirTemp("", "authgen-app")
			if err != nil {
				return err
			}
			env.Defer(func() { _ = os.RemoveAll(dir) })
			env.Values[appKey{}] = &application{dir: dir, servers: servers, skip: env.T().Skip, schemas: make(map[string]string)}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"database": appCommand("NAME VARIABLE...", 2, 3, (*application).makeDatabase),
			"migrate":  appCommand("TOOL DIR", 2, 2, (*application).migrate),
			"app":      appCommand("PACKAGE PATH", 2, 2, (*application).app),
			"mount":    appCommand("[FILE TEXT]", 0, 2, (*application).mount),
			"change":   appCommand("FILE OLD NEW", 3, 3, (*application).change),
			"guard":    appCommand("LINE PATH", 2, 2, (*application).guard),
			"unmount":  appCommand("", 0, 0, (*application).unmount),
			"adopted":  appCommand("COMMAND TABLE.COLUMN WAY...", 3, 9, (*application).adopted),
			"rollback": appCommand("FILE", 1, 1, (*application).rollback),
			"schema":   appCommand("TABLE", 1, 1, (*application).schema),
			"same":     appCommand("[PATTERN...]", 0, 9, (*application).same),
		},
	})
}

// oneByOne runs scripts one after another, since the go command uses all processors.
type oneByOne struct{ *testing.T }

// Parallel implements [testscript.T].
func (oneByOne) Parallel() {}

// Verbose implements [testscript.T].
func (oneByOne) Verbose() bool { return testing.Verbose() }

// Run implements [testscript.T].
func (t oneByOne) Run(name string, f func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { f(oneByOne{t}) })
}

// An application is that of a script.
type application struct {
	dir      string // for what is not part of the application
	servers  *databaseServers
	skip     func(...any)
	database struct {
		name string
		url  string // for the application's own tests; empty for SQLite
		dsn  string // for testdata/migrationtools
	}
	variables []string          // that the script has set for the application
	before    map[string]string // contents of the files by path
	answer    string            // to a request of a route of its own
	edits     []appEdit         // of mount, change and guard
	pasted    appEdit           // the lines of mount
	auth      string            // what these call the *Auth
	guarded   string            // path of a route with a guard
	schemas   map[string]string // of tables by name, as they were first
}

// appKey is the key of an application among the values of a script.
type appKey struct{}

// appCommand returns a command of a script that works on its application.
func appCommand(usage string, least, most int, do func(*application, *testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < least || len(args) > most {
			ts.Fatalf("the arguments are %s", usage)
		}
		do(ts.Value(appKey{}).(*application), ts, args)
	}
}

// same compares the files with those before.
func (a *application) same(ts *testscript.TestScript, except []string) {
	now := a.files(ts)
	var differ []string
	matched := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(union(a.before, now))) {
		was, existed := a.before[name]
		if is, ok := now[name]; existed && ok && is == was {
			continue
		}
		pattern := slices.IndexFunc(except, func(pattern string) bool {
			ok, err := filepath.Match(pattern, name)
			ts.Check(err)
			return ok
		})
		if pattern < 0 {
			differ = append(differ, name)
			continue
		}
		matched[except[pattern]] = true
		// The go command keeps what it once raised.
		if filepath.Base(name) == "go.mod" && !slices.Equal(direct(ts, a.before[name]), direct(ts, now[name])) {
			differ = append(differ, name)
		}
	}
	for _, name := range differ {
		ts.Logf("%s:\n%s", name, cmp.Diff(strings.Split(a.before[name], "\n"), strings.Split(now[name], "\n")))
	}
	if differ != nil {
		ts.Fatalf("not as before: %s", strings.Join(differ, ", "))
	}
	for _, pattern := range except {
		if !matched[pattern] {
			ts.Fatalf("all files that match %s are as before", pattern)
		}
	}
}

// direct returns the modules that a go.mod requires directly.
func direct(ts *testscript.TestScript, text string) []string {
	f, err := modfile.ParseLax("go.mod", []byte(text), nil)
	ts.Check(err)
	var list []string
	for _, r := range f.Require {
		if !r.Indirect {
			list = append(list, r.Mod.Path)
		}
	}
	return list
}

// union returns a map with the keys of both.
func union(a, b map[string]string) map[string]string {
	u := maps.Clone(a)
	maps.Copy(u, b)
	return u
}

// files returns the contents of all files in the directory of the script. Directories
// have names that end with a slash.
func (a *application) files(ts *testscript.TestScript) map[string]string {
	root := ts.Getenv("WORK")
	files := make(map[string]string)
	ts.Check(filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		switch {
		case err != nil:
			return err
		case rel == ".tmp":
			return fs.SkipDir
		case d.IsDir():
			files[filepath.ToSlash(rel)+"/"] = ""
			return nil
		}
		data, err := os.ReadFile(name)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	}))
	return files
}
