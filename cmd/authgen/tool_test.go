package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/authgen/authgen/generator"
)

// TestToolKeepsVersions adds authgen, as it is in this directory, to a module as a
// tool. That must not touch the router that the module requires, which is why
// authgen itself requires none.
func TestToolKeepsVersions(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	const gin = "github.com/gin-gonic/gin"
	goEnv := func(name string) string {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	self := module.Version{Path: "github.com/authgen/authgen", Version: generator.Version}
	proxy := t.TempDir()
	fillProxy(t, proxy, self)

	// What is in the cache is taken from there, into another cache: the real one
	// is to know nothing of this version.
	cache := filepath.Join(goEnv("GOMODCACHE"), "cache", "download")
	env := append(os.Environ(),
		"GOMODCACHE="+t.TempDir(),
		"GOPROXY="+strings.Join([]string{fileURL(proxy), fileURL(cache), goEnv("GOPROXY")}, ","),
		"GONOSUMDB="+self.Path,
		"GOFLAGS=-modcacherw",
		"GOWORK=off",
	)
	dir := t.TempDir()
	run := func(args ...string) (string, error) {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	gomod := filepath.Join(dir, "go.mod")
	text := fmt.Sprintf("module example.com/app\n\ngo 1.26.0\n\nrequire %s v1.9.1\n", gin)
	if err := os.WriteFile(gomod, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := run("mod", "graph"); err != nil {
		t.Skipf("go.mod files of gin are not to be had: %v\n%s", err, out)
	}

	if out, err := run("get", "-tool", self.Path+"/cmd/authgen@"+self.Version); err != nil {
		t.Fatalf("go get -tool: %v\n%s", err, out)
	}
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
	if versions[gin] != "v1.9.1" || versions[self.Path] != self.Version || after.Go.Version != "1.26.0" || len(after.Tool) != 1 {
		t.Errorf("go.mod is\n%s", data)
	}
	out, err := run("tool", "authgen", "version")
	if err != nil || !strings.Contains(out, self.Version) {
		t.Errorf("go tool authgen version: %v\n%s", err, out)
	}
}

// fillProxy writes this module into a directory that the go command takes for a
// module proxy.
func fillProxy(t *testing.T, dir string, self module.Version) {
	t.Helper()
	root := filepath.Join("..", "..")
	gomod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := zip.CreateFromDir(&archive, self, root); err != nil {
		t.Fatal(err)
	}
	versions := filepath.Join(dir, filepath.FromSlash(self.Path), "@v")
	if err := os.MkdirAll(versions, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"list":                 []byte(self.Version + "\n"),
		self.Version + ".info": fmt.Appendf(nil, "{%q: %q}", "Version", self.Version),
		self.Version + ".mod":  gomod,
		self.Version + ".zip":  archive.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(versions, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// fileURL returns the URL of a directory.
func fileURL(dir string) string {
	return "file://" + filepath.ToSlash(dir)
}
