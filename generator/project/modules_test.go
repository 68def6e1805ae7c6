package project

import (
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
		p := &Project{GoVersion: tt.goVersion, Requires: tt.requires}
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

// Pins are in order, the newest first, and each needs a lower go line than the one before
// it. The last one is for every project that Load accepts, with a few exceptions. Missing
// relies on this.
func TestPinsOrder(t *testing.T) {
	for path, versions := range pins {
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
		case "github.com/labstack/echo/v5", "github.com/gofiber/fiber/v3", "github.com/jackc/pgx/v5":
			oldest = "1.25.0"
		case "github.com/ncruces/go-sqlite3":
			oldest = "1.26.0"
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
	for path, versions := range pins {
		escaped, err := module.EscapePath(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, pin := range versions {
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
