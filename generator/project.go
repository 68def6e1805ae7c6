package generator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"go/version"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// minGo is the oldest go line a project may have: emitted code uses the
// language and the standard library of that release.
const minGo = "1.25"

// toolPath is what a project's go.mod names in its tool line for authgen.
const toolPath = "github.com/authgen/authgen/cmd/authgen"

// Project is what authgen found out about the developer's module. It is read
// from source text alone: nothing is type-checked, downloaded or run, so a
// Project is evidence to propose answers from, not proof.
type Project struct {
	Root      string            // absolute directory of go.mod
	Module    string            // module path
	GoVersion string            // go line, such as "1.25.3"; at least 1.25
	Git       bool              // whether Root is within a git work tree
	Vendored  bool              // whether vendor/modules.txt exists
	Tool      bool              // whether go.mod has a tool line for authgen
	Routers   []Candidate       // routers, best first
	Drivers   []Candidate       // database drivers, best first
	Requires  map[string]string // module path to version, direct and indirect, before any replace
	Instances []string          // directories that hold an authgen.yaml, relative to Root, with slashes, sorted
}

// Candidate is one router or database driver, with the evidence for it.
type Candidate struct {
	// Name is the answer that stands for a router: "net/http", "chi",
	// "gorilla", "gin", "echo" or "fiber". Two majors of one router are two
	// candidates of the same name. A driver's Name is its module path.
	Name string
	// Module and Version are what go.mod requires. Module is empty for
	// net/http, Version where go.mod does not name the module.
	Module, Version string
	// Database is "sqlite", "postgres" or "mysql" for a driver, and empty
	// for a router.
	Database string
	// Evidence is never empty. Constructors come first, then imports, then
	// the direct requirement; within a kind, the likeliest place to be the
	// application comes first.
	Evidence []Evidence
}

// Evidence is one line of the project that speaks for a candidate.
type Evidence struct {
	Pos  Position
	Kind EvidenceKind
	Text string // "chi.NewRouter", an import path, or a module path and version
	Test bool   // the file is a _test.go file
	Main bool   // the file is of a package main
}

// EvidenceKind says what a line of evidence does.
type EvidenceKind string

// The kinds of evidence, strongest first.
const (
	ByConstructor  EvidenceKind = "constructor"  // makes a router
	ByRegistration EvidenceKind = "registration" // puts a handler on http.DefaultServeMux
	ByImport       EvidenceKind = "import"       // imports a package of the module
	ByRequire      EvidenceKind = "require"      // requires the module directly, in go.mod
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

// standing is how much the application, by the evidence, uses a candidate.
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

// Router returns the name of the project's router, and whether that is beyond
// doubt: it is the only one made outside of tests and examples. Without any
// that is made, a project that uses nothing but http.DefaultServeMux has
// "net/http". A false ok means to show Routers and ask.
func (p *Project) Router() (name string, ok bool) {
	if len(p.Routers) == 0 {
		return "", false
	}
	best := p.Routers[0]
	switch s := best.standing(); {
	case s == mentioned,
		s == used && best.Name != "net/http",
		len(p.Routers) > 1 && p.Routers[1].standing() == s:
		return "", false
	}
	return best.Name, true
}

// Database returns the database that every driver in the application is for,
// GORM's dialects included, and whether there is exactly one.
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

// Driver returns the module path of the only database driver that the
// application imports. It is not ok if there are several, if a GORM dialect is
// for another database, or if there is a GORM dialect and nothing else: that
// one tells the database, but it is not a database/sql driver.
func (p *Project) Driver() (module string, ok bool) {
	if _, ok := p.Database(); !ok {
		return "", false
	}
	for _, c := range p.Drivers {
		switch {
		case c.standing() == mentioned || isDialect(c.Module):
		case module == "":
			module = c.Module
		default:
			return "", false
		}
	}
	return module, module != ""
}

// Mount returns the line where the application makes the best-ranked of the
// routers that it makes, which is likely the place to mount further handlers.
// For http.DefaultServeMux, which nobody makes, it is a registration. It is
// false if there is no such line outside of tests and examples.
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

// LoadProject looks at the module that dir is in. It reads go.mod and Go files
// and changes nothing. Directories that the go command would not build, and
// the instances of authgen, are no evidence; Go files that do not parse, or
// cannot be read, are passed over.
//
// It is an error if neither dir nor a directory above has a go.mod, if go.mod
// cannot be read or parsed, and if its go line is missing or below 1.25.
func LoadProject(dir string) (*Project, error) {
	gomod, err := findModule(dir)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(gomod)
	if err != nil {
		return nil, err
	}
	// Lax, so that a directive of a later Go release is no obstacle.
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
		Requires:  make(map[string]string, len(mod.Require)),
	}
	for dir := range upward(p.Root) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			p.Git = true
			break
		}
	}
	_, err = os.Stat(filepath.Join(p.Root, "vendor", "modules.txt"))
	p.Vendored = err == nil

	// An os.Root keeps symbolic links from leading out of the module.
	root, err := os.OpenRoot(p.Root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	s := &scan{fsys: root.FS(), evidence: make(map[string][]Evidence)}
	for _, r := range mod.Require {
		p.Requires[r.Mod.Path] = r.Mod.Version
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
	if err := s.walk("."); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Root, err)
	}
	slices.Sort(s.instances)
	p.Instances = s.instances
	for _, file := range s.files {
		if !p.emitted(file) {
			s.read(file)
		}
	}
	p.Routers = s.candidates(knownRouters, p.Requires)
	p.Drivers = s.candidates(knownDrivers, p.Requires)
	return p, nil
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

