package project

import (
	"fmt"
	"go/version"
	"slices"

	"github.com/authgen/authgen/generator/answers"
)

// Module is a module at a version, as go.mod requires it.
type Module struct{ Path, Version string }

const RedisModule = "github.com/redis/go-redis/v9"

// pin is a version of a module and the go line in that version's go.mod.
type pin struct{ version, goLine string }

// pins are the modules that emitted code may need, newest version first.
//
// The go command raises a project's go line to the highest of what it requires,
// so for each go line that a project may have there is a version that asks for
// no more, and that requires nothing that does. The last of each list serves a
// project with "go 1.25", which as a go line is less than 1.25.0; where there is
// none, all versions that are fit for use need more.
var pins = map[string][]pin{
	"golang.org/x/crypto": {
		{"v0.58.0", "1.26.0"},
		{"v0.55.0", "1.25.0"},
		{"v0.48.0", "1.24.0"},
	},
	// Of each line, the version that the one of golang.org/x/crypto requires.
	"golang.org/x/text": {
		{"v0.43.0", "1.26.0"},
		{"v0.41.0", "1.25.0"},
		{"v0.34.0", "1.24.0"},
	},

	"github.com/go-chi/chi/v5": {{"v5.5.0", "1.24"}},
	"github.com/gorilla/mux":   {{"v1.8.1", "1.20"}},
	"github.com/gin-gonic/gin": {
		{"v1.12.0", "1.25.0"},
		{"v1.11.0", "1.23.0"},
	},
	"github.com/labstack/echo/v5": {{"v5.4.4", "1.25.0"}},
	"github.com/labstack/echo/v4": {
		{"v4.16.0", "1.25.0"},
		{"v4.15.1", "1.24.0"},
	},
	"github.com/gofiber/fiber/v3": {{"v3.5.0", "1.25.0"}},
	"github.com/gofiber/fiber/v2": {{"v2.52.15", "1.20"}},

	"modernc.org/sqlite": {
		{"v1.61.1", "1.26.0"},
		{"v1.59.0", "1.25.0"},
		{"v1.46.1", "1.24.0"},
	},
	"github.com/mattn/go-sqlite3": {{"v1.14.53", "1.21"}},
	// Before v0.33.0, a program had to import SQLite itself beside the driver.
	"github.com/ncruces/go-sqlite3":  {{"v0.33.0", "1.26.0"}},
	"github.com/jackc/pgx/v5":        {{"v5.12.0", "1.25.0"}},
	"github.com/lib/pq":              {{"v1.12.3", "1.21"}},
	"github.com/go-sql-driver/mysql": {{"v1.10.1", "1.24.0"}},

	RedisModule: {
		{"v9.23.0", "1.26.0"},
		{"v9.22.0", "1.24"},
	},
}

// routerModules are the modules of the routers, by answer.
var routerModules = map[string]string{
	"chi":      "github.com/go-chi/chi/v5",
	"gorilla":  "github.com/gorilla/mux",
	"gin":      "github.com/gin-gonic/gin",
	"echo":     "github.com/labstack/echo/v5",
	"echo/v4":  "github.com/labstack/echo/v4",
	"fiber":    "github.com/gofiber/fiber/v3",
	"fiber/v2": "github.com/gofiber/fiber/v2",
}

// Modules returns the paths of the modules that a package for the answers
// imports.
func Modules(a answers.Answers) []string {
	modules := []string{"golang.org/x/crypto", "golang.org/x/text"}
	if router := routerModules[a.Router]; router != "" {
		modules = append(modules, router)
	}
	modules = append(modules, a.Driver)
	if a.Store == "redis" {
		modules = append(modules, RedisModule)
	}
	return modules
}

// Missing returns the modules among paths that p does not require yet, in the
// order given, each at the newest pinned version that leaves p's go line as it
// is. A module that p requires, even indirectly, stays at its version and is
// left out. What the returned modules require in turn may still raise other
// requirements of p, as with every "go get".
//
// It is an error if p's go line is invalid, below 1.25, or less than a module
// needs at its oldest pinned version. A path that no
// version is pinned for is a mistake of the caller.
func (p *Project) Missing(paths ...string) ([]Module, error) {
	goVersion := "go" + p.GoVersion
	switch {
	case !version.IsValid(goVersion):
		return nil, fmt.Errorf("invalid go version %q", p.GoVersion)
	case version.Compare(goVersion, "go"+MinGo) < 0:
		return nil, fmt.Errorf("go %s is too old, emitted code needs go %s or later", p.GoVersion, MinGo)
	}
	var missing []Module
	for _, path := range paths {
		versions, ok := pins[path]
		if !ok {
			return nil, fmt.Errorf("internal error: no version pinned for module %q", path)
		}
		if _, ok := p.Requires[path]; ok {
			continue
		}
		i := slices.IndexFunc(versions, func(v pin) bool { return version.Compare("go"+v.goLine, goVersion) <= 0 })
		if i < 0 {
			needed := versions[len(versions)-1].goLine
			return nil, fmt.Errorf(`%s needs go %s or later, and go.mod says go %s: run "go mod edit -go=%s"`, path, needed, p.GoVersion, needed)
		}
		missing = append(missing, Module{path, versions[i].version})
	}
	return missing, nil
}
