package plan

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
)

// handlers.go after the developer, and authgen, changed the same line.
const (
	mineHandlers = "package auth\n\n// handlers of mine\n"
	newHandlers  = "package auth\n\n// handlers of a new version\n"
)

func filesWith(name, text string) []emit.File {
	files := append([]emit.File(nil), planFiles...)
	for i := range files {
		if files[i].Path == name {
			files[i].Data = []byte(text)
		}
	}
	return files
}

// conflictTree returns a package with a conflict in handlers.go, and the files to emit.
func conflictTree(t *testing.T) (*planTree, []emit.File) {
	t.Helper()
	p := newPlanTree(t)
	p.apply(planFiles...)
	p.write("handlers.go", mineHandlers)
	return p, filesWith("handlers.go", newHandlers)
}

func (p *planTree) read(file string) string {
	p.t.Helper()
	data, err := os.ReadFile(p.name(file))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(data)
}

func (p *planTree) step(plan *Plan, name string) Step {
	p.t.Helper()
	for _, s := range plan.Steps {
		if s.Path == name {
			return s
		}
	}
	p.t.Fatalf("no step for %s", name)
	return Step{}
}

func TestPlanMerges(t *testing.T) {
	p := newPlanTree(t)
	p.apply(planFiles...)
	p.write("handlers.go", "package auth\r\n\r\n// handlers\r\n\r\n// mine\r\n")
	p.apply(filesWith("handlers.go", "// new\npackage auth\n\n// handlers\n")...)
	want := "// new\r\npackage auth\r\n\r\n// handlers\r\n\r\n// mine\r\n"
	if got := p.read("handlers.go"); got != want {
		t.Errorf("handlers.go is %q, want %q", got, want)
	}
}

