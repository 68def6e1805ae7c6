package gocmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/goproxytest"

	"github.com/authgen/authgen/generator/project"
)

// If a module has to rise that only other packages of the application use, they still build.
func TestRequireRaised(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	proxy := t.TempDir()
	writeFiles(t, proxy, map[string]string{
		"example.com_shared_v1.0.0.txtar": "-- go.mod --\nmodule example.com/shared\n\ngo 1.25.0\n-- a/a.go --\npackage a\n",
		// The later one also needs a module that nothing has needed before.
		"example.com_shared_v1.1.0.txtar": "-- go.mod --\nmodule example.com/shared\n\ngo 1.25.0\n\nrequire example.com/other v1.0.0\n" +
			"-- a/a.go --\npackage a\n\nimport _ \"example.com/other\"\n",
		"example.com_other_v1.0.0.txtar":  "-- go.mod --\nmodule example.com/other\n\ngo 1.25.0\n-- other.go --\npackage other\n",
		"example.com_needed_v1.0.0.txtar": "-- go.mod --\nmodule example.com/needed\n\ngo 1.25.0\n\nrequire example.com/shared v1.1.0\n-- needed.go --\npackage needed\n",
	})
	root := t.TempDir()
	for name, value := range map[string]string{
		"GOFLAGS": "", "GOWORK": "off", "GOSUMDB": "off",
		"GOPROXY":    goproxytest.NewTestServer(t, proxy, "").URL,
		"GOMODCACHE": t.TempDir(),
	} {
		t.Setenv(name, value)
	}
	t.Cleanup(func() { _, _ = Run(root, nil, "go", "clean", "-modcache") }) // its files are read-only
	writeFiles(t, root, map[string]string{
		"go.mod":  gomod + "\nrequire example.com/shared v1.0.0\n",
		"main.go": "package main\n\nimport _ \"example.com/shared/a\"\n\nfunc main() {}\n",
	})
	if out, err := Run(root, nil, "go", "mod", "tidy"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p := planFiles(t, root, "internal/auth", map[string]string{"auth.go": "package auth\n\nimport _ \"example.com/needed\"\n"})
	raised, err := Require(Package{Root: root, Module: "example.com/app", Dir: "internal/auth"}, []project.Module{{Path: "example.com/needed", Version: "v1.0.0"}}, p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]project.Raised{{Path: "example.com/shared", From: "v1.0.0", To: "v1.1.0"}}, raised); diff != "" {
		t.Errorf("raised (-want +got):\n%s", diff)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := os.WriteFile(filepath.Join(root, name), p.Written()[name], 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := Run(root, nil, "go", "build", "-o="+os.DevNull, "./..."); err != nil {
		t.Errorf("the application no longer builds: %v\n%s", err, out)
	}
	if mod := string(p.Written()["go.mod"]); !strings.Contains(mod, "example.com/other v1.0.0") {
		t.Errorf("go.mod lacks what the later version needs:\n%s", mod)
	}
}
