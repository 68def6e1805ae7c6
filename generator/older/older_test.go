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
		t.Errorf("the lock is of %s, for other answers", base.Version())
	}
	for _, f := range files {
		if path.Base(f.Path) != later && f.Tests == "" && !base.Fits(f.Path, written[path.Join(a.Package, f.Path)]) {
			t.Errorf("%s is not what the lock says", f.Path)
		}
	}
	module[path.Join(a.Package, "auth.go")] = &fstest.MapFile{Data: []byte("package auth\n")}
	if _, err := Package(module, "example.com/app", a); err == nil {
		t.Error("the package is written over one that is there")
	}
}