// workspaceError tells which modules there are to choose from when dir is in
// a workspace but in none of its modules.
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
	const remedy = `run "go mod edit -go=` + minGo + `.0"`
	switch {
	case mod.Module == nil || mod.Module.Mod.Path == "":
		return fmt.Errorf(`%s: no module line: run "go mod edit -module=example.com/app"`, gomod)
	case mod.Go == nil:
		return fmt.Errorf("%s:%d: no go line for the module: %s", gomod, mod.Module.Syntax.Start.Line, remedy)
	case version.Compare("go"+mod.Go.Version, "go"+minGo) < 0:
		return fmt.Errorf("%s:%d: go %s is too old, emitted code needs go %s or later: %s",
			gomod, mod.Go.Syntax.Start.Line, mod.Go.Version, minGo, remedy)
	}
	return nil
}

// hasTool reports whether a go.mod has a tool line for authgen. It reads the
// syntax tree since a lax parse leaves tool lines uninterpreted.
func hasTool(syntax *modfile.FileSyntax) bool {
	names := func(token string) bool { return strings.Trim(token, "\"`") == toolPath }
	for _, stmt := range syntax.Stmt {
		switch stmt := stmt.(type) {
		case *modfile.Line:
			if len(stmt.Token) == 2 && stmt.Token[0] == "tool" && names(stmt.Token[1]) {
				return true
			}
		case *modfile.LineBlock:
			if len(stmt.Token) != 1 || stmt.Token[0] != "tool" {
				continue
			}
			for _, line := range stmt.Line {
				if len(line.Token) == 1 && names(line.Token[0]) {
					return true
				}
			}
		}
	}
	return false
}

// emitted reports whether file belongs to an instance: its routers are
// authgen's doing and must not speak for the next answer.
func (p *Project) emitted(file string) bool {
	return slices.ContainsFunc(p.Instances, func(dir string) bool {
		if dir == "." {
			// An instance at the root must not hide the whole module.
			return !strings.Contains(file, "/") || strings.HasPrefix(file, "authtest/")
		}
		return strings.HasPrefix(file, dir+"/")
	})
}

// library is a router or driver that authgen knows.
type library struct {
	name         string
	path         string   // of the module, and of its root package
	pkg          string   // name of the root package
	constructors []string // functions of the root package that make a router
	database     string   // that a driver is for
	hint         bool     // ranks below others that are used as much
}

