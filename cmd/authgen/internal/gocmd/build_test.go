package gocmd

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
)

const gomod = "module example.com/app\n\ngo 1.25.0\n"

// writeFiles writes files below a directory.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// planFiles returns a plan that writes files of a package in a directory of the module.
func planFiles(t *testing.T, root, dir string, files map[string]string) *plan.Plan {
	t.Helper()
	a := answers.Default()
	a.Package = dir
	a.Normalize()
	var emitted []emit.File
	for name, text := range files {
		emitted = append(emitted, emit.File{Path: name, Class: emit.Generated, Data: []byte(text)})
	}
	p, err := plan.New(os.DirFS(root), a, emit.Target{Module: "example.com/app", Templates: strings.Repeat("0", 64)}, emitted, nil, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestBuilds proves plans in modules that are built in different ways.
func TestBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	const (
		uses    = "package auth\n\nimport \"example.com/lib\"\n\nvar _ = lib.Name\n"
		lib     = "package lib\n\nconst Name = \"lib\"\n"
		libMod  = "module example.com/lib\n\ngo 1.25.0\n"
		require = "\nrequire example.com/lib v1.0.0\n"
		broken  = "package broken\n\nvar x int = nothing\n"
	)
	for _, c := range []struct {
		name    string
		env     string            // GOFLAGS
		pkg     Package           // Dir is internal/auth unless it is given
		dir     string            // of the module, "app" unless it is given
		tree    map[string]string // relative to the directory above the module
		files   map[string]string // of the package
		mod     string            // go.mod as the plan writes it
		want    string            // in the error, which is nil if it is empty
		modules bool              // whether the error is about modules
		vendor  string
	}{
		{
			name:  "new",
			pkg:   Package{New: true},
			tree:  map[string]string{"app/broken/broken.go": broken, "app/main.go": "package main\n\nfunc main() {\n"},
			files: map[string]string{"auth.go": "package auth\n", "authweb/web.go": "package authweb\n\nimport _ \"example.com/app/internal/auth\"\n"},
		},
		{
			name:  "new, and does not compile",
			pkg:   Package{New: true},
			files: map[string]string{"auth.go": "package auth\n\nvar X = y\n"},
			want:  "the package does not pass go build:\n# example.com/app/internal/auth\ninternal/auth/auth.go:3:9: undefined: y",
		},
		{
			name:  "new, and its test does not compile",
			pkg:   Package{New: true},
			files: map[string]string{"auth.go": "package auth\n", "auth_test.go": "package auth\n\nvar _ = y\n"},
			want:  "internal/auth/auth_test.go:3:9: undefined: y",
		},
		{
			name:  "new, and vet finds something",
			pkg:   Package{New: true},
			files: map[string]string{"auth.go": "package auth\n\nimport \"fmt\"\n\nfunc F() { fmt.Printf(\"%d\", \"x\") }\n"},
			want:  "the package does not pass go vet:\ninternal/auth/auth.go:5:24: fmt.Printf",
		},
		{
			name:  "new, in the root of the module",
			pkg:   Package{New: true, Dir: "."},
			tree:  map[string]string{"app/broken/broken.go": broken, "app/node_modules/x.go": broken},
			files: map[string]string{"auth.go": "package auth\n", "authweb/web.go": "package authweb\n\nimport _ \"example.com/app\"\n"},
		},
		{
			name:  "new, with a module beside this one",
			pkg:   Package{New: true},
			tree:  map[string]string{"app/go.mod": gomod + require + "\nreplace example.com/lib => ../lib\n", "lib/go.mod": libMod, "lib/lib.go": lib},
			files: map[string]string{"auth.go": uses},
		},
		{
			name:    "new, with a module that go.mod lacks",
			pkg:     Package{New: true},
			tree:    map[string]string{"app/go.mod": gomod + "\nreplace example.com/lib => ../lib\n", "lib/go.mod": libMod, "lib/lib.go": lib},
			files:   map[string]string{"auth.go": uses},
			want:    "example.com/lib",
			modules: true,
		},
		{
			name:  "new, with a module that -mod=mod adds",
			env:   "-mod=mod -trimpath",
			pkg:   Package{New: true},
			tree:  map[string]string{"app/go.mod": gomod + "\nreplace example.com/lib => ../lib\n", "lib/go.mod": libMod, "lib/lib.go": lib},
			files: map[string]string{"auth.go": uses},
		},
		{
			name:  "with a module that -mod=mod adds",
			env:   "-mod=mod",
			tree:  map[string]string{"app/go.mod": gomod + "\nreplace example.com/lib => ../lib\n", "lib/go.mod": libMod, "lib/lib.go": lib, "app/internal/auth/doc.go": "package auth\n"},
			files: map[string]string{"auth.go": uses},
		},
		{
			name:  "under a tag",
			env:   "-tags=special",
			tree:  map[string]string{"app/internal/auth/mine.go": "//go:build special\n\npackage auth\n\nvar _ int = \"special\"\n"},
			files: map[string]string{"auth.go": "package auth\n"},
			want:  "mine.go:5:13:",
		},
		{
			name:  "positions are those of the module's files",
			tree:  map[string]string{"app/internal/auth/doc.go": "package auth\n"},
			files: map[string]string{"auth.go": "package auth\n\nimport \"fmt\"\n\nfunc F() { fmt.Printf(\"%d\", \"x\") }\n"},
			want:  "internal/auth/auth.go:5:24: fmt.Printf",
		},
		{
			name: "a new directory that uses the rest of the module",
			tree: map[string]string{"app/internal/auth/doc.go": "package auth\n", "app/internal/shop/shop.go": "package shop\n\nconst Name = \"shop\"\n"},
			files: map[string]string{
				"auth.go":        "package auth\n",
				"authweb/web.go": "package authweb\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/app/internal/shop\"\n)\n\nfunc F() { fmt.Printf(\"%d\", shop.Name) }\n",
			},
			want: "internal/auth/authweb/web.go:9:24: fmt.Printf",
		},
		{
			name:  "by a symbolic link",
			dir:   "link",
			tree:  map[string]string{"app/internal/auth/doc.go": "package auth\n\nvar _ = Answer\n"},
			files: map[string]string{"auth.go": "package auth\n\nconst Answer = 42\n"},
		},
		{
			name:  "a vendored workspace",
			pkg:   Package{New: true},
			tree:  map[string]string{"go.work": "go 1.25.0\n\nuse ./app\n", "vendor/modules.txt": "## workspace\n"},
			files: map[string]string{"auth.go": "package auth\n"}, vendor: "go work vendor",
		},
		{
			name: "versions that break the rest",
			pkg:  Package{New: true, Rest: true},
			tree: map[string]string{
				"app/go.mod":     gomod + require + "\nreplace example.com/lib => ../lib\n",
				"lib/go.mod":     libMod,
				"lib/lib.go":     lib,
				"new/go.mod":     libMod,
				"new/lib.go":     "package lib\n",
				"app/use/use.go": strings.Replace(uses, "package auth", "package use", 1),
			},
			files: map[string]string{"auth.go": "package auth\n"},
			mod:   gomod + require + "\nreplace example.com/lib => ../new\n",
			want:  "./internal/auth builds, but with the versions that it needs, other packages would no longer build:\n# example.com/app/use\nuse/use.go:5:13: undefined: lib.Name",
		},
		{
			name:  "a rest that was broken before",
			pkg:   Package{New: true, Rest: true},
			tree:  map[string]string{"app/broken/broken.go": broken},
			files: map[string]string{"auth.go": "package auth\n"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			above := t.TempDir()
			writeFiles(t, above, map[string]string{"app/go.mod": gomod})
			writeFiles(t, above, c.tree)
			t.Setenv("GOFLAGS", c.env)
			t.Setenv("GOWORK", "")
			t.Setenv("GOPROXY", "off")
			pkg := c.pkg
			pkg.Root, pkg.Module = filepath.Join(above, "app"), "example.com/app"
			if c.dir == "link" {
				pkg.Root = filepath.Join(above, "link")
				if err := os.Symlink("app", pkg.Root); err != nil {
					t.Skip(err)
				}
			}
			if pkg.Dir == "" {
				pkg.Dir = "internal/auth"
			}
			before := readAll(t, above)
			p := planFiles(t, pkg.Root, pkg.Dir, c.files)
			if c.mod != "" {
				p.AddFile("go.mod", []byte(c.tree["app/go.mod"]), []byte(c.mod))
			}
			result, err := Prove(pkg, p)
			failed, _ := errors.AsType[*Error](err)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("error %v", err)
			case c.want != "" && (failed == nil || !strings.Contains(failed.Error(), c.want)):
				t.Errorf("error %v, want %q", err, c.want)
			case failed != nil && (failed.Modules != c.modules || failed.Unproven == c.modules):
				t.Errorf("modules %t, unproven %t", failed.Modules, failed.Unproven)
			}
			if result.Vendor != c.vendor {
				t.Errorf("vendor %q, want %q", result.Vendor, c.vendor)
			}
			if after := readAll(t, above); before != after {
				t.Errorf("files changed: before\n%s\nafter\n%s", before, after)
			}
		})
	}
}

// readAll returns the names and texts of all files below a directory.
func readAll(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(name)
		b.WriteString(name + "\n" + string(text) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Require does not raise the go line of a module.
func TestRequireGoLine(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	above := t.TempDir()
	writeFiles(t, above, map[string]string{
		"app/go.mod": gomod + "\nreplace example.com/lib => ../lib\n",
		"lib/go.mod": "module example.com/lib\n\ngo 1.25.1\n",
		"lib/lib.go": "package lib\n",
	})
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOPROXY", "off")
	root := filepath.Join(above, "app")
	p := planFiles(t, root, "internal/auth", map[string]string{"auth.go": "package auth\n\nimport _ \"example.com/lib\"\n"})
	_, err := Require(Package{Root: root, Module: "example.com/app", Dir: "internal/auth"}, nil, p)
	want := "nothing was written: go.mod says go 1.25.0, and the modules that the package needs require go 1.25.1 or later"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	if _, ok := p.Written()["go.mod"]; ok {
		t.Error("the plan writes go.mod")
	}
}
