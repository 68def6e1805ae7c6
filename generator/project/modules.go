package project

import (
	"fmt"
	"go/version"
	"maps"
	"slices"

	"github.com/authgen/authgen/generator/answers"
)

// Module is a module at a version, as go.mod requires it.
type Module struct{ Path, Version string }

// pins are the versions of modules that emitted code may need, newest first.
//
// The go command raises a project's go line to the highest one of its requirements. So for
// each go line that a project may have, there is a version that needs no higher one, and
// neither do its own requirements. The last version of most lists is for projects with
// "go 1.25", which is a lower go line than 1.25.0; if there is none, all usable versions
// need a higher one.
var pins = func() map[string][]answers.Pin {
	pins := answers.Pins()
	maps.Copy(pins, basePins)
	return pins
}()

// basePins are the pins of the modules that every package needs.
var basePins = map[string][]answers.Pin{
	"golang.org/x/crypto": {
		{Version: "v0.58.0", Go: "1.26.0"},
		{Version: "v0.55.0", Go: "1.25.0"},
		{Version: "v0.48.0", Go: "1.24.0"},
	},
	// These are the versions that the ones of golang.org/x/crypto require.
	"golang.org/x/text": {
		{Version: "v0.43.0", Go: "1.26.0"},
		{Version: "v0.41.0", Go: "1.25.0"},
		{Version: "v0.34.0", Go: "1.24.0"},
	},
}

// Modules returns the paths of the modules that a package for the answers
// imports.
func Modules(a answers.Answers) []string {
	modules := slices.Sorted(maps.Keys(basePins))
	for _, module := range []string{answers.RouterNamed(a.Router).Module, a.Driver, answers.StoreNamed(a.Store).Module} {
		if module != "" {
			modules = append(modules, module)
		}
	}
	return modules
}

// Missing returns the modules among paths that p does not require yet, in the order given,
// each at the newest pinned version that does not raise p's go line. A module that p
// requires, even indirectly, stays at its version and is left out. The requirements of the
// returned modules may still raise other requirements of p, as with every "go get".
//
// Missing returns an error if p's go line is invalid, below 1.25, or below what the oldest
// pinned version of a module needs. Each path must have pinned versions.
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
		i := slices.IndexFunc(versions, func(v answers.Pin) bool { return version.Compare("go"+v.Go, goVersion) <= 0 })
		if i < 0 {
			needed := versions[len(versions)-1].Go
			return nil, fmt.Errorf(`%s needs go %s or later, and go.mod says go %s: run "go mod edit -go=%s"`, path, needed, p.GoVersion, needed)
		}
		missing = append(missing, Module{path, versions[i].Version})
	}
	return missing, nil
}
