// Package project inspects the developer's module. [Load] reads go.mod and source text,
// changes nothing, and returns a [Project], with evidence for proposed answers and the
// modules that are already required. [Open] leaves out the evidence, which takes longest.
package project

import (
	"errors"
	"fmt"
	"go/version"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/authgen/authgen/generator/answers"
)

// MinGo is the oldest go line a project may have: emitted code uses the
// language and the standard library of that release.
const MinGo = "1.25"

// StageDir is the directory, in that of a package, for files that a run is about to write.
// If it exists, a run was killed or is in progress.
const StageDir = ".authgen"

// Project is what authgen found out about the developer's module. Authgen only reads source
// text, and type-checks, downloads and runs nothing. So a Project can suggest answers, but
// proves nothing.
type Project struct {
	Root            string                 // absolute directory of go.mod
	Module          string                 // module path
	GoVersion       string                 // go line, such as "1.25.3"; at least 1.25
	Git             bool                   // whether Root is within a git work tree
	Vendored        bool                   // whether vendor/modules.txt exists
	Tool            bool                   // whether go.mod has a tool line for authgen
	HasGenerateLine bool                   // whether a go:generate line outside of the instances runs authgen with "go run" at a version
	Routers         []Candidate            // routers, best first
	Drivers         []Candidate            // database drivers, best first
	Stores          []Candidate            // clients of stores for sessions
	Opens           []Candidate            // SQL and pools of drivers, if the application uses them
	Migrations      []MigrationDir         // directories of migrations, sorted
	Requires        map[string]Requirement // by module path
	Instances       []string               // directories that hold an authgen.yaml, relative to Root, with slashes, sorted
	Unfinished      []string               // directories with a StageDir

	scan *scan // for Survey, nil once that is done
}

// Candidate is one router, database driver or the like, with the evidence for it.
type Candidate struct {
	// Name is the answer for a router, a driver or a store. A dialect of GORM, for
	// which there is no answer, has its import path.
	Name string
	// Module and Version are those in go.mod. Module is empty for the standard
	// library, Version if go.mod does not name the module.
	Module, Version string
	// Database is the answer for the database of a driver, and empty for others.
	Database string
	// Evidence is never empty. Constructors come first, then registrations,
	// imports, and the direct requirement; within a kind, the place that is most
	// likely part of the application comes first.
	Evidence []Evidence
}

// Evidence is one line of the project that suggests a candidate.
type Evidence struct {
	Pos  Position
	Kind EvidenceKind
	Text string // "chi.NewRouter", an import path, or a module path and version
	Test bool   // the file is a _test.go file
	Main bool   // the file is in a package main
}

// EvidenceKind is what a line of evidence does.
type EvidenceKind string

// The kinds of evidence, strongest first.
const (
	ByConstructor  EvidenceKind = "constructor"  // makes a router
	ByRegistration EvidenceKind = "registration" // puts a handler on http.DefaultServeMux
	ByImport       EvidenceKind = "import"       // imports a package of the module
	ByRequire      EvidenceKind = "require"      // requires the module directly, in go.mod
	ByMigration    EvidenceKind = "migration"    // is in a migration, or in a file of a migration tool
)

var evidenceKinds = []EvidenceKind{ByConstructor, ByRegistration, ByImport, ByRequire}

// Position is a line of a file of the project.
type Position struct {
	File string // relative to the project's root, with slashes
	Line int    // from 1
}

func (p Position) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// app reports whether e is from code that is part of the application, as
// opposed to a test, an example or a mere requirement.
func (e Evidence) app() bool {
	if e.Test || e.Kind == ByRequire {
		return false
	}
	for dir := range strings.SplitSeq(path.Dir(e.Pos.File), "/") {
		if dir == "example" || dir == "examples" {
			return false
		}
	}
	return true
}

// standing is how much the application uses a candidate.
type standing int

const (
	mentioned standing = iota // in go.mod, tests or examples only
	used                      // imported, or registered on
	made                      // constructed
)

func (c Candidate) standing() standing {
	s := mentioned
	for _, e := range c.Evidence {
		switch {
		case !e.app():
		case e.Kind == ByConstructor:
			return made
		default:
			s = used
		}
	}
	return s
}

// Router returns the name of the project's router. It is ok if there is no doubt: the
// project makes only one router outside of tests and examples or, if it makes none, uses
// only http.DefaultServeMux, which is "net/http". If it is not ok, the developer has to
// choose from Routers.
func (p *Project) Router() (name string, ok bool) {
	if len(p.Routers) == 0 {
		return "", false
	}
	best := p.Routers[0]
	switch s := best.standing(); {
	case s == mentioned,
		s == used && !slices.ContainsFunc(best.Evidence, func(e Evidence) bool { return e.app() && e.Kind == ByRegistration }),
		len(p.Routers) > 1 && p.Routers[1].standing() == s:
		return "", false
	}
	return best.Name, true
}

