package emit

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/modfile"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/archive"
	"github.com/authgen/authgen/templates"
)

// TestCompatibility type-checks the application's side that each released version
// emitted, with its tests, against what is emitted for the same answers now: nothing that
// they use may be gone.
func TestCompatibility(t *testing.T) {
	checker := newEmissionChecker(exportData(t))
	archives, err := filepath.Glob(filepath.Join("..", "..", "testdata", "versions", "*.tar.gz"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("archives %q, error %v", archives, err)
	}
	for _, name := range archives {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		files, err := archive.Unpack(f)
		_ = f.Close()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkArchive(t, checker, filepath.Base(name), files)
	}
}

// checkArchive is checkFrozen for each project in an archive.
func checkArchive(t *testing.T, checker *emissionChecker, name string, files fstest.MapFS) {
	t.Helper()
	samples, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		t.Run(name+"/"+sample.Name(), func(t *testing.T) {
			mod, err := files.ReadFile(sample.Name() + "/go.mod")
			if err != nil {
				t.Fatal(err)
			}
			dir, err := fs.Sub(files, path.Join(sample.Name(), "internal", "auth"))
			if err != nil {
				t.Fatal(err)
			}
			checkFrozen(t, checker, dir, modfile.ModulePath(mod))
		})
	}
}

// checkFrozen type-checks the application's side in the directory of a package, in a module
// with that path, against the core and the kit as they are emitted now.
func checkFrozen(t *testing.T, checker *emissionChecker, dir fs.FS, module string) {
	t.Helper()
	a, files, err := withFrozen(dir, module)
	if err != nil {
		t.Fatal(err)
	}
	if err := checker.check(a, files); err != nil {
		t.Error(err)
	}
}

// withFrozen returns the files that are emitted now for the answers in a directory, with
// the application's side replaced by the one in the directory.
func withFrozen(dir fs.FS, module string) (answers.Answers, []File, error) {
	text, err := fs.ReadFile(dir, answers.FileName)
	if err != nil {
		return answers.Answers{}, nil, err
	}
	a, err := answers.Parse(answers.FileName, text)
	if err != nil {
		return answers.Answers{}, nil, err
	}
	files, err := Package(templates.FS, a, Target{Module: "example.com/app"})
	if err != nil {
		return answers.Answers{}, nil, err
	}
	web := a.WebName()
	files = slices.DeleteFunc(files, func(f File) bool { return strings.HasPrefix(f.Path, web+"/") })
	was, now := []byte(`"`+path.Join(module, a.Package)), []byte(`"`+path.Join("example.com/app", a.Package))
	found := 0
	err = fs.WalkDir(dir, web, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(dir, name)
		if path.Ext(name) == ".go" {
			data = bytes.ReplaceAll(data, was, now) // in the imports
		}
		files = append(files, File{Path: name, Class: Yours, Data: data})
		found++
		return err
	})
	if err == nil && found == 0 {
		err = fmt.Errorf("%s is empty", web)
	}
	return a, files, err
}

// TestIncompatibility checks that the use of something that does not exist is found.
func TestIncompatibility(t *testing.T) {
	a := answers.Default()
	a.Normalize()
	files, err := Package(templates.FS, a, Target{Module: "example.com/other"})
	if err != nil {
		t.Fatal(err)
	}
	const dir = "sample/internal/auth/"
	project := fstest.MapFS{
		"sample/go.mod":        {Data: []byte("module example.com/other\n")},
		dir + answers.FileName: {Data: a.Format()},
	}
	for _, f := range files {
		project[dir+f.Path] = &fstest.MapFile{Data: f.Data}
	}
	checker := newEmissionChecker(exportData(t))
	checkArchive(t, checker, "archive", project)

	project[dir+a.WebName()+"/mine.go"] = &fstest.MapFile{Data: []byte("package authweb\n\nimport \"example.com/other/internal/auth\"\n\nvar _ = auth.Nothing\n")}
	sub, err := fs.Sub(project, path.Clean(dir))
	if err != nil {
		t.Fatal(err)
	}
	a, files, err = withFrozen(sub, "example.com/other")
	if err != nil {
		t.Fatal(err)
	}
	if err := checker.check(a, files); err == nil || !strings.Contains(err.Error(), "undefined: auth.Nothing") {
		t.Errorf("error %v", err)
	}
}
