package project

import (
	"errors"
	"fmt"
	"go/version"
	"maps"
	"slices"

	"github.com/authgen/authgen/generator/answers"
)

// Module is a module at a version, as go.mod requires it.
type Module struct{ Path, Version string }

// known are the versions of the modules that emitted code may need.
//
// The go command raises a project's go line to the highest one of its requirements. So for
// each go line that a project may have, there is a pin that needs no higher one, and
// neither do its own requirements. The last pin of most lists is for projects with
// "go 1.25", which is a lower go line than 1.25.0; if there is none, all usable versions
// need a higher one.
var known = func() map[string]answers.Versions {
	known := answers.ModuleVersions()
	maps.Copy(known, baseVersions)
	return known
}()

// baseVersions are the versions of the modules that every package needs.
var baseVersions = map[string]answers.Versions{
	"golang.org/x/crypto": {
		Oldest: "v0.0.0-20190308221718-c2843e01d9a2",
		Pins: []answers.Pin{
			{Version: "v0.58.0", Go: "1.26.0"},
			{Version: "v0.55.0", Go: "1.25.0"},
			{Version: "v0.48.0", Go: "1.24.0"},
		},
	},
	// The pins are the versions that those of golang.org/x/crypto require.
	"golang.org/x/text": {
		Oldest: "v0.3.0",
		Pins: []answers.Pin{
			{Version: "v0.43.0", Go: "1.26.0"},
			{Version: "v0.41.0", Go: "1.25.0"},
			{Version: "v0.34.0", Go: "1.24.0"},
		},
	},
}

// Versions returns the versions of all modules that emitted code may need, by module path.
func Versions() map[string]answers.Versions { return maps.Clone(known) }

// Modules returns the paths of the modules that a package for the answers
// imports.
func Modules(a answers.Answers) []string {
	modules := slices.Sorted(maps.Keys(baseVersions))
	for _, module := range []string{answers.RouterNamed(a.Router).Module, a.Driver, answers.StoreNamed(a.Store).Module} {
		if module != "" {
			modules = append(modules, module)
		}
	}
	return modules
}

// Has reports whether p uses a module at a version or a later one, or will: the version
// that p requires if it lacks the module is later.
func (p *Project) Has(path, version string) bool {
	required, ok := p.Requires[path]
	return !ok || !required.olderThan(version)
}

// An OldError is the error for modules that go.mod requires at versions that emitted code
// does not work with.
type OldError struct {
	Problems []error  // one for each module
	Commands []string // what to run so that go.mod requires newer ones, in order
}

// Error returns the messages of the problems, separated by newlines.
func (e *OldError) Error() string { return errors.Join(e.Problems...).Error() }

// Unwrap returns the problems.
func (e *OldError) Unwrap() []error { return e.Problems }

// Missing returns the modules among paths that p has to require, in the order given, each
// at the newest pinned version that does not raise p's go line. These are the modules that
// p does not require yet, and those that others require for it at versions that emitted
// code does not work with. All other modules stay at their versions. The requirements of
// the returned modules may still raise other requirements of p, as with every "go get".
//
// Missing returns an *OldError if p itself requires a module at a version that is too old.
// A fork or a directory that replaces a module counts as new enough. Missing returns
// another error if p's go line is invalid, below 1.25, or below what the oldest pinned
// version of a module needs. Each path must have pinned versions.
func (p *Project) Missing(paths ...string) ([]Module, error) {
	goVersion := "go" + p.GoVersion
	switch {
	case !version.IsValid(goVersion):
		return nil, fmt.Errorf("invalid go version %q", p.GoVersion)
	case version.Compare(goVersion, "go"+MinGo) < 0:
		return nil, fmt.Errorf("go %s is too old, emitted code needs go %s or later", p.GoVersion, MinGo)
	}
	var missing, newer []Module
	old := new(OldError)
	for _, path := range paths {
		versions, ok := known[path]
		if !ok {
			return nil, fmt.Errorf("internal error: no version pinned for module %q", path)
		}
		required, ok := p.Requires[path]
		if ok && !required.olderThan(versions.Oldest) {
			continue
		}
		i := slices.IndexFunc(versions.Pins, func(v answers.Pin) bool { return version.Compare("go"+v.Go, goVersion) <= 0 })
		if i < 0 {
			needed := versions.Pins[len(versions.Pins)-1].Go
			return nil, fmt.Errorf(`%s needs go %s or later, and go.mod says go %s: run "go mod edit -go=%s"`, path, needed, p.GoVersion, needed)
		}
		module := Module{path, versions.Pins[i].Version}
		if !ok || required.Indirect && required.Replaced == nil {
			missing = append(missing, module)
			continue
		}
		newer = append(newer, module)
		built, line := required.built()
		old.Problems = append(old.Problems, fmt.Errorf("go.mod:%d: %s %s is too old, emitted code needs %s or later", line, path, built, versions.Oldest))
		if required.Replaced != nil {
			old.Commands = append(old.Commands, "go mod edit -dropreplace="+required.Replaced.Old)
		}
	}
	if newer == nil {
		return missing, nil
	}
	get := "go get"
	for _, m := range newer {
		get += " " + m.Path + "@" + m.Version
	}
	old.Commands = append(old.Commands, get)
	if p.Vendored {
		old.Commands = append(old.Commands, "go mod vendor")
	}
	return nil, old
}