// Database returns the database of all drivers in the application, including GORM's
// dialects. It is not ok if there are several, or none.
func (p *Project) Database() (name string, ok bool) {
	for _, c := range p.Drivers {
		switch {
		case c.standing() == mentioned:
		case name == "":
			name = c.Database
		case name != c.Database:
			return "", false
		}
	}
	return name, name != ""
}

// Driver returns the only driver for a database that the application imports. It is not ok
// if there are several, or none. A dialect of GORM does not count, since it is not a
// database/sql driver.
func (p *Project) Driver(database string) (name string, ok bool) {
	for _, c := range Used(p.Drivers) {
		switch {
		case c.Database != database || isDialect(c.Name):
		case name == "":
			name = c.Name
		default:
			return "", false
		}
	}
	return name, name != ""
}

// Used returns the candidates that the application uses, and not only go.mod, tests or
// examples.
func Used(candidates []Candidate) []Candidate {
	return slices.DeleteFunc(slices.Clone(candidates), func(c Candidate) bool { return c.standing() == mentioned })
}

// Open returns where the application opens its database with the package of that name in
// Opens.
func (p *Project) Open(name string) (Evidence, bool) {
	for _, c := range p.Opens {
		if c.Name == name && c.standing() == made {
			return c.Evidence[0], true
		}
	}
	return Evidence{}, false
}

// Mount returns the line where the application makes a router, the best one of Routers if
// it makes several. That is the likely place to mount further handlers. For
// http.DefaultServeMux, which nobody makes, it is a registration. The result is false if
// there is no such line outside of tests and examples.
func (p *Project) Mount() (Evidence, bool) {
	for _, c := range p.Routers {
		for _, e := range c.Evidence {
			if e.app() && (e.Kind == ByConstructor || e.Kind == ByRegistration) {
				return e, true
			}
		}
	}
	return Evidence{}, false
}

// Load inspects the module that dir is in: it calls [Open] and [Project.Survey].
func Load(dir string) (*Project, error) {
	p, err := Open(dir)
	if err != nil {
		return nil, err
	}
	return p, p.Survey()
}

// Open inspects the module that dir is in, without collecting evidence: there are no
// Routers, Drivers, Stores, Opens and Migrations until [Project.Survey] is called. It
// reads go.mod and the text of Go files, and changes nothing. It skips Go files that
// cannot be read.
//
// Open returns an error if neither dir nor a directory above it has a go.mod, if go.mod
// cannot be read or parsed, or if its go line is missing or below 1.25.
func Open(dir string) (*Project, error) {
	gomod, err := findModule(dir)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(gomod)
	if err != nil {
		return nil, err
	}
	// ParseLax accepts directives of later Go releases.
	mod, err := modfile.ParseLax(gomod, data, nil)
	if err != nil {
		return nil, err
	}
	if err := checkModule(gomod, mod); err != nil {
		return nil, err
	}

	p := &Project{
		Root:      filepath.Dir(gomod),
		Module:    mod.Module.Mod.Path,
		GoVersion: mod.Go.Version,
		Tool:      hasTool(mod.Syntax),
		Requires:  requirements(mod),
	}
	for dir := range upward(p.Root) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			p.Git = true
			break
		}
	}
	_, err = os.Stat(filepath.Join(p.Root, "vendor", "modules.txt"))
	p.Vendored = err == nil

	s := &scan{evidence: make(map[string][]Evidence)}
	for _, r := range mod.Require {
		if !r.Indirect {
			s.evidence[r.Mod.Path] = append(s.evidence[r.Mod.Path], Evidence{
				Pos:  Position{File: "go.mod", Line: r.Syntax.Start.Line},
				Kind: ByRequire,
				Text: r.Mod.Path + " " + r.Mod.Version,
			})
		}
	}
	for _, i := range mod.Ignore {
		s.ignore = append(s.ignore, i.Path)
	}
	err = p.within(s, func(root *os.Root) error {
		if err := s.walk("."); err != nil {
			return fmt.Errorf("%s: %w", p.Root, err)
		}
		slices.Sort(s.instances)
		p.Instances, p.Unfinished = s.instances, s.unfinished
		emitted := emittedBy(p.Root, p.Instances)
		s.files = slices.DeleteFunc(s.files, emitted)
		s.migrations = slices.DeleteFunc(s.migrations, emitted)
		p.HasGenerateLine = s.runsAuthgen(root)
		return nil
	})
	p.scan = s
	return p, err
}