func TestPlanConflict(t *testing.T) {
	t.Run("fail", func(t *testing.T) {
		p, files := conflictTree(t)
		before := p.files()
		plan := p.plan(files...)
		want := []Conflict{{Line: 3, Name: "the comments at the end", Base: []byte("// handlers\n"), Mine: []byte("// handlers of mine\n"), New: []byte("// handlers of a new version\n")}}
		if diff := cmp.Diff(want, p.step(plan, "handlers.go").Conflicts); diff != "" {
			t.Error(diff)
		}
		if err := plan.Apply(p.root); !errors.Is(err, ErrConflicting) {
			t.Errorf("Apply: %v", err)
		}
		if diff := cmp.Diff(before, p.files()); diff != "" {
			t.Error(diff)
		}
	})
	for _, test := range []struct {
		mode  ConflictMode
		files []string // beside handlers.go
	}{
		{Markers, []string{"handlers.go" + MineSuffix}},
		{Sidecar, []string{"handlers.go" + MergeSuffix}},
	} {
		for _, resolve := range []struct {
			how  Resolution
			edit string // text that the developer writes before
			want string
		}{
			{ByHand, "package auth\n\n// handlers of both\n", "package auth\n\n// handlers of both\n"},
			{WithMine, "", mineHandlers},
			{WithNew, "", newHandlers},
		} {
			t.Run(string(test.mode)+" "+string(resolve.how), func(t *testing.T) {
				p, files := conflictTree(t)
				before := p.files()
				p.applyWith(Options{Conflict: test.mode}, files...)
				after := p.files()
				var beside []string
				for name := range after {
					if _, ok := before[name]; !ok {
						beside = append(beside, strings.TrimPrefix(name, "internal/auth/"))
					}
				}
				if diff := cmp.Diff(test.files, beside); diff != "" {
					t.Errorf("new files:\n%s", diff)
				}
				if got := p.base().Unresolved(); !slices.Equal(got, []string{"handlers.go"}) {
					t.Errorf("unresolved: %q", got)
				}
				// Until it is resolved, further runs change nothing.
				for _, mode := range []ConflictMode{test.mode, Sidecar, Markers} {
					if again := p.planWith(Options{Conflict: mode}, files...); !again.Empty() {
						t.Errorf("a second run would change something: %s", again.Counts())
					}
				}
				if resolve.edit != "" {
					outcome := "handlers.go"
					if test.mode == Sidecar {
						outcome += MergeSuffix
					}
					p.write(outcome, resolve.edit)
				}
				p.applyWith(Options{Resolve: map[string]Resolution{"handlers.go": resolve.how}}, files...)
				if got := p.read("handlers.go"); got != resolve.want {
					t.Errorf("handlers.go is %q, want %q", got, resolve.want)
				}
				want := maps.Clone(before)
				want["internal/auth/handlers.go"] = resolve.want
				got := p.files()
				delete(want, "internal/auth/authgen.lock")
				delete(got, "internal/auth/authgen.lock")
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				if again := p.plan(files...); !again.Empty() || len(again.Conflicting()) > 0 {
					t.Errorf("resolved, but the next run would change something: %s", again.Counts())
				}
			})
		}
	}
	t.Run("markers left", func(t *testing.T) {
		p, files := conflictTree(t)
		p.applyWith(Options{Conflict: Markers}, files...)
		plan := p.planWith(Options{Resolve: map[string]Resolution{"handlers.go": ByHand}}, files...)
		if s := p.step(plan, "handlers.go"); s.Action != Conflicts || !plan.Empty() {
			t.Errorf("%s, %s", s.Action, plan.Counts())
		}
	})
	// If both files could be the outcome, nothing is resolved.
	t.Run("markers left beside", func(t *testing.T) {
		byHand := Options{Resolve: map[string]Resolution{"handlers.go": ByHand}}
		p, files := conflictTree(t)
		p.applyWith(Options{Conflict: Sidecar}, files...)
		p.write("handlers.go", "// more\n"+mineHandlers)
		s := p.step(p.planWith(byHand, files...), "handlers.go")
		if s.Action != Conflicts || !strings.Contains(s.Note, "handlers.go.authgen-merge still has conflict markers; delete it") {
			t.Errorf("%s (%s)", s.Action, s.Note)
		}
		p.write("handlers.go"+MergeSuffix, "package auth\n\n// handlers of both\n")
		s = p.step(p.planWith(byHand, files...), "handlers.go")
		if s.Action != Conflicts || !strings.Contains(s.Note, "lacks lines that you added") {
			t.Errorf("%s (%s)", s.Action, s.Note)
		}
		p.remove("handlers.go" + MergeSuffix)
		p.applyWith(byHand, files...)
		if got := p.read("handlers.go"); got != "// more\n"+mineHandlers {
			t.Errorf("handlers.go is %q", got)
		}
	})
	// The text that was merged is the new base, even if another text is emitted by now.
	t.Run("other answers meanwhile", func(t *testing.T) {
		p, files := conflictTree(t)
		p.applyWith(Options{Conflict: Markers}, files...)
		later := filesWith("handlers.go", "// later\n"+newHandlers)
		p.applyWith(Options{Resolve: map[string]Resolution{"handlers.go": WithMine}}, later...)
		p.apply(later...)
		if got := p.read("handlers.go"); got != "// later\n"+mineHandlers {
			t.Errorf("handlers.go is %q", got)
		}
	})
	t.Run("taken back with git", func(t *testing.T) {
		p, files := conflictTree(t)
		p.applyWith(Options{Conflict: Markers}, files...)
		p.write("handlers.go", mineHandlers)
		if s := p.step(p.plan(files...), "handlers.go"); s.Action != Conflicts || len(s.Conflicts) != 1 {
			t.Errorf("%s with %d conflicts", s.Action, len(s.Conflicts))
		}
		p.applyWith(Options{Resolve: map[string]Resolution{"handlers.go": WithNew}}, files...)
		if got := p.read("handlers.go"); got != newHandlers {
			t.Errorf("handlers.go is %q", got)
		}
	})
	t.Run("labels", func(t *testing.T) {
		p, files := conflictTree(t)
		other := planTarget
		other.Templates = lock.Hash([]byte("other templates"))
		for target, want := range map[*emit.Target][2]string{
			&planTarget: {"||||||| before\n", ">>>>>>> authgen, for the new answers\n"},
			&other:      {"||||||| before (authgen " + generator.Version + ")\n", ">>>>>>> authgen " + generator.Version + "\n"},
		} {
			plan, err := New(os.DirFS(p.dir), p.a, *target, files, p.base(), Options{Conflict: Markers})
			if err != nil {
				t.Fatal(err)
			}
			for _, marker := range want {
				if text := string(p.step(plan, "handlers.go").New()); !strings.Contains(text, marker) {
					t.Errorf("no %q in\n%s", marker, text)
				}
			}
		}
	})
	t.Run("a file in the way of the one beside", func(t *testing.T) {
		p, files := conflictTree(t)
		p.write("handlers.go"+MineSuffix, "mine")
		_, err := New(os.DirFS(p.dir), p.a, planTarget, files, p.base(), Options{Conflict: Markers})
		if err == nil || !strings.Contains(err.Error(), "handlers.go.authgen-mine is in the way") {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("binary", func(t *testing.T) {
		p, files := conflictTree(t)
		p.write("handlers.go", "mine\x00\r\n\n\n")
		p.applyWith(Options{Conflict: Markers}, files...)
		if got := p.read("handlers.go"); got != "mine\x00\r\n\n\n" {
			t.Errorf("handlers.go is %q", got)
		}
		p.applyWith(Options{Resolve: map[string]Resolution{"handlers.go": WithMine}}, files...)
		if got := p.read("handlers.go"); got != "mine\x00\r\n\n\n" {
			t.Errorf("handlers.go is %q", got)
		}
	})
}

func TestPlanOnly(t *testing.T) {
	p, files := conflictTree(t)
	files[0].Data = []byte("package auth\n\n// new core\n")
	before := p.read(LockFile)
	core := func(s Step) bool { return s.Path == "core.go" }
	plan := p.planWith(Options{Only: core}, files...)
	if !slices.Equal(plan.Excluded, []string{"handlers.go"}) {
		t.Errorf("excluded: %q", plan.Excluded)
	}
	if err := plan.Apply(p.root); err != nil {
		t.Fatal(err)
	}
	if got := p.read("core.go"); got != "package auth\n\n// new core\n" {
		t.Errorf("core.go is %q", got)
	}
	if got := p.read("handlers.go"); got != mineHandlers {
		t.Errorf("handlers.go is %q", got)
	}
	if p.read(LockFile) == before {
		t.Error("the lock does not have the new core.go")
	}
	if again := p.planWith(Options{Only: core}, files...); !again.Empty() {
		t.Errorf("a second run would change something: %s", again.Counts())
	}
	if s := p.step(p.plan(files...), "handlers.go"); s.Action != Conflicts {
		t.Errorf("handlers.go: %s", s.Action)
	}
}

func TestPlanOwn(t *testing.T) {
	header := "// " + emit.Header(emit.Generated) + "\n\n"
	core := header + "package auth\n\nfunc a() {}\n\nfunc b() {}\n"
	p := newPlanTree(t)
	p.apply(filesWith("core.go", core)...)
	p.write("core.go", core+"\nfunc mine() {}\n")
	p.applyWith(Options{Own: map[string][]byte{"core.go": []byte(core)}}, filesWith("core.go", core)...)
	if got := p.base().Class("core.go"); got != emit.Yours {
		t.Errorf("core.go is of class %s", got)
	}
	if plan := p.plan(filesWith("core.go", core)...); !plan.Empty() || len(plan.Blocked()) > 0 {
		t.Errorf("a second run would change something: %s", plan.Counts())
	}
	// From then on, it is merged.
	p.apply(filesWith("core.go", header+"package auth\n\nfunc a() { _ = 1 }\n\nfunc b() {}\n")...)
	want := "// " + emit.Header(emit.Yours) + "\n\npackage auth\n\nfunc a() { _ = 1 }\n\nfunc b() {}\n\nfunc mine() {}\n"
	if got := p.read("core.go"); got != want {
		t.Errorf("core.go is %q, want %q", got, want)
	}
	// Restore gives it back.
	restore := Options{Restore: map[string]bool{"core.go": true}}
	if s := p.step(p.planWith(restore, filesWith("core.go", core)...), "core.go"); s.Action != Edited {
		t.Errorf("restoring a file with edits: %s", s.Action)
	}
	restore.Discard = true
	p.applyWith(restore, filesWith("core.go", core)...)
	if got := p.read("core.go"); got != core || p.base().Class("core.go") != emit.Generated {
		t.Errorf("core.go is %s, %q", p.base().Class("core.go"), got)
	}
}

func TestPlanRestore(t *testing.T) {
	p := newPlanTree(t)
	p.apply(planFiles...)
	for _, name := range []string{"handlers.go", "hooks.go"} {
		p.remove(name)
		p.apply(planFiles...)
		p.applyWith(Options{Restore: map[string]bool{name: true}}, planFiles...)
		p.read(name)
	}
	p.write("core.go", "mine")
	p.applyWith(Options{Restore: map[string]bool{"core.go": true}, Discard: true}, planFiles...)
	if got := p.read("core.go"); got != string(planFiles[0].Data) {
		t.Errorf("core.go is %q", got)
	}
}

// A file that the developer renamed is found by its content.
func TestPlanFollowsRenamedFile(t *testing.T) {
	const header = "// by authgen\n\n"
	const text = header + "package auth\n\nfunc a() {}\n\nfunc b() {}\n"
	const next = header + "package auth\n\nfunc a() { _ = 1 }\n\nfunc b() {}\n"
	files := filesWith("handlers.go", text)
	rename := func(p *planTree, from, to string) {
		if err := os.MkdirAll(filepath.Dir(p.name(to)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(p.name(from), p.name(to)); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("yours", func(t *testing.T) {
		p := newPlanTree(t)
		p.apply(files...)
		rename(p, "handlers.go", "http.go")
		p.write("http.go", text+"\nfunc mine() {}\n")
		p.apply(filesWith("handlers.go", next)...)
		want := next + "\nfunc mine() {}\n"
		if got := p.read("http.go"); got != want {
			t.Errorf("http.go is %q", got)
		}
		if _, err := os.Stat(p.name("handlers.go")); err == nil {
			t.Error("handlers.go is back")
		}
		if plan := p.plan(filesWith("handlers.go", next)...); !plan.Empty() {
			t.Errorf("a second run would change something: %s", plan.Counts())
		}
		// It may be renamed back.
		rename(p, "http.go", "handlers.go")
		p.apply(filesWith("handlers.go", text)...)
		if got := p.read("handlers.go"); got != text+"\nfunc mine() {}\n" {
			t.Errorf("handlers.go is %q", got)
		}
	})
	t.Run("somebody's own", func(t *testing.T) {
		p := newPlanTree(t)
		p.apply(files...)
		p.remove("handlers.go")
		p.write("other.go", "package auth\n\nfunc a() {}\n\nfunc b() {}\n\n// not by that\n")
		if s := p.step(p.plan(files...), "handlers.go"); s.At != "handlers.go" {
			t.Errorf("%s at %s", s.Action, s.At)
		}
	})
	t.Run("restored, with a copy beside", func(t *testing.T) {
		p := newPlanTree(t)
		p.apply(files...)
		rename(p, "handlers.go", "copy.go")
		p.write("copy.go", text+"\n// mine\n")
		p.applyWith(Options{Restore: map[string]bool{"handlers.go": true}, Discard: true}, files...)
		if p.read("handlers.go") != text || p.read("copy.go") != text+"\n// mine\n" {
			t.Errorf("handlers.go is %q, copy.go %q", p.read("handlers.go"), p.read("copy.go"))
		}
	})
	t.Run("generated", func(t *testing.T) {
		p := newPlanTree(t)
		p.apply(files...)
		rename(p, "core.go", "heart.go")
		plan := p.plan(filesWith("core.go", "package auth\n\n// new\n")...)
		if s := p.step(plan, "core.go"); s.Action != Update || s.At != "heart.go" {
			t.Errorf("%s at %s", s.Action, s.At)
		}
	})
	t.Run("elsewhere", func(t *testing.T) {
		p := newPlanTree(t)
		p.apply(files...)
		rename(p, "handlers.go", "web/http.go")
		if s := p.step(p.plan(files...), "handlers.go"); s.Action != Keep || s.At != "handlers.go" {
			t.Errorf("%s at %s", s.Action, s.At)
		}
		moved := Options{Moved: map[string]string{"handlers.go": "web/http.go"}}
		if s := p.step(p.planWith(moved, files...), "handlers.go"); s.Action != Identical || s.At != "web/http.go" {
			t.Errorf("%s at %s", s.Action, s.At)
		}
		p.applyWith(moved, files...)
		if plan := p.plan(files...); !plan.Empty() {
			t.Errorf("a second run would change something: %s", plan.Counts())
		}
	})
	t.Run("one of two", func(t *testing.T) {
		p := newPlanTree(t)
		p.apply(files...)
		rename(p, "handlers.go", "one.go")
		p.write("two.go", text)
		if s := p.step(p.plan(files...), "handlers.go"); s.Action != Keep || s.At != "handlers.go" {
			t.Errorf("%s at %s", s.Action, s.At)
		}
	})
}

// A rename of the package is not an edit, and packages that are named after it are renamed,
// too.
func TestPlanFollowsRenamedPackage(t *testing.T) {
	const header = "// by authgen\n\n"
	emitted := func(module, pkg, doc string) []emit.File {
		named := ""
		if pkg != "auth" {
			named = pkg + " "
		}
		imports := func(name, more string) []byte {
			return []byte(header + "package " + name + "\n\nimport (\n\t" + named + "\"" + module + "/internal/auth\"\n" + more + ")\n\nvar _ = " + pkg + ".New\n")
		}
		kit := "\t\"" + module + "/internal/auth/" + pkg + "test\"\n"
		return []emit.File{
			{Path: pkg + "test/run.go", Class: emit.Generated, Data: imports(pkg+"test", "\t\""+module+"/internal/auth/internal/testdb\"\n")},
			{Path: pkg + "web/hooks.go", Class: emit.Once, Data: imports(pkg+"web", "")},
			{Path: pkg + "web/routes.go", Class: emit.Yours, Data: imports(pkg+"web", "")},
			{Path: pkg + "web/routes_test.go", Class: emit.Yours, Data: append(imports(pkg+"web_test", kit), "\nvar _ = "+pkg+"test.Run\n"...)},
			{Path: "core.go", Class: emit.Generated, Data: []byte(header + "package " + pkg + "\n\n// " + doc + "\nfunc New() {}\n")},
			{Path: "handlers.go", Class: emit.Yours, Data: []byte(header + "package " + pkg + "\n\n// " + doc + "\nfunc a() {}\n\nfunc b() {}\n")},
		}
	}
	const mine = "\nfunc mine() {}\n"
	for _, test := range []struct {
		name  string
		moved bool // whether the directories are renamed, too
		want  map[string]Action
	}{
		{"with its directories", true, map[string]Action{
			"identitytest/run.go": Identical, "identityweb/hooks.go": Keep, "identityweb/routes.go": Keep, "identityweb/routes_test.go": Identical,
			"core.go": Update, "handlers.go": Merge, answers.FileName: Update,
		}},
		{"alone", false, map[string]Action{
			"identitytest/run.go": Update, "identityweb/hooks.go": Update, "identityweb/routes.go": Update, "identityweb/routes_test.go": Update,
			"core.go": Update, "handlers.go": Merge, answers.FileName: Update,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlanTree(t)
			p.apply(emitted("example.com/app", "auth", "auth.")...)
			was := emitted("example.com/app", "auth", "auth.")
			for i, f := range emitted("example.com/other", "identity", "auth.") { // as an editor renames it
				name, text := f.Path, string(f.Data)
				if name != was[i].Path && !test.moved {
					name = was[i].Path
					text = strings.NewReplacer("identity.New", "auth.New").Replace(string(was[i].Data))
				} else if name != was[i].Path {
					p.remove(was[i].Path)
				}
				if name == "handlers.go" || strings.HasSuffix(name, "/routes.go") || strings.HasSuffix(name, "/hooks.go") {
					text += mine
				}
				p.write(name, text)
			}
			p.a.PackageName = "identity"
			files := emitted("example.com/other", "identity", "identity.")
			base := p.base()
			if got := base.PackageName(os.DirFS(p.dir), p.a.Package); got != "identity" {
				t.Errorf("the package is called %q", got)
			}
			plan := func() *Plan {
				plan, err := New(os.DirFS(p.dir), p.a, emit.Target{Module: "example.com/other", Templates: planTarget.Templates}, files, p.base(), Options{Answers: p.a.Format()})
				if err != nil {
					t.Fatal(err)
				}
				return plan
			}
			got := make(map[string]Action)
			for _, s := range plan().Steps {
				got[s.Path] = s.Action
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if err := plan().Apply(p.root); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"internal/auth/" + answers.FileName: string(p.a.Format()), "internal/auth/" + LockFile: p.read(LockFile)}
			for _, f := range files {
				text := string(f.Data)
				if name := filepath.Base(f.Path); name == "handlers.go" || name == "routes.go" || name == "hooks.go" {
					text += mine
				}
				want["internal/auth/"+f.Path] = text
			}
			if diff := cmp.Diff(want, p.files()); diff != "" {
				t.Error(diff)
			}
			if again := plan(); !again.Empty() {
				t.Errorf("a second run would change something: %s", again.Counts())
			}
		})
	}
	t.Run("beside the developer's own", func(t *testing.T) {
		p := newPlanTree(t)
		p.apply(emitted("example.com/app", "auth", "auth.")...)
		p.write("authweb/pages.go", "package authweb\n")
		p.a.PackageName = "identity"
		_, err := New(os.DirFS(p.dir), p.a, planTarget, emitted("example.com/app", "identity", "auth."), p.base(), Options{Answers: p.a.Format()})
		want := "internal/auth/authweb/pages.go is a file of yours in internal/auth/authweb, which is now called internal/auth/identityweb since the package is called identity: "
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error is %v", err)
		}
	})
}

// A unit test is written if the answers ask for all tests, or if the developer owns the
// file that it tests.
func TestPlanUnitTests(t *testing.T) {
	const core, unit = "core.go", "core_test.go"
	header := "// " + emit.Header(emit.Generated) + "\n\n"
	files := append(filesWith(core, header+"package auth\n"), emit.File{Path: unit, Class: emit.Generated, Tests: core, Data: []byte(header + "package auth\n\n// tests\n")})
	owned := "// " + emit.Header(emit.Yours) + "\n\npackage auth\n\n// tests\n"
	start := func(tests string) *planTree {
		p := newPlanTree(t)
		p.a.Tests = tests
		p.apply(files...)
		return p
	}
	ask := func(p *planTree, tests string) {
		p.a.Tests = tests
		p.write(answers.FileName, string(p.a.Format()))
	}
	exists := func(p *planTree) bool {
		_, ok := p.files()["internal/auth/"+unit]
		return ok
	}
	own := Options{Own: map[string][]byte{core: []byte(header + "package auth\n")}}

	p := start("contract")
	if plan := p.plan(files...); exists(p) || len(plan.Unwritten) != 1 || plan.Unwritten[0].Path != unit {
		t.Errorf("exists: %t; unwritten: %v", exists(p), plan.Unwritten)
	}
	ask(p, "all")
	p.apply(files...)
	if plan := p.plan(files...); !exists(p) || len(plan.Unwritten) != 0 {
		t.Errorf("exists: %t; unwritten: %v", exists(p), plan.Unwritten)
	}
	ask(p, "contract")
	p.apply(files...)
	if exists(p) {
		t.Error("it still exists")
	}
	ask(p, "all")
	p.apply(files...)
	p.write(unit, "mine")
	ask(p, "contract")
	if s := p.step(p.plan(files...), unit); s.Action != Edited {
		t.Errorf("with an edit: %s", s.Action)
	}

	for _, tests := range []string{"contract", "all"} {
		p := start(tests)
		p.applyWith(own, files...)
		if got := p.read(unit); got != owned || p.base().Class(unit) != emit.Yours {
			t.Errorf("%s: it is %s, %q", tests, p.base().Class(unit), got)
		}
		if again := p.plan(files...); !again.Empty() || len(again.Unwritten) != 0 {
			t.Errorf("%s: a second run would change something: %s", tests, again.Counts())
		}
		ask(p, "contract") // it stays with the file
		p.apply(files...)
		p.write(unit, owned+"// mine\n")
		p.apply(files...)
		if got := p.read(unit); got != owned+"// mine\n" {
			t.Errorf("%s: it is %q", tests, got)
		}
		ask(p, tests)
		p.apply(files...)
		restore := Options{Restore: map[string]bool{core: true}}
		if s := p.step(p.planWith(restore, files...), unit); s.Action != Keep && s.Action != Edited {
			t.Errorf("%s: restored with an edit: %s", tests, s.Action)
		}
		restore.Discard = true
		p.applyWith(restore, files...)
		if exists(p) != (tests == "all") || p.base().Class(core) != emit.Generated {
			t.Errorf("%s: given back, and exists: %t; %s is %s", tests, exists(p), core, p.base().Class(core))
		}
		if again := p.plan(files...); !again.Empty() {
			t.Errorf("%s: a second run would change something: %s", tests, again.Counts())
		}
	}
}

// A lock cannot make authgen remove or write to a file of the developer's own.
func TestPlanRefusesForeignFiles(t *testing.T) {
	const mine = "package auth\n\n// mine\n"
	hash := lock.Hash([]byte(mine))
	for _, test := range []struct {
		file lock.File
		now  []emit.File
		want Action
	}{
		{lock.File{Path: "mine.go", Class: emit.Generated, Hash: hash}, nil, Edited},
		{lock.File{Path: "mine.go", Class: emit.Yours, Hash: hash, Base: []byte(mine)}, nil, Keep},
		{lock.File{Path: "core.go", At: "mine.go", Class: emit.Generated, Hash: hash}, planFiles, Edited},
		{lock.File{Path: "handlers.go", At: "mine.go", Class: emit.Yours, Hash: hash, Base: []byte(mine)}, planFiles, InTheWay},
	} {
		p := newPlanTree(t)
		p.write(answers.FileName, string(p.a.Format()))
		p.write("mine.go", mine)
		l := &lock.Lock{Version: generator.Version, Templates: planTarget.Templates, Import: "example.com/app/internal/auth", Answers: p.a.Canonical(), Files: []lock.File{test.file}}
		text, err := l.Format()
		if err != nil {
			t.Fatal(err)
		}
		p.write(LockFile, string(text))
		plan := p.plan(test.now...)
		if s := p.step(plan, test.file.Path); s.Action != test.want {
			t.Errorf("%+v: %s, want %s", test.file, s.Action, test.want)
		}
		_ = plan.Apply(p.root)
		if got := p.read("mine.go"); got != mine {
			t.Errorf("%+v: mine.go is %q", test.file, got)
		}
	}
}

func TestRename(t *testing.T) {
	const source = `package auth_test

import (
	"example.com/app/internal/auth"
	"example.com/app/internal/authority"
	other "example.com/app/internal/auth/authtest"
	"example.com/app/internal/auth/authweb"
	"example.com/app/internal/auth/internal/testdb"
)

// auth.New is left, as is "auth.New".
var _ = auth.New(auth.Config{}, authority.X, other.Run, authweb.Routes, testdb.Open)

func f(auth struct{ New int }) int { return auth.New }
`
	const want = `package identity_test

import (
	"example.org/x/identity"
	"example.com/app/internal/authority"
	other "example.org/x/identity/identitytest"
	"example.org/x/identity/identityweb"
	"example.org/x/identity/internal/testdb"
)

// auth.New is left, as is "auth.New".
var _ = identity.New(identity.Config{}, authority.X, other.Run, identityweb.Routes, testdb.Open)

func f(auth struct{ New int }) int { return auth.New }
`
	was, now := packageID{"example.com/app/internal/auth", "auth"}, packageID{"example.org/x/identity", "identity"}
	if diff := cmp.Diff(want, string(rename([]byte(source), was, now))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(source, string(rename([]byte(want), now, was))); diff != "" {
		t.Error(diff)
	}
	// If the path does not end in the name, the import has an explicit name.
	moved := packageID{"example.org/x/identity", "auth"}
	named := strings.NewReplacer("identity_test", "auth_test", "identity.", "auth.", "\t\"example.org/x/identity\"", "\tauth \"example.org/x/identity\"",
		"identitytest", "authtest", "identityweb", "authweb").Replace(want)
	if diff := cmp.Diff(named, string(rename([]byte(source), was, moved))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, string(rename([]byte(named), moved, now))); diff != "" {
		t.Error(diff)
	}
	// Packages that are named after the core are renamed as well.
	web := strings.NewReplacer("package auth_test", "package authweb", "package identity_test", "package identityweb")
	if diff := cmp.Diff(web.Replace(want), string(rename([]byte(web.Replace(source)), was, now))); diff != "" {
		t.Error(diff)
	}
	const broken = "package auth\n\nfunc {"
	if got := string(rename([]byte(broken), was, now)); got != broken {
		t.Errorf("source that does not parse became %q", got)
	}
}

func TestRemoval(t *testing.T) {
	p := newPlanTree(t)
	p.apply(append(changed(""), outside)...)
	p.write("mine.go", "package auth\n")
	p.write("handlers.go", "// by authgen\n"+mineHandlers)
	p.write("handlers.go"+MineSuffix, "precious")
	plan, err := NewRemoval(os.DirFS(p.dir), p.a, p.base(), false)
	if err != nil {
		t.Fatal(err)
	}
	if blocked := plan.Blocked(); len(blocked) != 1 || blocked[0].Path != "handlers.go" {
		t.Errorf("blocked: %v", blocked)
	}
	if err := plan.Apply(p.root); !errors.Is(err, ErrBlocked) {
		t.Errorf("Apply: %v", err)
	}
	plan, err = NewRemoval(os.DirFS(p.dir), p.a, p.base(), true)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(p.root); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"internal/auth/handlers.go" + MineSuffix: "precious", "internal/auth/mine.go": "package auth\n", "db/2.sql": "-- by authgen\nCREATE TABLE u;\n"}
	if diff := cmp.Diff(want, p.files()); diff != "" {
		t.Error(diff)
	}
}