// The order breaks ties between candidates.
var (
	knownRouters = []library{
		{name: "chi", path: "github.com/go-chi/chi/v5", pkg: "chi", constructors: []string{"NewRouter", "NewMux"}},
		{name: "gorilla", path: "github.com/gorilla/mux", pkg: "mux", constructors: []string{"NewRouter"}},
		{name: "gin", path: "github.com/gin-gonic/gin", pkg: "gin", constructors: []string{"Default", "New"}},
		{name: "echo", path: "github.com/labstack/echo/v5", pkg: "echo", constructors: []string{"New", "NewWithConfig"}},
		{name: "echo", path: "github.com/labstack/echo/v4", pkg: "echo", constructors: []string{"New"}},
		{name: "fiber", path: "github.com/gofiber/fiber/v3", pkg: "fiber", constructors: []string{"New"}},
		{name: "fiber", path: "github.com/gofiber/fiber/v2", pkg: "fiber", constructors: []string{"New"}},
		// Beside another router, a ServeMux mostly serves pprof or health.
		{name: "net/http", path: netHTTP, pkg: "http", constructors: []string{"NewServeMux"}, hint: true},
	}
	knownDrivers = []library{
		knownDriver("modernc.org/sqlite", "sqlite"),
		knownDriver("github.com/mattn/go-sqlite3", "sqlite"),
		knownDriver("github.com/ncruces/go-sqlite3", "sqlite"),
		knownDriver("github.com/jackc/pgx/v5", "postgres"),
		knownDriver("github.com/lib/pq", "postgres"),
		knownDriver("github.com/go-sql-driver/mysql", "mysql"),
		knownDriver("gorm.io/driver/sqlite", "sqlite"),
		knownDriver("gorm.io/driver/postgres", "postgres"),
		knownDriver("gorm.io/driver/mysql", "mysql"),
	}
	libraries = slices.Concat(knownRouters, knownDrivers)
)

const netHTTP = "net/http"

func knownDriver(module, database string) library {
	return library{name: module, path: module, database: database, hint: isDialect(module)}
}

// isDialect reports whether module is a dialect of GORM, which wraps a driver.
func isDialect(module string) bool { return strings.HasPrefix(module, "gorm.io/driver/") }

// scan collects evidence from the files of a module.
type scan struct {
	fsys      fs.FS
	ignore    []string // paths of go.mod's ignore lines
	files     []string // Go files that the go command would look at
	instances []string
	evidence  map[string][]Evidence // by library.path
}

// walk collects the Go files and the instances in and below dir.
func (s *scan) walk(dir string) error {
	entries, err := fs.ReadDir(s.fsys, dir)
	if err != nil {
		if dir == "." {
			return err
		}
		// Other people's directories are common, such as the data of a
		// database that runs in a container.
		return nil
	}
	if dir != "." && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return e.Name() == "go.mod" && !e.IsDir()
	}) {
		return nil
	}
	for _, e := range entries {
		name := e.Name()
		file := path.Join(dir, name)
		switch {
		case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_"):
		case e.IsDir():
			if name == "vendor" || name == "node_modules" || name == "testdata" || s.ignored(file) {
				continue
			}
			if err := s.walk(file); err != nil {
				return err
			}
		case !s.isFile(file, e):
		case name == "authgen.yaml":
			s.instances = append(s.instances, dir)
		case path.Ext(name) == ".go":
			s.files = append(s.files, file)
		}
	}
	return nil
}

// isFile reports whether e is a regular file, or a link to one in the module.
// To open anything else, such as a named pipe, could block.
func (s *scan) isFile(file string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type().IsRegular()
	}
	info, err := fs.Stat(s.fsys, file)
	return err == nil && info.Mode().IsRegular()
}

// ignored reports whether an ignore line of go.mod covers dir: "./x" means x
// at the root, "x" means x at any depth.
func (s *scan) ignored(dir string) bool {
	return slices.ContainsFunc(s.ignore, func(pattern string) bool {
		rest, atRoot := strings.CutPrefix(pattern, "./")
		rest = "/" + path.Clean(rest) + "/"
		if atRoot {
			return strings.HasPrefix("/"+dir+"/", rest)
		}
		return strings.Contains("/"+dir+"/", rest)
	})
}

