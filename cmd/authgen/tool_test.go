package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/authgen/authgen/generator"
)

const (
	selfModule  = "github.com/authgen/authgen"
	selfCommand = selfModule + "/cmd/authgen"
)

// TestTool gets this authgen in the way that users get it: from a module proxy.
func TestTool(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	cache := t.TempDir()
	const older = "v0.0.9"
	env := proxyEnv(t, cache, older, generator.Version)
	// Only now, so that no other test works in the directories that are read above. The
	// subtests run one after another, since each can use what those before have compiled.
	t.Parallel()
	t.Run("KeepsVersions", func(t *testing.T) { testKeepsVersions(t, env) })
	t.Run("Older", func(t *testing.T) { testOlder(t, env, older) })

	// Authgen can be run in several ways. In each, it writes a package, go generate
	// brings the package up to date, and then changes nothing, even without a network.
	bin := t.TempDir()
	for _, way := range []struct {
		name    string
		env     []string
		get     []string // arguments of the go command
		command []string
		line    string // in the package
		ownLine string // in a file of the developer's
		offline string
	}{
		{
			name:    "Tool",
			get:     []string{"get", "-tool", selfCommand + "@" + generator.Version},
			command: []string{"go", "tool", "authgen"},
			line:    "//go:generate go tool authgen generate\n",
			offline: "GOPROXY=off",
		},
		{
			name:    "Installed",
			env:     []string{"GOBIN=" + bin, "PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH")},
			get:     []string{"install", selfCommand + "@" + generator.Version},
			command: []string{filepath.Join(bin, "authgen")},
			line:    "//go:generate authgen generate\n",
			offline: "GOPROXY=off",
		},
		{
			name:    "Run",
			command: []string{"go", "run", selfCommand + "@" + generator.Version},
			ownLine: "//go:generate go run " + selfCommand + "@" + generator.Version + " generate -C ./internal/auth\n",
			// The go command asks a proxy each time whether the version is deprecated.
			offline: "GOPROXY=" + fileURL(filepath.Join(cache, "cache", "download")),
		},
	} {
		t.Run(way.name, func(t *testing.T) {
			dir := t.TempDir()
			env := slices.Concat(env, way.env)
			gomod := "module example.com/app\n\ngo 1.26.0\n"
			if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(gomod), 0o666); err != nil {
				t.Fatal(err)
			}
			if way.get != nil {
				mustRunIn(t, dir, env, "go", way.get...)
			}
			if way.ownLine != "" {
				if err := os.WriteFile(filepath.Join(dir, "doc.go"), []byte(way.ownLine+"\npackage app\n"), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			// The database with the smallest driver.
			mustRunIn(t, dir, env, way.command[0], append(way.command[1:], "init", "--yes", "--database=mysql", "--no-verify")...)
			generate := []string{"generate", "./..."}
			want := readTree(t, dir)
			const withLine = "internal/auth/doc.go"
			if text := want[filepath.FromSlash(withLine)]; !strings.Contains(text, way.line) || way.line == "" && strings.Contains(text, "go:generate") {
				t.Errorf("%s lacks the line %q, or has an unwanted one", withLine, way.line)
			}
			mustRunIn(t, dir, env, "go", "build", "./...")

			offline := append(env, way.offline)
			check := func(env []string) {
				mustRunIn(t, dir, env, "go", generate...)
				if diff := cmp.Diff(want, readTree(t, dir)); diff != "" {
					t.Fatalf("go %s changed\n%s", strings.Join(generate, " "), diff)
				}
			}
			for _, env := range [][]string{env, offline} {
				if err := os.Remove(filepath.Join(dir, "internal", "auth", "seal.go")); err != nil {
					t.Fatal(err)
				}
				check(env)
			}
			check(offline)
		})
	}
}

// testOlder repairs a lock that only the version that wrote it can restore.
func testOlder(t *testing.T, env []string, older string) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	self := func(version string, args ...string) string {
		return mustRunIn(t, dir, env, "go", append([]string{"run", selfCommand + "@" + version}, args...)...)
	}
	write("go.mod", "module example.com/app\n\ngo 1.26.0\n")
	self(older, "init", "--yes", "--tidy=false", "--no-verify")
	const lock = "internal/auth/authgen.lock"
	before := read(lock)
	write(lock, before[:len(before)/2])
	if out := self(generator.Version, "restore", "authgen.lock"); !strings.Contains(out, "from authgen "+older) {
		t.Error(out)
	}
	if diff := cmp.Diff(before, read(lock)); diff != "" {
		t.Error(diff)
	}

	self(generator.Version, "upgrade", "--no-verify")
	self(generator.Version, "check")
}

