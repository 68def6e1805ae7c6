package plan

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
)

// planTree is a module with a package that Apply wrote.
type planTree struct {
	t    *testing.T
	dir  string
	root *os.Root
	a    answers.Answers
}

var planFiles = []emit.File{
	{Path: "core.go", Class: emit.Generated, Data: []byte("// by authgen\n\npackage auth\n")},
	{Path: "handlers.go", Class: emit.Yours, Data: []byte("package auth\n\n// handlers\n")},
	{Path: "hooks.go", Class: emit.Once, Data: []byte("// by authgen\n\npackage auth\n\n// hooks\n")},
	{Path: "migrations/1.sql", Class: emit.Migration, Data: []byte("-- by authgen\nCREATE TABLE t;\n")},
}

// outside is a migration that is not in the package.
var outside = emit.File{Path: "/db/2.sql", Class: emit.Migration, Data: []byte("-- by authgen\nCREATE TABLE u;\n")}

func newPlanTree(t *testing.T) *planTree {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	a := answers.Default()
	a.Normalize()
	return &planTree{t, dir, root, a}
}

// planTarget is the target of the files.
var planTarget = emit.Target{Module: "example.com/app", Templates: lock.Hash([]byte("templates"))}

func (p *planTree) plan(files ...emit.File) *Plan {
	p.t.Helper()
	return p.planWith(Options{}, files...)
}

func (p *planTree) planWith(o Options, files ...emit.File) *Plan {
	p.t.Helper()
	base, target := p.base(), planTarget
	var err error
	if target.Migrated, err = base.Migrated(os.DirFS(p.dir), p.a); err != nil {
		p.t.Fatal(err)
	}
	plan, err := New(os.DirFS(p.dir), p.a, target, files, base, o)
	if err != nil {
		p.t.Fatal(err)
	}
	return plan
}

func (p *planTree) base() *Base {
	p.t.Helper()
	base, err := ReadBase(os.DirFS(p.dir), p.a.Package)
	if err != nil {
		p.t.Fatal(err)
	}
	return base
}

func (p *planTree) apply(files ...emit.File) {
	p.t.Helper()
	p.applyWith(Options{}, files...)
}

func (p *planTree) applyWith(o Options, files ...emit.File) {
	p.t.Helper()
	if err := p.planWith(o, files...).Apply(p.root); err != nil {
		p.t.Fatal(err)
	}
}

func (p *planTree) name(file string) string {
	return filepath.Join(p.dir, filepath.FromSlash(emit.InModule(p.a.Package, file)))
}

func (p *planTree) write(file, text string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.name(file)), 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.name(file), []byte(text), 0o666); err != nil {
		p.t.Fatal(err)
	}
}

func (p *planTree) remove(file string) {
	p.t.Helper()
	if err := os.Remove(p.name(file)); err != nil {
		p.t.Fatal(err)
	}
}

// files returns the whole tree.
func (p *planTree) files() map[string]string {
	p.t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(p.dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(p.dir, name))
		files[name] = string(data)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return files
}

// changed returns planFiles with another text in one of them.
func changed(name string) []emit.File {
	files := append([]emit.File(nil), planFiles...)
	for i := range files {
		if files[i].Path == name {
			files[i].Data = append([]byte("// new\n"), files[i].Data...)
		}
	}
	return files
}

func without(name string) []emit.File {
	var files []emit.File
	for _, f := range planFiles {
		if f.Path != name {
			files = append(files, f)
		}
	}
	return files
}

