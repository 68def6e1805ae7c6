package main

import (
	"flag"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the examples instead of comparing them")

// examples are the flags that each folder of examples was made with.
var examples = map[string][]string{
	"nethttp-database": {"--session=database"},
	"nethttp-stateless": {
		"--session=stateless",
		"--roles=admin,editor,member",
		"--permissions=admin=users:read+users:write,editor=posts:write",
		"--profile=display_name:string:anyone,phone:string:self+admin",
	},
	"chi-postgres":        {"--router=chi", "--database=postgres"},
	"gin-mysql-stateless": {"--router=gin", "--database=mysql", "--session=stateless"},
	"echo-postgres-redis": {"--router=echo", "--database=postgres", "--store=redis"},
	"fiber-sqlite":        {"--router=fiber"},
	"gorilla-sqlite":      {"--router=gorilla"},
}

// TestExamples makes the examples again, compares them with the repository's, file by
// file in both directions, and runs their own tests.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	for name, flags := range examples {
		t.Run(name, func(t *testing.T) {
			want := filepath.Join(t.TempDir(), name)
			c := &cli{stdout: io.Discard, stderr: t.Output()}
			args := append([]string{"new", want, "--module=example.com/" + name}, flags...)
			if status := c.run(args); status != exitDone {
				t.Fatalf("authgen %q exits with %d", args, status)
			}
			// The key in it is another one each time, and git ignores it.
			if err := os.Remove(filepath.Join(want, ".env")); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join("..", "..", "examples", name)
			if *update {
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
				if err := os.CopyFS(dir, os.DirFS(want)); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(readTree(t, want), readTree(t, dir)); diff != "" {
				t.Fatalf("examples/%s is not what is emitted (run go test ./cmd/authgen -run TestExamples -update):\n%s", name, diff)
			}
			cmd := exec.Command("go", "test", "./...")
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GOWORK=off", "TEST_DATABASE_URL="+testDatabase(name))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("go test: %v\n%s", err, out)
			}
		})
	}
	found, err := os.ReadDir(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		if _, ok := examples[d.Name()]; !ok {
			t.Errorf("examples/%s is not made by this test", d.Name())
		}
	}
}

// testDatabase returns the URL of a database for the tests of an example, "" if
// it needs none or none is there: then they are skipped.
func testDatabase(example string) string {
	switch {
	case strings.Contains(example, "postgres"):
		return os.Getenv("TEST_POSTGRES_URL")
	case strings.Contains(example, "mysql"):
		return os.Getenv("TEST_MYSQL_URL")
	}
	return ""
}

// isIgnored reports whether git ignores the file of an example.
func isIgnored(name string) bool { return name == ".env" || filepath.Ext(name) == ".db" }

// readTree returns the files below dir, those left out that git ignores.
func readTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || isIgnored(name) {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
