package plan

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/text"
	"github.com/authgen/authgen/templates"
)

// emitted is a module with a package emitted from the real templates.
type emitted struct {
	t    *testing.T
	dir  string
	a    answers.Answers
	to   emit.Target
	base *Base
}

func newEmitted(t *testing.T, a answers.Answers) *emitted {
	t.Helper()
	digest, err := emit.Digest(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	e := &emitted{t: t, dir: t.TempDir(), a: a, to: emit.Target{Module: "example.com/app", Templates: digest}}
	root, err := os.OpenRoot(e.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if err := e.full().Apply(root); err != nil {
		t.Fatal(err)
	}
	e.base, err = ReadBase(e.module(), a.Package)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *emitted) module() fs.FS { return os.DirFS(e.dir) }

// full returns the plan that is made by emitting the package.
func (e *emitted) full() *Plan {
	e.t.Helper()
	to := e.to
	var err error
	if to.Migrated, err = e.base.Migrated(e.module(), e.a); err != nil {
		e.t.Fatal(err)
	}
	files, err := emit.Package(templates.FS, e.a, to)
	if err != nil {
		e.t.Fatal(err)
	}
	p, err := New(e.module(), e.a, to, files, e.base, Options{})
	if err != nil {
		e.t.Fatal(err)
	}
	return p
}

// quick returns the plan that is made from hashes, nil if that is not possible.
func (e *emitted) quick() *Plan {
	e.t.Helper()
	p, err := e.base.Unchanged(e.module(), e.a, e.to)
	if err != nil {
		e.t.Fatal(err)
	}
	return p
}

// same fails the test unless both plans do the same.
func (e *emitted) same(quick *Plan) {
	e.t.Helper()
	type line struct {
		Path, At, Note string
		Class          emit.Class
		Action         Action
	}
	lines := func(p *Plan) (all []line) {
		for _, s := range p.Steps {
			all = append(all, line{s.Path, s.At, s.Note, s.Class, s.Action})
		}
		return all
	}
	full := e.full()
	if diff := cmp.Diff(lines(full), lines(quick)); diff != "" {
		e.t.Errorf("by emitting and by hashes (-want +got):\n%s", diff)
	}
	if !quick.Empty() || !full.Empty() || quick.Counts() != full.Counts() {
		e.t.Errorf("by emitting: empty %t, %s; by hashes: empty %t, %s", full.Empty(), full.Counts(), quick.Empty(), quick.Counts())
	}
}

func (e *emitted) write(name string, data []byte) {
	e.t.Helper()
	if err := os.WriteFile(filepath.Join(e.dir, filepath.FromSlash(name)), data, 0o666); err != nil {
		e.t.Fatal(err)
	}
}

func (e *emitted) remove(name string) {
	e.t.Helper()
	if err := os.Remove(filepath.Join(e.dir, filepath.FromSlash(name))); err != nil {
		e.t.Fatal(err)
	}
}

func normalized(change func(*answers.Answers)) answers.Answers {
	a := answers.Default()
	change(&a)
	a.Normalize()
	return a
}

// A change of one byte in any file is noticed, and leads to the same plan as when the
// package is emitted.
func TestUnchangedFiles(t *testing.T) {
	t.Parallel()
	e := newEmitted(t, normalized(func(*answers.Answers) {}))
	if p := e.quick(); p == nil {
		t.Fatal("a package that was just emitted is not up to date")
	} else {
		e.same(p)
	}
	for _, f := range e.base.lock.Files {
		name := emit.InModule(e.a.Package, at(f))
		data, err := fs.ReadFile(e.module(), name)
		if err != nil {
			t.Fatal(err)
		}
		other := bytes.Clone(data)
		other[len(other)/2] ^= 1
		e.write(name, other)
		developers := f.Class == emit.Yours || f.Class == emit.Once
		p := e.quick()
		if (p != nil) != developers {
			t.Errorf("%s, which is %s, has another byte: up to date is %t", name, f.Class, p != nil)
		}
		if p != nil && len(p.with(Keep)) != 1 {
			t.Errorf("%s: %s", name, p.Counts())
		}
		e.remove(name)
		if e.quick() != nil {
			t.Errorf("%s is missing, but the package counts as up to date", name)
		}
		e.write(name, data)
	}
	// Line endings and a byte order mark do not matter.
	name := path.Join(e.a.Package, "doc.go")
	data, err := fs.ReadFile(e.module(), name)
	if err != nil {
		t.Fatal(err)
	}
	e.write(name, slices.Concat([]byte(text.BOM), bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))))
	if p := e.quick(); p == nil {
		t.Error("CRLF is a change")
	} else {
		e.same(p)
	}
}