// Survey collects the evidence for a Project that [Open] returned. It skips directories that
// the go command does not build, packages that authgen wrote, and Go files that do not
// parse. A second call does nothing.
func (p *Project) Survey() error {
	s := p.scan
	if s == nil {
		return nil
	}
	p.scan = nil
	return p.within(s, func(*os.Root) error {
		for _, file := range s.files {
			s.read(file)
		}
		p.Routers = s.candidates(knownRouters, p.Requires)
		p.Drivers = s.candidates(knownDrivers, p.Requires)
		p.Stores = s.candidates(knownStores, p.Requires)
		p.Opens = slices.DeleteFunc(s.candidates(knownOpens, p.Requires), func(c Candidate) bool { return c.standing() != made })
		p.Migrations = s.migrationDirs()
		return nil
	})
}

// within calls f and lets the scan read from the module meanwhile. It uses an os.Root, so
// that symbolic links cannot lead out of the module.
func (p *Project) within(s *scan, f func(*os.Root) error) error {
	root, err := os.OpenRoot(p.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	s.fsys = root.FS()
	return f(root)
}

// upward yields dir and every directory above it.
func upward(dir string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for yield(dir) {
			parent := filepath.Dir(dir)
			if parent == dir {
				return
			}
			dir = parent
		}
	}
}

// findModule returns the absolute path of the go.mod that governs dir.
func findModule(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(abs); err != nil {
		return "", err
	} else if !info.IsDir() {
		return "", fmt.Errorf("%s: not a directory", abs)
	}
	gowork := ""
	for dir := range upward(abs) {
		gomod := filepath.Join(dir, "go.mod")
		switch info, err := os.Stat(gomod); {
		case err == nil && !info.IsDir():
			return gomod, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
		if file := filepath.Join(dir, "go.work"); gowork == "" {
			if info, err := os.Stat(file); err == nil && !info.IsDir() {
				gowork = file
			}
		}
	}
	if gowork != "" {
		return "", workspaceError(gowork)
	}
	return "", fmt.Errorf(`%s: no go.mod here or above: run "go mod init example.com/app" first, or "authgen new DIR"`, abs)
}

// workspaceError returns the error for a directory that is in a workspace but in none of
// its modules. It lists the modules.
func workspaceError(gowork string) error {
	data, err := os.ReadFile(gowork)
	if err != nil {
		return err
	}
	work, err := modfile.ParseWork(gowork, data, nil)
	if err != nil {
		return err
	}
	var dirs []string
	for _, u := range work.Use {
		dirs = append(dirs, u.Path)
	}
	if len(dirs) == 0 {
		return fmt.Errorf(`%s: a workspace without modules: run "go mod init example.com/app" first`, gowork)
	}
	return fmt.Errorf("%s: a workspace, not a module: run authgen in one of %s", gowork, strings.Join(dirs, ", "))
}

// checkModule returns an error if mod lacks what a project must have.
func checkModule(gomod string, mod *modfile.File) error {
	const remedy = `run "go mod edit -go=` + MinGo + `.0"`
	switch {
	case mod.Module == nil || mod.Module.Mod.Path == "":
		return fmt.Errorf(`%s: no module line: run "go mod edit -module=example.com/app"`, gomod)
	case mod.Go == nil:
		return fmt.Errorf("%s:%d: no go line for the module: %s", gomod, mod.Module.Syntax.Start.Line, remedy)
	case version.Compare("go"+mod.Go.Version, "go"+MinGo) < 0:
		return fmt.Errorf("%s:%d: go %s is too old, emitted code needs go %s or later: %s",
			gomod, mod.Go.Syntax.Start.Line, mod.Go.Version, MinGo, remedy)
	}
	return nil
}

// emittedBy returns a function that reports whether a file belongs to an instance. The
// developer did not choose what is in it, so it does not count as evidence.
func emittedBy(root string, instances []string) func(file string) bool {
	var besideRoot []string
	if slices.Contains(instances, ".") {
		besideRoot = packagesBeside(root)
	}
	return func(file string) bool {
		return slices.ContainsFunc(instances, func(dir string) bool {
			if dir == "." {
				// An instance at the root must not hide the whole module.
				first, _, below := strings.Cut(file, "/")
				return !below || slices.Contains(besideRoot, first)
			}
			return strings.HasPrefix(file, dir+"/")
		})
	}
}

// packagesBeside returns the directories of the packages that belong to the instance in
// dir. Its answers need not be consistent.
func packagesBeside(dir string) []string {
	a := answers.Default()
	if text, err := os.ReadFile(filepath.Join(dir, answers.FileName)); err == nil {
		if read, err := answers.ReadUnchecked(text); err == nil && read.PackageName != "" {
			a = read
		}
	}
	a.Normalize()
	return []string{a.WebName(), a.TestName()}
}
