package older

import (
	"path"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/templates"
)

func TestPackage(t *testing.T) {
	a := answers.Default()
	a.Normalize()
	files, err := emit.Package(templates.FS, a, emit.Target{Module: "example.com/app"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range texts {
		if !slices.ContainsFunc(files, row.matches) {
			t.Errorf("no %s file %s says %q", row.class, row.file, row.now)
		}
	}
	if !slices.ContainsFunc(files, func(f emit.File) bool { return path.Base(f.Path) == later }) {
		t.Errorf("%s is not emitted", later)
	}

	written, err := Package(fstest.MapFS{}, "example.com/app", a)
	if err != nil {
		t.Fatal(err)
	}
	module := make(fstest.MapFS)
	for name, data := range written {
		module[name] = &fstest.MapFile{Data: data}
	}
	base, err := plan.ReadBase(module, a.Package)
	if err != nil {
		t.Fatal(err)
	}
	if base.Version() != Version || !base.EmittedFor(a) {
		t.Errorf("the lock is of %s, or for other answers", base.Version())
	}
	for _, f := range files {
		if path.Base(f.Path) != later && f.Tests == "" && !base.Fits(f.Path, written[path.Join(a.Package, f.Path)]) {
			t.Errorf("%s is not what the lock says", f.Path)
		}
	}
	module[path.Join(a.Package, "auth.go")] = &fstest.MapFile{Data: []byte("package auth\n")}
	if _, err := Package(module, "example.com/app", a); err == nil {
		t.Error("the package overwrites an existing one")
	}
}

// Forget removes the named keys and features, and nothing else.
func TestForget(t *testing.T) {
	a := answers.Default()
	a.Normalize()
	written, err := Package(fstest.MapFS{}, "example.com/app", a)
	if err != nil {
		t.Fatal(err)
	}
	lockName := path.Join(a.Package, plan.LockFile)
	file, lock := Forget(a.Format(), written[lockName], "v0.0.8", "store", "features.manage_users")
	base, err := plan.ReadBase(fstest.MapFS{lockName: {Data: lock}}, a.Package)
	if err != nil {
		t.Fatal(err)
	}
	emitted, _ := base.Answers()
	if base.Version() != "v0.0.8" || emitted.Has("manage_users") || len(base.Paths()) != len(written)-2 {
		t.Errorf("version %s, features %+v, %d files of %d", base.Version(), emitted.Features, len(base.Paths()), len(written))
	}
	now, added, err := answers.Complete(answers.FileName, file, emitted)
	if err != nil {
		t.Fatal(err)
	}
	if len(added) != 2 || added[0].Key != "store" || added[1].Feature != "manage_users" || string(now) != string(emitted.Format()) {
		t.Errorf("added %v\n%s", added, now)
	}
}
