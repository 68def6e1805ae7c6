package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/examples"
)

var update = flag.Bool("update", false, "write the examples instead of comparing them")

var examplesDir = filepath.Join("..", "..", "examples")

// exampleFlags returns the flags of authgen new for an example.
func exampleFlags(name string) []string {
	i := slices.IndexFunc(examples.All, func(e examples.Example) bool { return e.Name == name })
	return examples.All[i].Flags()
}

// TestExamples makes the examples again and compares them with those in the repository:
// some with a directory, file by file, the others with a manifest. Then it vets them and
// runs their own tests. If TEST_RACE is "all", it runs them with the race detector; if it
// is "some", only those of the examples with Race set.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	t.Parallel()
	expected := make(map[string]bool)
	for _, e := range examples.All {
		stored := e.Name + ".sum"
		if e.Tree {
			stored = e.Name
		}
		expected[stored] = true
		stored = filepath.Join(examplesDir, stored)
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			dir := makeExample(t, e)
			if *update {
				updateExample(t, e, dir, stored)
				return
			}
			var diff string
			if e.Tree {
				diff = cmp.Diff(readTree(t, dir), readTree(t, stored))
				dir = stored
			} else {
				manifest, err := os.ReadFile(stored)
				if err != nil {
					t.Fatal(err)
				}
				diff = cmp.Diff(manifestOf(e, readTree(t, dir)), string(manifest))
			}
			if diff != "" {
				t.Fatalf("%s differs from what is emitted (run go test ./cmd/authgen -run TestExamples -update):\n%s", stored, diff)
			}
			run := func(name string, args ...string) {
				cmd := exec.Command(name, args...)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "GOWORK=off", "TEST_DATABASE_URL="+testDatabase(e.Name))
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s %q: %v\n%s", name, args, err, out)
				}
			}
			run("go", "vet", "./...")
			if _, err := exec.LookPath("staticcheck"); err == nil {
				run("staticcheck", "./...")
			}
			test := []string{"test", "-shuffle=on", "-vet=off", "-ldflags=-w"}
			if race := os.Getenv("TEST_RACE"); race == "all" || race == "some" && e.Race {
				test = append(test, "-race")
			}
			run("go", append(test, "./...")...)
		})
	}
	found, err := os.ReadDir(examplesDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		if !expected[d.Name()] {
			t.Errorf("examples/%s is not made by this test", d.Name())
		}
	}
}

// makeExample makes an example in a temporary directory.
func makeExample(t *testing.T, e examples.Example) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), e.Name)
	c := &cli{stdout: io.Discard, stderr: t.Output()}
	args := append([]string{"new", dir, "--module=example.com/" + e.Name}, e.Flags()...)
	if status := c.run(args); status != exitDone {
		t.Fatalf("authgen %q exits with %d", args, status)
	}
	// It has a new key each time, and git ignores it.
	if err := os.Remove(filepath.Join(dir, ".env")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// updateExample stores an example that was made in a directory.
func updateExample(t *testing.T, e examples.Example, dir, stored string) {
	t.Helper()
	err := os.RemoveAll(stored)
	switch {
	case err != nil:
	case e.Tree:
		err = os.CopyFS(stored, os.DirFS(dir))
	default:
		err = os.WriteFile(stored, []byte(manifestOf(e, readTree(t, dir))), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// manifestOf returns the manifest of an example: how it is made, and the hashes of its
// files in the format of sha256sum.
func manifestOf(e examples.Example, files map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# authgen new %s --module=example.com/%s\n", e.Name, e.Name)
	for _, f := range e.Flags() {
		fmt.Fprintf(&b, "#\t%s\n", f)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256([]byte(files[name])), filepath.ToSlash(name))
	}
	return b.String()
}

// testDatabase returns the URL of a database for the tests of an example. It is "" if the
// example needs none, or if none is available and the tests are to be skipped.
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

// readTree returns the files below dir, except those that git ignores.
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