// read adds the evidence in one Go file.
func (s *scan) read(file string) {
	src, err := fs.ReadFile(s.fsys, file)
	if err != nil {
		return
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, src, parser.ImportsOnly|parser.ParseComments)
	if err != nil || excluded(f) {
		return
	}
	at := func(pos token.Pos, kind EvidenceKind, text string) Evidence {
		return Evidence{
			Pos:  Position{File: file, Line: fset.PositionFor(pos, false).Line},
			Kind: kind,
			Text: text,
			Test: strings.HasSuffix(file, "_test.go"),
			Main: f.Name.Name == "main",
		}
	}
	found := make(map[string][]Evidence)
	local := make(map[string]library) // routers by their name in this file
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return
		}
		i := slices.IndexFunc(libraries, func(l library) bool { return l.holds(imported) })
		if i < 0 {
			continue
		}
		l := libraries[i]
		if l.path != netHTTP && len(found[l.path]) == 0 {
			found[l.path] = append(found[l.path], at(spec.Pos(), ByImport, imported))
		}
		if imported == l.path && l.mayBeIn(src) {
			name := l.pkg
			if spec.Name != nil {
				name = spec.Name.Name
			}
			local[name] = l
		}
	}
	if len(local) > 0 && !strings.HasSuffix(file, "_test.go") {
		f, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
		if err != nil {
			return
		}
		// A function counts whether it is called or handed on, as it is to
		// dependency injection: fx.Provide(chi.NewRouter).
		record := func(name string, fn *ast.Ident) {
			if l, ok := local[name]; ok {
				if kind, ok := l.kindOf(fn.Name); ok {
					found[l.path] = append(found[l.path], at(fn.Pos(), kind, l.pkg+"."+fn.Name))
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok {
					record(x.Name, n.Sel)
				}
			case *ast.CallExpr:
				if fn, ok := n.Fun.(*ast.Ident); ok {
					record(".", fn)
				}
			}
			return true
		})
	}
	for path, e := range found {
		s.evidence[path] = append(s.evidence[path], e...)
	}
}

// holds reports whether the package of that import path is part of l.
func (l library) holds(imported string) bool {
	return imported == l.path || strings.HasPrefix(imported, l.path+"/")
}

// kindOf tells what evidence a function of l's root package is, if any.
func (l library) kindOf(fn string) (EvidenceKind, bool) {
	switch {
	case slices.Contains(l.constructors, fn):
		return ByConstructor, true
	case l.path == netHTTP && (fn == "Handle" || fn == "HandleFunc"):
		return ByRegistration, true
	}
	return "", false
}

// mayBeIn reports whether src mentions a function that would be evidence of
// l. It spares most files that import net/http a full parse.
func (l library) mayBeIn(src []byte) bool {
	return slices.ContainsFunc(l.constructors, func(fn string) bool { return bytes.Contains(src, []byte(fn)) }) ||
		l.path == netHTTP && bytes.Contains(src, []byte("Handle"))
}

// excluded reports whether a build constraint keeps f out of every build,
// which is what the tag ignore is for by convention.
func excluded(f *ast.File) bool {
	for _, group := range f.Comments {
		if group.Pos() > f.Package {
			break
		}
		for _, c := range group.List {
			if !constraint.IsGoBuild(c.Text) {
				continue
			}
			if x, err := constraint.Parse(c.Text); err == nil {
				if satisfiable, _ := outcomes(x); !satisfiable {
					return true
				}
			}
		}
	}
	return false
}

// outcomes tells whether x can be true and whether it can be false, if the
// tag ignore is never set and any other tag may be.
func outcomes(x constraint.Expr) (yes, no bool) {
	switch x := x.(type) {
	case *constraint.TagExpr:
		return x.Tag != "ignore", true
	case *constraint.NotExpr:
		yes, no = outcomes(x.X)
		return no, yes
	case *constraint.AndExpr:
		xYes, xNo := outcomes(x.X)
		yYes, yNo := outcomes(x.Y)
		return xYes && yYes, xNo || yNo
	case *constraint.OrExpr:
		xYes, xNo := outcomes(x.X)
		yYes, yNo := outcomes(x.Y)
		return xYes || yYes, xNo && yNo
	}
	return true, true
}

// candidates ranks those of the libraries that there is evidence for.
func (s *scan) candidates(libs []library, requires map[string]string) []Candidate {
	type ranked struct {
		Candidate
		standing  standing
		hint      bool
		main      bool
		importers int
	}
	var all []ranked
	for _, l := range libs {
		evidence := s.evidence[l.path]
		if len(evidence) == 0 {
			continue
		}
		r := ranked{
			Candidate: Candidate{Name: l.name, Database: l.database, Evidence: evidence},
			hint:      l.hint,
		}
		if l.path != netHTTP {
			r.Module, r.Version = l.path, requires[l.path]
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

// sortEvidence puts first, within a kind, what is most likely part of the
// application's own server: a package main, then the directory where most
// files import the library.
func sortEvidence(evidence []Evidence, importers map[string]int) {
	slices.SortFunc(evidence, func(a, b Evidence) int {
		return cmp.Or(
			cmp.Compare(slices.Index(evidenceKinds, a.Kind), slices.Index(evidenceKinds, b.Kind)),
			trueFirst(a.app(), b.app()),
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
