package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/older"
	"github.com/authgen/authgen/generator/plan"
)

// forgetful writes a module with a package as a version wrote it that did not have
// some keys yet, and goes there.
func forgetful(t *testing.T, a answers.Answers, version string, names ...string) {
	t.Helper()
	module := fstest.MapFS{"go.mod": {Data: []byte("module example.com/app\n\ngo 1.26.0\n")}}
	written, err := older.Package(module, "example.com/app", a)
	if err != nil {
		t.Fatal(err)
	}
	file, lock := filepath.ToSlash(filepath.Join(a.Package, answers.FileName)), filepath.ToSlash(filepath.Join(a.Package, plan.LockFile))
	written[file], written[lock] = older.Forget(written[file], written[lock], version, names...)
	written[file] = bytes.Replace(written[file], []byte("prefix: /auth"), []byte("prefix:   /auth  # mine"), 1)
	for name, data := range written {
		module[name] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, module); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
}

// An upgrade answers the keys that versions brought since so that the package stays
// what it was, and says how to have what new packages have.
func TestUpgradeKeys(t *testing.T) {
	before := answers.Keys
	t.Cleanup(func() { answers.Keys = before })
	answers.Keys = slices.Clone(before)
	for i, k := range answers.Keys {
		if k.Name == "tests" {
			answers.Keys[i].Kept = "all"
		}
	}
	then := answers.Default()
	then.Normalize()
	then.Tests = "all"
	then.Switch("manage_users", false)
	const tests = "  tests: all (new packages have contract: authgen set tests=contract)\n"
	for _, tt := range []struct {
		name, version string
		new           []string
		want          string // of what is said
	}{
		{"one version back", older.Version, []string{"tests"}, tests},
		{
			"two versions back", "v0.0.8",
			[]string{"tests", "store", "features.manage_users"},
			"  store: database\n  features.manage_users: false (new packages have true: authgen set features=manage_users)\n" + tests,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			forgetful(t, then, tt.version, tt.new...)
			run := func(want int, args ...string) string {
				t.Helper()
				stderr := new(bytes.Buffer)
				c := &cli{stdout: io.Discard, stderr: stderr}
				if status := c.run(args); status != want {
					t.Errorf("authgen %s exits with %d, not %d: %s", strings.Join(args, " "), status, want, stderr)
				}
				return stderr.String()
			}
			read := func() string {
				t.Helper()
				text, err := os.ReadFile("internal/auth/authgen.yaml")
				if err != nil {
					t.Fatal(err)
				}
				return string(text)
			}
			old := read()

			// Only an upgrade takes what is new.
			if said := run(exitTrouble, "generate"); !strings.Contains(said, "was written by authgen "+tt.version) {
				t.Errorf("generate says: %s", said)
			}
			if said := run(exitDiffers, "check"); !strings.Contains(said, "was written by authgen "+tt.version) {
				t.Errorf("check says: %s", said)
			}
			if said := run(exitDiffers, "upgrade", "--dry-run"); !strings.Contains(said, tt.want) {
				t.Errorf("it would say: %s", said)
			}
			// What leaves the package at its version leaves its answers.
			run(exitDiffers, "upgrade", "--only=SECURITY.md", "--no-verify")
			if now := read(); now != old {
				t.Errorf("authgen.yaml was changed:\n%s", now)
			}

			said := run(exitDone, "upgrade", "--no-verify")
			if head := "\nNew in internal/auth/authgen.yaml, with answers that change nothing:\n\n"; !strings.Contains(said, head+tt.want) {
				t.Errorf("upgrade says: %s", said)
			}
			want := strings.Replace(string(then.Format()), "prefix: /auth", "prefix:   /auth  # mine", 1)
			if now := read(); now != want {
				t.Errorf("authgen.yaml is\n%s\nwant\n%s", now, want)
			}
			for name, there := range map[string]bool{"seal_test.go": true, "authweb/handlers_users.go": false} {
				if _, err := os.Stat(filepath.Join("internal/auth", name)); (err == nil) != there {
					t.Errorf("%s: %v", name, err)
				}
			}
			run(exitDone, "check")
			if said := run(exitDone, "upgrade"); !strings.Contains(said, "is up to date") || strings.Contains(said, "New in") {
				t.Errorf("a second upgrade says: %s", said)
			}

			// The default of new packages is one command away.
			run(exitDone, "set", "--no-verify", "tests=contract", "features=manage_users")
			if fresh := defaultsWith("prefix:   /auth  # mine"); read() != fresh {
				t.Errorf("authgen.yaml is\n%s\nwant\n%s", read(), fresh)
			}
		})
	}
}

// defaultsWith returns the file of a new package with another line for its prefix.
func defaultsWith(prefix string) string {
	a := answers.Default()
	a.Normalize()
	return strings.Replace(string(a.Format()), "prefix: /auth", prefix, 1)
}