// testKeepsVersions adds authgen to a module as a tool. That must not change the version of
// the router that the module requires, which is why authgen itself requires none.
func testKeepsVersions(t *testing.T, env []string) {
	const gin = "github.com/gin-gonic/gin"
	dir := t.TempDir()
	gomod := filepath.Join(dir, "go.mod")
	text := fmt.Sprintf("module example.com/app\n\ngo 1.26.0\n\nrequire %s v1.9.1\n", gin)
	if err := os.WriteFile(gomod, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := runIn(dir, env, "go", "mod", "graph"); err != nil {
		t.Skipf("go.mod files of gin are not available: %v\n%s", err, out)
	}
	mustRunIn(t, dir, env, "go", "get", "-tool", selfCommand+"@"+generator.Version)
	data, err := os.ReadFile(gomod)
	if err != nil {
		t.Fatal(err)
	}
	after, err := modfile.Parse(gomod, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	versions := make(map[string]string)
	for _, r := range after.Require {
		versions[r.Mod.Path] = r.Mod.Version
	}
	if versions[gin] != "v1.9.1" || versions[selfModule] != generator.Version || after.Go.Version != "1.26.0" || len(after.Tool) != 1 {
		t.Errorf("go.mod is\n%s", data)
	}
	if out := mustRunIn(t, dir, env, "go", "tool", "authgen", "version"); !strings.Contains(out, generator.Version) {
		t.Errorf("go tool authgen version: %s", out)
	}
}

// proxyEnv returns an environment in which the go command finds the versions of
// authgen that [fillProxy] makes, and has its module cache in dir.
func proxyEnv(t *testing.T, dir string, versions ...string) []string {
	t.Helper()
	proxy := t.TempDir()
	fillProxy(t, proxy, versions...)
	settings := make(map[string]string)
	for _, v := range goEnv(t) {
		settings[v[0]] = v[1]
	}
	// Modules are copied from the real cache to another one, so that these versions do
	// not get into the real one.
	cache := filepath.Join(settings["GOMODCACHE"], "cache", "download")
	return append(os.Environ(),
		"GOMODCACHE="+dir,
		"GOPROXY="+strings.Join([]string{fileURL(proxy), fileURL(cache), settings["GOPROXY"]}, ","),
		"GOSUMDB=off", // the database does not know these versions, and asking it takes long
		// With -trimpath, packages that were compiled from another module cache are
		// reused. Without debugging information, linking is faster.
		"GOFLAGS=-modcacherw -trimpath -ldflags=-w",
		"GOWORK=off",
	)
}

// fillProxy writes versions of this module to a directory that the go command can use as a
// module proxy. All have the current source, and differ only in the constant for the
// version.
func fillProxy(t *testing.T, dir string, versions ...string) {
	t.Helper()
	root := filepath.Join("..", "..")
	gomod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	checked, err := zip.CheckDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var files []zip.File
	for _, name := range checked.Valid {
		rel, err := filepath.Rel(root, name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, zipFile{filepath.ToSlash(rel), name})
	}
	const versionFile = "generator/generator.go"
	at := slices.IndexFunc(files, func(f zip.File) bool { return f.Path() == versionFile })
	if at < 0 {
		t.Fatalf("%s is not in the module", versionFile)
	}
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(versionFile)))
	if err != nil {
		t.Fatal(err)
	}
	constant := fmt.Appendf(nil, "\nconst Version = %q\n", generator.Version)
	if n := bytes.Count(source, constant); n != 1 {
		t.Fatalf("%s has %d times %q", versionFile, n, constant)
	}

	store := filepath.Join(dir, filepath.FromSlash(selfModule), "@v")
	if err := os.MkdirAll(store, 0o777); err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(store, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("list", []byte(strings.Join(versions, "\n")+"\n"))
	for _, version := range versions {
		patched := filepath.Join(t.TempDir(), "emit.go")
		text := bytes.Replace(source, constant, fmt.Appendf(nil, "\nconst Version = %q\n", version), 1)
		if err := os.WriteFile(patched, text, 0o666); err != nil {
			t.Fatal(err)
		}
		files[at] = zipFile{versionFile, patched}
		var archive bytes.Buffer
		if err := zip.Create(&archive, module.Version{Path: selfModule, Version: version}, files); err != nil {
			t.Fatal(err)
		}
		write(version+".info", fmt.Appendf(nil, "{%q: %q}", "Version", version))
		write(version+".mod", gomod)
		write(version+".zip", archive.Bytes())
	}
}

// zipFile is a file of a module that is somewhere else on disk.
type zipFile struct{ name, onDisk string }

func (f zipFile) Path() string                 { return f.name }
func (f zipFile) Lstat() (fs.FileInfo, error)  { return os.Lstat(f.onDisk) }
func (f zipFile) Open() (io.ReadCloser, error) { return os.Open(f.onDisk) }

// fileURL returns the URL of a directory.
func fileURL(dir string) string {
	return "file://" + filepath.ToSlash(dir)
}

// runIn runs a command and returns what it prints.
func runIn(dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// mustRunIn is runIn for a command that must succeed.
func mustRunIn(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	out, err := runIn(dir, env, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}
