package generator

import (
	"fmt"
	"go/version"
)

// Module is a module at a version, as go.mod requires it.
type Module struct{ Path, Version string }

// pin is a version of a module and the go line in that version's go.mod.
type pin struct{ version, goLine string }

// pins are the modules that emitted code may need, newest version first.
//
// The go command raises a project's go line to the highest of what it requires,
// so for each go line that a project may have there is a version that asks for
// no more, and that requires nothing that does. The last of each list serves a
// project with "go 1.25": as a go line that is less than 1.25.0.
var pins = map[string][]pin{
	"golang.org/x/crypto": {
		{"v0.58.0", "1.26.0"},
		{"v0.55.0", "1.25.0"},
		{"v0.48.0", "1.24.0"},
	},
	"modernc.org/sqlite": {
		{"v1.61.1", "1.26.0"},
		{"v1.59.0", "1.25.0"},
		{"v1.46.1", "1.24.0"},
	},
}

// Missing returns the modules among paths that p does not require yet, in the
// order given, each at the newest pinned version that leaves p's go line as it
// is. A module that p requires, even indirectly, stays at its version and is
// left out. What the returned modules require in turn may still raise other
// requirements of p, as with every "go get".
//
// It is an error if p's go line is invalid or below 1.25. A path that no
// version is pinned for is a mistake of the caller.
func (p *Project) Missing(paths ...string) ([]Module, error) {
	goVersion := "go" + p.GoVersion
	switch {
	case !version.IsValid(goVersion):
		return nil, fmt.Errorf("invalid go version %q", p.GoVersion)
	case version.Compare(goVersion, "go"+minGo) < 0:
		return nil, fmt.Errorf("go %s is too old, emitted code needs go %s or later", p.GoVersion, minGo)
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
		for _, pin := range versions {
			if version.Compare("go"+pin.goLine, goVersion) <= 0 {
				missing = append(missing, Module{path, pin.version})
				break
			}
		}
	}
	return missing, nil
}