func TestPlan(t *testing.T) {
	for _, test := range []struct {
		name  string
		edit  func(*planTree)
		files []emit.File
		want  map[string]Action // except for Identical
	}{
		{"nothing new", nil, planFiles, nil},
		{"generated changes", nil, changed("core.go"), map[string]Action{"core.go": Update}},
		{"yours changes", nil, changed("handlers.go"), map[string]Action{"handlers.go": Update}},
		{"once changes", nil, changed("hooks.go"), map[string]Action{"hooks.go": Keep}},
		{"migration changes", nil, changed("migrations/1.sql"), map[string]Action{"migrations/1.sql": Immutable}},
		{"generated is edited", func(p *planTree) { p.write("core.go", "mine") }, planFiles, map[string]Action{"core.go": Edited}},
		{"generated is edited and changes", func(p *planTree) { p.write("core.go", "mine") }, changed("core.go"), map[string]Action{"core.go": Edited}},
		{"yours is edited", func(p *planTree) { p.write("handlers.go", "mine") }, planFiles, map[string]Action{"handlers.go": Keep}},
		{"yours is edited and changes", func(p *planTree) { p.write("handlers.go", "mine") }, changed("handlers.go"), map[string]Action{"handlers.go": Conflicts}},
		{"yours is edited elsewhere and changes", func(p *planTree) {
			p.write("handlers.go", "package auth\n\n// handlers\n\n// mine\n")
		}, changed("handlers.go"), map[string]Action{"handlers.go": Merge}},
		{"yours is edited to what it becomes", func(p *planTree) {
			p.write("handlers.go", "// new\npackage auth\n\n// handlers\n")
		}, changed("handlers.go"), nil},
		{"once is edited", func(p *planTree) { p.write("hooks.go", "mine") }, changed("hooks.go"), map[string]Action{"hooks.go": Keep}},
		{"migration is edited", func(p *planTree) { p.write("migrations/1.sql", "mine") }, planFiles, map[string]Action{"migrations/1.sql": Keep}},
		{"generated is deleted", func(p *planTree) { p.remove("core.go") }, planFiles, map[string]Action{"core.go": Create}},
		{"yours is deleted", func(p *planTree) { p.remove("handlers.go") }, changed("handlers.go"), map[string]Action{"handlers.go": Keep}},
		{"once is deleted", func(p *planTree) { p.remove("hooks.go") }, planFiles, map[string]Action{"hooks.go": Keep}},
		{"migration is deleted", func(p *planTree) { p.remove("migrations/1.sql") }, planFiles, map[string]Action{"migrations/1.sql": Create}},
		{"no longer emitted", nil, without("core.go"), map[string]Action{"core.go": Gone}},
		{"no longer emitted, and edited", func(p *planTree) { p.write("core.go", "mine") }, without("core.go"), map[string]Action{"core.go": Edited}},
		{"migration is no longer emitted", nil, without("migrations/1.sql"), nil},
		{"migration is no longer emitted, and edited", func(p *planTree) { p.write("migrations/1.sql", "mine") }, without("migrations/1.sql"), map[string]Action{"migrations/1.sql": Keep}},
		{"migration is no longer emitted, and deleted", func(p *planTree) { p.remove("migrations/1.sql") }, without("migrations/1.sql"), map[string]Action{"migrations/1.sql": Gone}},
		{"migration is emitted elsewhere", func(p *planTree) { p.a.MigrationsDir = "db" }, append(without("migrations/1.sql"), outside), map[string]Action{"migrations/1.sql": Immutable, outside.Path: Create}},
		{"migration is emitted elsewhere, and deleted", func(p *planTree) {
			p.a.MigrationsDir = "db"
			p.remove("migrations/1.sql")
		}, append(without("migrations/1.sql"), outside), map[string]Action{"migrations/1.sql": Gone, outside.Path: Create}},
		{"yours is no longer emitted, and edited", func(p *planTree) { p.write("handlers.go", "mine") }, without("handlers.go"), map[string]Action{"handlers.go": Keep}},
		{"the database is another", func(p *planTree) { p.a.Database, p.a.Driver = "postgres", "github.com/lib/pq" }, changed("migrations/1.sql"), map[string]Action{"migrations/1.sql": Update}},
		{"the database is another, and the migration is edited", func(p *planTree) {
			p.a.Database, p.a.Driver = "postgres", "github.com/lib/pq"
			p.write("migrations/1.sql", "mine")
		}, changed("migrations/1.sql"), map[string]Action{"migrations/1.sql": Immutable}},
		{"another migration", nil, append(changed(""), outside), map[string]Action{outside.Path: Create}},
		{"migration over a foreign file", func(p *planTree) { p.write(outside.Path, "mine") }, append(changed(""), outside), map[string]Action{outside.Path: InTheWay}},
		{"a directory in its place", func(p *planTree) {
			p.remove("core.go")
			p.write("core.go/x", "mine")
		}, planFiles, map[string]Action{"core.go": InTheWay}},
		{"once is newly emitted over a foreign file", func(p *planTree) { p.write("extra.go", "mine") }, append(changed(""), emit.File{Path: "extra.go", Class: emit.Once, Data: []byte("new")}), map[string]Action{"extra.go": Keep}},
		{"no longer emitted, and deleted", func(p *planTree) { p.remove("handlers.go") }, without("handlers.go"), map[string]Action{"handlers.go": Gone}},
		{"newly emitted over a foreign file", func(p *planTree) { p.write("extra.go", "mine") }, append(changed(""), emit.File{Path: "extra.go", Class: emit.Yours, Data: []byte("new")}), map[string]Action{"extra.go": InTheWay}},
		{"newly emitted over an equal file", func(p *planTree) { p.write("extra.go", "new") }, append(changed(""), emit.File{Path: "extra.go", Class: emit.Yours, Data: []byte("new")}), nil},
		{"CRLF", func(p *planTree) {
			p.write("handlers.go", "package auth\r\n\r\n// handlers\r\n")
		}, planFiles, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlanTree(t)
			p.apply(planFiles...)
			if test.edit != nil {
				test.edit(p)
			}
			if now := p.a.Format(); test.edit != nil {
				p.write(answers.FileName, string(now))
			}
			before := p.files()
			plan := p.plan(test.files...)
			got := make(map[string]Action)
			for _, s := range plan.Steps {
				if s.Action != Identical {
					got[s.Path] = s.Action
				}
			}
			blocked := len(plan.Blocked()) > 0
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("actions:\n%s", diff)
			}
			if diff := cmp.Diff(before, p.files()); diff != "" {
				t.Errorf("making the plan changed the tree:\n%s", diff)
			}

			err := plan.Apply(p.root)
			if conflicts := len(plan.Conflicting()) > 0; blocked || conflicts {
				if !errors.Is(err, ErrBlocked) && !errors.Is(err, ErrConflicting) {
					t.Errorf("Apply: %v, want an error", err)
				}
				if diff := cmp.Diff(before, p.files()); diff != "" {
					t.Errorf("a blocked plan changed the tree:\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			// Edited files are unchanged, and a second run does nothing.
			after := p.files()
			for name, action := range got {
				if full := emit.InModule(p.a.Package, name); action == Keep && before[full] != after[full] {
					t.Errorf("%s should have been kept, but is %q", name, after[full])
				}
			}
			if again := p.plan(test.files...); !again.Empty() {
				t.Errorf("a second run would change something: %s", again.Counts())
			}
		})
	}
}

// A file with CRLF line endings keeps them when it is updated.
func TestPlanKeepsLineEnds(t *testing.T) {
	p := newPlanTree(t)
	p.apply(planFiles...)
	p.write("handlers.go", "package auth\r\n\r\n// handlers\r\n")
	p.apply(changed("handlers.go")...)
	want := "// new\r\npackage auth\r\n\r\n// handlers\r\n"
	if got := p.files()["internal/auth/handlers.go"]; got != want {
		t.Errorf("handlers.go is %q, want %q", got, want)
	}
}

// The lock no longer calls a file deleted that exists again.
func TestPlanForgetsDeletion(t *testing.T) {
	p := newPlanTree(t)
	p.apply(planFiles...)
	lockText := func() string { return p.files()["internal/auth/authgen.lock"] }
	before := lockText()
	p.remove("hooks.go")
	p.apply(planFiles...)
	if !strings.Contains(lockText(), "deleted") {
		t.Error("the lock does not say that hooks.go was deleted")
	}
	p.write("hooks.go", "mine")
	p.apply(planFiles...)
	if diff := cmp.Diff(before, lockText()); diff != "" {
		t.Error(diff)
	}
}

// A migration that is not in the package stays where it is when the package is
// moved.
func TestPlanMovedPackage(t *testing.T) {
	p := newPlanTree(t)
	files := append(changed(""), outside)
	p.apply(files...)
	want := "-- by authgen\nCREATE TABLE u;\n"
	if got := p.files()["db/2.sql"]; got != want {
		t.Fatalf("db/2.sql is %q", got)
	}
	if err := os.MkdirAll(filepath.Join(p.dir, "web"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(p.name(""), filepath.Join(p.dir, "web", "login")); err != nil {
		t.Fatal(err)
	}
	p.a.Package = "web/login"
	p.remove(answers.FileName) // it names the directory
	for _, s := range p.plan(files...).Steps {
		if s.Action != Identical && s.Path != answers.FileName {
			t.Errorf("%s: %s", s.Path, s.Action)
		}
	}
	plan := p.plan(files...)
	if err := plan.Apply(p.root); err != nil {
		t.Fatal(err)
	}
	if got := p.files()["db/2.sql"]; got != want {
		t.Errorf("db/2.sql is %q", got)
	}
	if got := plan.InModule(plan.Steps[0]); got != "db/2.sql" {
		t.Errorf("the first step is for %s", got)
	}
}

// A lock must not list authgen.yaml, itself, or a file in the stage directory.
func TestPlanRefusesToListItself(t *testing.T) {
	for _, name := range []string{answers.FileName, LockFile, "Authgen.yaml", ".authgen/journal", "/internal/auth/authgen.yaml"} {
		p := newPlanTree(t)
		l := &lock.Lock{Version: generator.Version, Templates: planTarget.Templates, Import: "example.com/app/internal/auth", Answers: p.a.Canonical(), Files: []lock.File{{Path: name, Class: lock.Migration, Hash: lock.Hash([]byte("x"))}}}
		text, err := l.Format()
		if err != nil {
			t.Fatal(err)
		}
		p.write(LockFile, string(text))
		p.write(name, "x")
		p.write(LockFile, string(text))
		if _, err := ReadBase(os.DirFS(p.dir), p.a.Package); !errors.Is(err, ErrDamaged) {
			t.Errorf("a lock that lists %s: %v", name, err)
		}
	}
}

func TestPlanRefusesLock(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"damaged", "handlers.go", "handlers.gone", "damaged"},
		{"conflict", "{\n", "<<<<<<< ours\n{\n=======\n>>>>>>> theirs\n", "conflict"},
		{"schema", "authgen.lock 1", "authgen.lock 2", "schema 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlanTree(t)
			p.apply(planFiles...)
			text := p.files()["internal/auth/authgen.lock"]
			p.write(LockFile, strings.Replace(text, test.old, test.new, 1))
			_, err := ReadBase(os.DirFS(p.dir), p.a.Package)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "internal/auth/authgen.lock") {
				t.Errorf("error %v, want one about %q", err, test.want)
			}
		})
	}
}
