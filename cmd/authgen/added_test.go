package main

import (
	"bytes"
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

// writeOlder writes a module with a package as a version would have written it that did
// not have the named keys yet, and changes to its directory.
func writeOlder(t *testing.T, a answers.Answers, version string, names ...string) {
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

// An upgrade adds the keys that later versions introduced, with answers that change
// nothing, and prints how to get the answers of new packages.
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
		want          string // in the output
	}{
		{"one version back", older.Version, []string{"tests"}, tests},
		{
			"two versions back", "v0.0.8",
			[]string{"tests", "store", "features.manage_users"},
			"  store: database\n  features.manage_users: false (new packages have true: authgen set features=manage_users)\n" + tests,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			writeOlder(t, then, tt.version, tt.new...)
			run := func(want int, args ...string) string {
				t.Helper()
				status, stderr := runAuthgen(args...)
				if status != want {
					t.Errorf("authgen %s exits with %d, not %d: %s", strings.Join(args, " "), status, want, stderr)
				}
				return stderr
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

			// Only an upgrade adds new keys.
			if out := run(exitTrouble, "generate"); !strings.Contains(out, "was written by authgen "+tt.version) {
				t.Errorf("generate prints: %s", out)
			}
			if out := run(exitDiffers, "check"); !strings.Contains(out, "was written by authgen "+tt.version) {
				t.Errorf("check prints: %s", out)
			}
			if out := run(exitDiffers, "upgrade", "--dry-run"); !strings.Contains(out, tt.want) {
				t.Errorf("upgrade --dry-run prints: %s", out)
			}
			// An upgrade that leaves the package at its version leaves its answers unchanged.
			run(exitDiffers, "upgrade", "--only=SECURITY.md", "--no-verify")
			if now := read(); now != old {
				t.Errorf("authgen.yaml was changed:\n%s", now)
			}

			out := run(exitDone, "upgrade", "--no-verify")
			if head := "\nNew in internal/auth/authgen.yaml, with answers that change nothing:\n\n"; !strings.Contains(out, head+tt.want) {
				t.Errorf("upgrade prints: %s", out)
			}
			want := strings.Replace(string(then.Format()), "prefix: /auth", "prefix:   /auth  # mine", 1)
			if now := read(); now != want {
				t.Errorf("authgen.yaml is\n%s\nwant\n%s", now, want)
			}
			for name, exists := range map[string]bool{"seal_test.go": true, "authweb/handlers_users.go": false} {
				if _, err := os.Stat(filepath.Join("internal/auth", name)); (err == nil) != exists {
					t.Errorf("%s: %v", name, err)
				}
			}
			run(exitDone, "check")
			if out := run(exitDone, "upgrade"); !strings.Contains(out, "is up to date") || strings.Contains(out, "New in") {
				t.Errorf("a second upgrade prints: %s", out)
			}

			// The default of new packages is one command away.
			run(exitDone, "set", "--no-verify", "tests=contract", "features=manage_users")
			if fresh := defaultsWith("prefix:   /auth  # mine"); read() != fresh {
				t.Errorf("authgen.yaml is\n%s\nwant\n%s", read(), fresh)
			}
		})
	}
}

// defaultsWith returns the authgen.yaml of a new package with another line for the prefix.
func defaultsWith(prefix string) string {
	a := answers.Default()
	a.Normalize()
	return strings.Replace(string(a.Format()), "prefix: /auth", prefix, 1)
}