// A change of anything that emission depends on is noticed.
func TestUnchangedInputs(t *testing.T) {
	t.Parallel()
	e := newEmitted(t, normalized(func(*answers.Answers) {}))

	// Change one byte of one template at a time.
	changed := make(fstest.MapFS)
	err := fs.WalkDir(templates.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templates.FS, name)
		changed[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range changed {
		f.Data[0] ^= 1
		digest, err := emit.Digest(changed)
		if err != nil {
			t.Fatal(err)
		}
		f.Data[0] ^= 1
		to := e.to
		to.Templates = digest
		if p, err := e.base.Unchanged(e.module(), e.a, to); err != nil || p != nil {
			t.Errorf("with another byte in %s: %v, %v", name, p, err)
		}
	}

	targets := map[string]func(*emit.Target){
		"module": func(t *emit.Target) { t.Module = "example.com/apq" },
		"tool":   func(t *emit.Target) { t.Tool = true },
		"runs":   func(t *emit.Target) { t.HasGenerateLine = true },
		"moves":  func(t *emit.Target) { t.Moves = []answers.RoleMove{{From: "a", To: "b"}} },
	}
	for name, change := range targets {
		to := e.to
		change(&to)
		if p, err := e.base.Unchanged(e.module(), e.a, to); err != nil || p != nil {
			t.Errorf("with another %s: %v, %v", name, p, err)
		}
	}

	others := map[string]func(*answers.Answers){
		"prefix":  func(a *answers.Answers) { a.Prefix = "/auti" },
		"public":  func(a *answers.Answers) { a.Public = []string{"/login"} },
		"tests":   func(a *answers.Answers) { a.Tests = "all" },
		"package": func(a *answers.Answers) { a.Package = "internal/autj" },
	}
	for name, change := range others {
		if p, err := e.base.Unchanged(e.module(), normalized(change), e.to); err != nil || p != nil {
			t.Errorf("with another %s: %v, %v", name, p, err)
		}
	}
}

// The checksums of Atlas cover all migrations in the directory, including the developer's.
func TestUnchangedAtlas(t *testing.T) {
	t.Parallel()
	e := newEmitted(t, normalized(func(a *answers.Answers) { a.Migrations = "atlas" }))
	p := e.quick()
	if p == nil {
		t.Fatal("a package that was just emitted is not up to date")
	}
	e.same(p)
	sum := path.Join(e.a.Package, "migrations", "atlas.sum")
	if _, err := fs.Stat(e.module(), sum); err != nil {
		t.Fatal(err)
	}
	own := path.Join(e.a.Package, "migrations", "20270101000000_own.sql")
	e.write(own, []byte("CREATE TABLE own (id INTEGER);\n"))
	if e.quick() != nil {
		t.Error("another migration is not noticed")
	}
}

// A file of the developer's that was deleted stays deleted.
func TestUnchangedDeleted(t *testing.T) {
	t.Parallel()
	e := newEmitted(t, normalized(func(*answers.Answers) {}))
	var yours string
	for _, f := range e.base.lock.Files {
		if f.Class == emit.Yours && path.Ext(f.Path) == ".go" {
			yours = path.Join(e.a.Package, f.Path)
		}
	}
	e.remove(yours)
	root, err := os.OpenRoot(e.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if err := e.full().Apply(root); err != nil {
		t.Fatal(err)
	}
	if e.base, err = ReadBase(e.module(), e.a.Package); err != nil {
		t.Fatal(err)
	}
	p := e.quick()
	if p == nil || len(p.with(Keep)) != 1 {
		t.Fatalf("plan by hashes: %v", p)
	}
	e.same(p)
}
