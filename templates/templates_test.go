package templates_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/authgen/authgen/templates"
)

// TestTemplates vets and tests the templates where they stand, in both session
// styles, with a database driver: that one is not in this module's go.mod, but
// in adapters.mod, and its part of the tests takes the place of a stand-in.
func TestTemplates(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	abs := func(name string) string {
		name, err := filepath.Abs(filepath.FromSlash(name))
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	// That they are embedded makes this test run again when a template changes.
	adapter, err := fs.ReadDir(templates.FS, "adapters/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	replace := make(map[string]string)
	for _, f := range adapter {
		replace[abs("auth/"+f.Name())] = abs("adapters/sqlite/" + f.Name())
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(file, overlay, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, style := range []string{"database", "stateless"} {
		t.Run(style, func(t *testing.T) {
			for _, args := range [][]string{{"vet"}, {"test", "-shuffle=on"}} {
				args = append(args, "-modfile="+abs("adapters.mod"), "-overlay="+file, "-tags="+style, "./auth/...")
				out, err := exec.Command("go", args...).CombinedOutput()
				if err != nil {
					t.Fatalf("go %v: %v\n%s", args, err, out)
				}
				t.Logf("go %s:\n%s", args[0], out)
			}
		})
	}
}
