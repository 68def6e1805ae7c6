package project

import (
	"errors"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/authgen/authgen/generator/answers"
)

func TestMissing(t *testing.T) {
	const (
		crypto, sqlite = "golang.org/x/crypto", "modernc.org/sqlite"
		text           = "golang.org/x/text"
		gin, echo4     = "github.com/gin-gonic/gin", "github.com/labstack/echo/v4"
		redis          = "github.com/redis/go-redis/v9"
	)
	for _, tt := range []struct {
		goVersion string
		requires  map[string]string
		paths     []string
		want      []Module
	}{
		// A go line without a patch release is less than its first release.
		{"1.25", nil, []string{crypto, sqlite}, []Module{{crypto, "v0.48.0"}, {sqlite, "v1.46.1"}}},
		{"1.25rc1", nil, []string{crypto}, []Module{{crypto, "v0.48.0"}}},
		{"1.25.0", nil, []string{crypto, sqlite}, []Module{{crypto, "v0.55.0"}, {sqlite, "v1.59.0"}}},
		{"1.25.10", nil, []string{sqlite, crypto}, []Module{{sqlite, "v1.59.0"}, {crypto, "v0.55.0"}}},
		{"1.26", nil, []string{crypto}, []Module{{crypto, "v0.55.0"}}},
		{"1.26rc1", nil, []string{crypto}, []Module{{crypto, "v0.55.0"}}},
		{"1.26.0", nil, []string{crypto, sqlite}, []Module{{crypto, "v0.58.0"}, {sqlite, "v1.61.1"}}},
		{"1.26.2", nil, []string{crypto}, []Module{{crypto, "v0.58.0"}}},
		{"1.27", nil, []string{crypto, sqlite}, []Module{{crypto, "v0.58.0"}, {sqlite, "v1.61.1"}}},
		{"1.26.2", map[string]string{crypto: "v0.10.0"}, []string{crypto, sqlite}, []Module{{sqlite, "v1.61.1"}}},
		{"1.25.0", map[string]string{crypto: "v0.10.0", sqlite: "v1.62.0"}, []string{crypto, sqlite}, nil},
		{"1.26.2", nil, nil, nil},
		{"1.25", nil, []string{crypto, text}, []Module{{crypto, "v0.48.0"}, {text, "v0.34.0"}}},
		{"1.25.0", nil, []string{crypto, text}, []Module{{crypto, "v0.55.0"}, {text, "v0.41.0"}}},
		{"1.26.0", nil, []string{crypto, text}, []Module{{crypto, "v0.58.0"}, {text, "v0.43.0"}}},
		{"1.25", nil, []string{gin, echo4, redis}, []Module{{gin, "v1.11.0"}, {echo4, "v4.15.1"}, {redis, "v9.22.0"}}},
		{"1.25.0", nil, []string{gin, echo4, redis}, []Module{{gin, "v1.12.0"}, {echo4, "v4.16.0"}, {redis, "v9.22.0"}}},
		{"1.26.0", nil, []string{gin, redis}, []Module{{gin, "v1.12.0"}, {redis, "v9.23.0"}}},
		{"1.25", map[string]string{"github.com/jackc/pgx/v5": "v5.7.0"}, []string{"github.com/jackc/pgx/v5"}, nil},
	} {
		p := &Project{GoVersion: tt.goVersion, Requires: make(map[string]Requirement)}
		for path, version := range tt.requires {
			p.Requires[path] = Requirement{Version: version}
		}
		got, err := p.Missing(tt.paths...)
		if err != nil {
			t.Errorf("go %s: %v", tt.goVersion, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("go %s, requiring %v: missing of %v differs (-want +got):\n%s", tt.goVersion, tt.requires, tt.paths, diff)
		}
	}
}

func TestMissingErrors(t *testing.T) {
	for _, tt := range []struct{ goVersion, path, want string }{
		{"1.24.13", "golang.org/x/crypto", "go 1.24.13 is too old, emitted code needs go 1.25 or later"},
		{"", "golang.org/x/crypto", `invalid go version ""`},
		{"next", "golang.org/x/crypto", `invalid go version "next"`},
		{"1.25", "github.com/jackc/pgx/v5", `github.com/jackc/pgx/v5 needs go 1.25.0 or later, and go.mod says go 1.25: run "go mod edit -go=1.25.0"`},
		{"1.26.0", "example.com/x", `internal error: no version pinned for module "example.com/x"`},
	} {
		_, err := (&Project{GoVersion: tt.goVersion}).Missing(tt.path)
		if err == nil || err.Error() != tt.want {
			t.Errorf("go %q, %s: error %v, want %s", tt.goVersion, tt.path, err, tt.want)
		}
	}
}

// A module that the project itself requires must be new enough; one that others require is
// replaced by a newer version if it is not.
func TestMissingOld(t *testing.T) {
	const gin, crypto, pq = "github.com/gin-gonic/gin", "golang.org/x/crypto", "github.com/lib/pq"
	oldest := known[gin].Oldest
	old := func(line int, version string) string {
		return fmt.Sprintf("go.mod:%d: %s %s is too old, emitted code needs %s or later", line, gin, version, oldest)
	}
	const get = "go get " + gin + "@v1.12.0"
	for name, tt := range map[string]struct {
		requires string
		vendored bool
		missing  []Module
		problems string // lines
		commands []string
	}{
		"none":        {"", false, []Module{{crypto, "v0.58.0"}, {gin, "v1.12.0"}}, "", nil},
		"the oldest":  {"require (\n" + crypto + " v0.10.0\n" + gin + " " + oldest + "\n)", false, nil, "", nil},
		"too old":     {"require " + gin + " v1.6.3", false, nil, old(3, "v1.6.3"), []string{get}},
		"a commit":    {"require " + gin + " " + oldest + "-0.20200101000000-0123456789ab", false, nil, old(3, oldest+"-0.20200101000000-0123456789ab"), []string{get}},
		"vendored":    {"require " + gin + " v1.6.3", true, nil, old(3, "v1.6.3"), []string{get, "go mod vendor"}},
		"of others":   {"require " + gin + " v1.6.3 // indirect", false, []Module{{crypto, "v0.58.0"}, {gin, "v1.12.0"}}, "", nil},
		"a fork":      {"require " + gin + " v1.6.3\nreplace " + gin + " => example.com/gin v1.0.0", false, []Module{{crypto, "v0.58.0"}}, "", nil},
		"a directory": {"require " + gin + " v1.6.3\nreplace (\n" + gin + " v1.6.3 => ../gin\n)", false, []Module{{crypto, "v0.58.0"}}, "", nil},
		"a newer one": {"require " + gin + " v1.6.3\nreplace " + gin + " => " + gin + " v1.9.1", false, []Module{{crypto, "v0.58.0"}}, "", nil},
		"an older one": {
			"require " + gin + " v1.9.1 // indirect\nreplace " + gin + " v1.9.1 => " + gin + " v1.6.2", false, nil, old(4, "v1.6.2"),
			[]string{"go mod edit -dropreplace=" + gin + "@v1.9.1", get},
		},
		"instead of another": {"require " + gin + " v1.6.3\nreplace " + gin + " v1.6.2 => ../gin", false, nil, old(3, "v1.6.3"), []string{get}},
		"what is not needed": {"require " + pq + " v1.0.0", false, []Module{{crypto, "v0.58.0"}, {gin, "v1.12.0"}}, "", nil},
		"two": {
			"require " + gin + " v1.6.3\nrequire " + crypto + " v0.0.0-20170101000000-0123456789ab", false, nil,
			"go.mod:4: " + crypto + " v0.0.0-20170101000000-0123456789ab is too old, emitted code needs " + known[crypto].Oldest + " or later\n" + old(3, "v1.6.3"),
			[]string{"go get " + crypto + "@v0.58.0 " + gin + "@v1.12.0"},
		},
	} {
		mod, err := modfile.ParseLax("go.mod", []byte("module m\ngo 1.26.0\n"+tt.requires+"\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &Project{GoVersion: mod.Go.Version, Vendored: tt.vendored, Requires: requirements(mod)}
		missing, err := p.Missing(crypto, gin)
		old, ok := errors.AsType[*OldError](err)
		switch {
		case tt.problems == "" && err != nil, tt.problems != "" && (!ok || old.Error() != tt.problems):
			t.Errorf("%s: error %v, want %q", name, err, tt.problems)
		case ok:
			if diff := cmp.Diff(tt.commands, old.Commands); diff != "" {
				t.Errorf("%s: commands differ (-want +got):\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(tt.missing, missing); diff != "" {
			t.Errorf("%s: missing differs (-want +got):\n%s", name, diff)
		}
	}
}

// Pins are in order, the newest first, and each needs a lower go line than the one before
// it. The last one is for every project that Load accepts, with a few exceptions. Missing
// relies on this.
func TestPinsOrder(t *testing.T) {
	for path, module := range known {
		versions := module.Pins
		if last := versions[len(versions)-1]; !semver.IsValid(module.Oldest) || semver.Compare(module.Oldest, last.Version) > 0 {
			t.Errorf("%s: the oldest version is %q, which has to be one of the pins or older", path, module.Oldest)
		}
		for i, pin := range versions {
			if !version.IsValid("go" + pin.Go) {
				t.Errorf("%s@%s: invalid go line %q", path, pin.Version, pin.Go)
			}
			if i == 0 {
				continue
			}
			if newer := versions[i-1]; semver.Compare(newer.Version, pin.Version) <= 0 ||
				version.Compare("go"+newer.Go, "go"+pin.Go) <= 0 {
				t.Errorf("%s: %v is followed by %v", path, newer, pin)
			}
		}
		oldest := MinGo
		switch path {
		case "github.com/labstack/echo/v5", "github.com/gofiber/fiber/v3", "github.com/jackc/pgx/v5", "github.com/ncruces/go-sqlite3":
			oldest = "1.25.0"
		}
		if last := versions[len(versions)-1]; version.Compare("go"+last.Go, "go"+oldest) > 0 {
			t.Errorf("%s: no version for go %s", path, oldest)
		}
	}
}

// For all answers, there is a pinned version of each module that the package needs.
func TestModules(t *testing.T) {
	a := answers.Default()
	a.Normalize()
	if diff := cmp.Diff([]string{"golang.org/x/crypto", "golang.org/x/text", "modernc.org/sqlite"}, Modules(a)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	a.Router, a.Database, a.Driver, a.Store = "echo/v4", "postgres", "github.com/lib/pq", "redis"
	if diff := cmp.Diff([]string{"golang.org/x/crypto", "golang.org/x/text", "github.com/labstack/echo/v4", "github.com/lib/pq", "github.com/redis/go-redis/v9"}, Modules(a)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	p := &Project{GoVersion: "1.26.0"}
	for _, router := range answers.KeyNamed("router").Values {
		for _, driver := range answers.KeyNamed("driver").Values {
			a.Router, a.Driver = router.Name, driver.Name
			if a.Router != "net/http" && len(Modules(a)) != 5 {
				t.Errorf("%s: no module of the router in %v", a.Router, Modules(a))
			}
			if _, err := p.Missing(Modules(a)...); err != nil {
				t.Errorf("%s, %s: %v", a.Router, a.Driver, err)
			}
		}
	}
}

// TestPinsGoLines compares the go line of each pinned version with its go.mod, if that is in
// the module cache.
func TestPinsGoLines(t *testing.T) {
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(strings.TrimSpace(string(out)), "cache", "download")
	for path, versions := range known {
		escaped, err := module.EscapePath(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, pin := range versions.Pins {
			name := filepath.Join(cache, filepath.FromSlash(escaped), "@v", pin.Version+".mod")
			data, err := os.ReadFile(name)
			if os.IsNotExist(err) {
				t.Logf("%s@%s: not in the module cache", path, pin.Version)
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			mod, err := modfile.ParseLax(name, data, nil)
			if err != nil {
				t.Fatal(err)
			}
			if mod.Go == nil || mod.Go.Version != pin.Go {
				t.Errorf("%s@%s: go line is not %s in %s", path, pin.Version, pin.Go, name)
			}
		}
	}
}
