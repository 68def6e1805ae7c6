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
	OtherRouters    []Candidate            // routers that authgen has no routes for
	Serves          []Evidence             // where the application serves HTTP
	Databases       []Candidate            // databases, best first
	Drivers         []Candidate            // database drivers and packages that wrap some, best first
	OtherDatabases  []Candidate            // databases that emitted code cannot use
	SQL             []Candidate            // libraries for databases in SQL
	Stores          []Candidate            // clients of stores for sessions
	Migrations      []MigrationDir         // directories of migrations, sorted
	Requires        map[string]Requirement // by module path
	Instances       []string               // directories that hold an authgen.yaml, relative to Root, with slashes, sorted
	Unfinished      []string               // directories with a StageDir

	scan   *scan             // for Survey, nil once that is done
	source *source           // after Survey
	sql    map[string][]byte // the SQL files, by name
	roots  []root
	routes *routing                // once routes were looked for
	users  map[string][]UsersTable // by database, once they were looked for
	all    map[string][]UsersTable // results of tables
}

// Candidate is one router, database, driver or the like, with the evidence for it.
type Candidate struct {
	// Name is the answer for a router, a database, a driver or a store. A package that
	// wraps a driver has its import path, anything else is named as in a sentence.
	Name string
	// Module and Version are those in go.mod. Module is empty for the standard
	// library and databases, Version if go.mod does not name the module.
	Module, Version string
	// Database is the answer for the database of a driver or of what wraps one, and
	// empty for others.
	Database string
	// Driver is the answer for the driver that makes the connections, if it is known.
	Driver string
	// Apart is whether emitted code cannot use the application's connections, so that it
	// needs others beside them; of a router, whether it has no requests of net/http.
	Apart bool
	// Evidence is never empty. It is sorted by kind; within a kind, the place that is
	// most likely part of the application comes first.
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
	ByServer       EvidenceKind = "server"       // makes a router that is served
	ByConstructor  EvidenceKind = "constructor"  // makes a router, or opens a database
	ByRegistration EvidenceKind = "registration" // puts a handler on http.DefaultServeMux
	ByImport       EvidenceKind = "import"       // imports a package of the module
	ByName         EvidenceKind = "name"         // opens a database by its name, or that of a driver
	ByConfig       EvidenceKind = "config"       // configures a tool for the database
	ByPart         EvidenceKind = "part"         // makes a router that is a part of another, or for metrics and the like
	ByRequire      EvidenceKind = "require"      // requires the module directly, in go.mod
	BySource       EvidenceKind = "source"       // has a data source name
	ByMigration    EvidenceKind = "migration"    // is in a migration, or in a file of a migration tool
)

var evidenceKinds = []EvidenceKind{
	ByServer, ByConstructor, ByRegistration, ByImport, ByName, ByConfig, ByPart, ByRequire, BySource,
}

// Position is a line of a file of the project.
type Position struct {
	File string // relative to the project's root, with slashes
	Line int    // from 1
}

func (p Position) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// app reports whether e is from code that is part of the application, as
// opposed to a test, an example or a mere requirement.
func (e Evidence) app() bool {
	return !e.Test && e.Kind != ByRequire && !apart(e.Pos.File)
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
// candidates and no Migrations until [Project.Survey] is called. It
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

	s := &scan{sources: make(map[string][]byte), evidence: make(map[*library][]Evidence), databases: make(map[string][]Evidence)}
	for _, r := range mod.Require {
		if r.Indirect {
			continue
		}
		for _, l := range slices.Concat(knownRouters, knownDrivers, knownStores) {
			if l.path == r.Mod.Path {
				s.evidence[l] = append(s.evidence[l], Evidence{
					Pos:  Position{File: "go.mod", Line: r.Syntax.Start.Line},
					Kind: ByRequire,
					Text: r.Mod.Path + " " + r.Mod.Version,
				})
			}
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
		s.sql = slices.DeleteFunc(s.sql, emitted)
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
		p.source = readSource(s, p.Module)
		for _, dir := range p.Instances {
			p.source.own[path.Join(p.Module, dir)] = true
		}
		s.collect(p.source)
		s.collectConfigs()
		p.findRoots(s)
		p.Routers = s.candidates(knownRouters, p.Requires)
		p.OtherRouters = s.candidates(otherRouters, p.Requires)
		p.Drivers = s.candidates(knownDrivers, p.Requires)
		p.Databases = s.databaseCandidates()
		p.OtherDatabases = s.candidates(otherDatabases, p.Requires)
		p.SQL = s.candidates(knownSQL, p.Requires)
		p.Stores = s.candidates(knownStores, p.Requires)
		p.Migrations = s.migrationDirs()
		p.sql = s.readSQL()
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
	if below := modulesBelow(abs); len(below) > 0 {
		return "", fmt.Errorf("%s: no go.mod here or above: run authgen in %s", abs, oneOf(below))
	}
	return "", fmt.Errorf(`%s: no go.mod here or above: run "go mod init example.com/app" first, or "authgen new DIR"`, abs)
}

// modulesBelow returns the directories with modules one or two levels below a directory.
func modulesBelow(dir string) []string {
	var list []string
	for _, pattern := range []string{"*/go.mod", "*/*/go.mod"} {
		found, _ := fs.Glob(os.DirFS(dir), pattern) // the pattern is well-formed
		for _, name := range found {
			if !slices.ContainsFunc(strings.Split(path.Dir(name), "/"), skippedDir) {
				list = append(list, "./"+path.Dir(name))
			}
		}
	}
	return list
}

// oneOf lists directories of which one is to be chosen.
func oneOf(dirs []string) string {
	if len(dirs) == 1 {
		return dirs[0]
	}
	return "one of " + strings.Join(dirs, ", ")
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
	return fmt.Errorf("%s: a workspace, not a module: run authgen in %s", gowork, oneOf(dirs))
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
