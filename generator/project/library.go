package project

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// library is a package or module that authgen recognizes in code.
type library struct {
	name         string
	path         string   // of the module or, to be more precise, of a package in it
	pkg          string   // name of the package at path
	constructors []string // functions of that package that make a router, or open a database
	registers    []string // functions of that package that add a route to its default router
	database     string   // of a driver, or of a package that wraps one
	driver       string   // that the package wraps
	apart        bool     // whether emitted code cannot use its connections or, of a router, its requests
	hint         bool     // whether it ranks below others that are used as much
}

// The order breaks ties between candidates.
var (
	knownRouters   = routers()
	otherRouters   = others(answers.OtherRouters)
	knownDrivers   = drivers()
	otherDatabases = others(answers.OtherDatabases)
	knownSQL       = handles()
	knownStores    = stores()
)

func routers() []*library {
	var libs []*library
	for _, r := range answers.Routers {
		libs = append(libs, &library{
			name: r.Name, path: r.Import, pkg: r.Package,
			constructors: r.Constructors, registers: r.Registers, hint: r.Secondary,
		})
	}
	return libs
}

// drivers returns the drivers, followed by packages that wrap some or take their place.
func drivers() []*library {
	var libs, wrappers []*library
	for _, d := range answers.Databases {
		for _, driver := range d.Drivers {
			libs = append(libs, &library{name: driver.Name, path: driver.Name, database: d.Name, driver: driver.Name})
		}
		for _, w := range d.Wrappers {
			if w.Const == "" {
				wrappers = append(wrappers, &library{
					name: w.Import, path: w.Import, database: d.Name, driver: w.Driver, apart: w.Apart, hint: true,
				})
			}
		}
	}
	return append(libs, wrappers...)
}

// handles returns the packages through which programs use databases in SQL.
func handles() []*library {
	var libs []*library
	for _, h := range answers.Handles {
		libs = append(libs, &library{name: h.Name, path: h.Import, pkg: h.Package, constructors: h.Opens})
	}
	return append(libs, others(answers.OtherORMs)...)
}

func others(list []answers.Other) []*library {
	var libs []*library
	for _, o := range list {
		libs = append(libs, &library{name: o.Name, path: o.Import, apart: o.Apart})
	}
	return libs
}

func stores() []*library {
	var libs []*library
	for _, s := range answers.Stores {
		if s.Apart() {
			libs = append(libs, &library{name: s.Name, path: s.Module})
		}
	}
	return libs
}

// holding returns the most specific of the libraries that an imported package is part of,
// nil if there is none.
func holding(libs []*library, imported string) *library {
	var best *library
	for _, l := range libs {
		if isBelow(imported, l.path) && (best == nil || len(l.path) > len(best.path)) {
			best = l
		}
	}
	return best
}

// librariesOf returns the libraries that an imported package is part of.
func librariesOf(imported string) []*library {
	var libs []*library
	for _, known := range [][]*library{knownRouters, knownDrivers, knownSQL, knownStores, otherDatabases} {
		if l := holding(known, imported); l != nil {
			libs = append(libs, l)
		}
	}
	if l := holding(otherRouters, imported); l != nil && holding(knownRouters, imported) == nil {
		libs = append(libs, l)
	}
	return libs
}

// standard reports whether l is in the standard library. The import of such a package
// alone is no evidence.
func (l *library) standard() bool {
	first, _, _ := strings.Cut(l.path, "/")
	return !strings.Contains(first, ".")
}

// kindOf returns the kind of evidence that a function of l's root package is, if any.
func (l *library) kindOf(fn string) (EvidenceKind, bool) {
	switch {
	case slices.Contains(l.constructors, fn):
		return ByConstructor, true
	case slices.Contains(l.registers, fn):
		return ByRegistration, true
	}
	return "", false
}

// moduleOf returns the path of the required module that a package is in, "" if none is.
func moduleOf(importPath string, requires map[string]Requirement) string {
	for dir := importPath; dir != "."; dir = path.Dir(dir) {
		if _, ok := requires[dir]; ok {
			return dir
		}
	}
	return ""
}

// candidates returns the libraries for which there is evidence, best first.
func (s *scan) candidates(libs []*library, requires map[string]Requirement) []Candidate {
	type ranked struct {
		Candidate
		standing  standing
		hint      bool
		main      bool
		importers int
	}
	var all []ranked
	for _, l := range libs {
		evidence := s.evidence[l]
		if len(evidence) == 0 {
			continue
		}
		r := ranked{
			Candidate: Candidate{Name: l.name, Database: l.database, Driver: l.driver, Apart: l.apart, Evidence: evidence},
			hint:      l.hint,
		}
		if !l.standard() {
			r.Module = l.path
			if i := slices.IndexFunc(evidence, func(e Evidence) bool { return e.Kind == ByImport }); i >= 0 {
				r.Module = cmp.Or(moduleOf(evidence[i].Text, requires), l.path)
			}
			r.Version = requires[r.Module].Version
		}
		importers := make(map[string]int) // files of the application, by directory
		for _, e := range evidence {
			if e.app() && e.Kind == ByImport {
				importers[path.Dir(e.Pos.File)]++
				r.importers++
			}
		}
		sortEvidence(evidence, importers)
		r.standing = r.Candidate.standing()
		if i := slices.IndexFunc(evidence, Evidence.app); i >= 0 {
			r.main = evidence[i].Main
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Or(
			cmp.Compare(b.standing, a.standing),
			trueFirst(!a.hint, !b.hint),
			trueFirst(a.main, b.main),
			cmp.Compare(b.importers, a.importers),
		)
	})
	var cs []Candidate
	for _, r := range all {
		cs = append(cs, r.Candidate)
	}
	return cs
}

// sortEvidence puts what is part of the application first, and sorts by kind. Within a kind,
// the evidence that is most likely part of the application's own server comes first: that in
// a package main, then that in the directory where most files import the library.
func sortEvidence(evidence []Evidence, importers map[string]int) {
	slices.SortFunc(evidence, func(a, b Evidence) int {
		return cmp.Or(
			trueFirst(a.app(), b.app()),
			cmp.Compare(slices.Index(evidenceKinds, a.Kind), slices.Index(evidenceKinds, b.Kind)),
			trueFirst(a.Main, b.Main),
			cmp.Compare(importers[path.Dir(b.Pos.File)], importers[path.Dir(a.Pos.File)]),
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
		)
	})
}

// trueFirst orders true before false.
func trueFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
