package project

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// library is a package or module that authgen recognizes in code: a router, a driver, a
// client of a store, or one that opens databases.
type library struct {
	name         string
	path         string   // of the module or, to be more precise, of a package in it
	module       string   // path of the module, if path is that of a package
	pkg          string   // name of the package at path
	constructors []string // functions of that package that make a router, or open a database
	registers    []string // functions of that package that add a route to its default router
	database     string   // of a driver
	hint         bool     // whether it ranks below others that are used as much
}

// The order breaks ties between candidates.
var (
	knownRouters = routers()
	knownDrivers = drivers()
	knownStores  = stores()
	knownOpens   = opens()
	libraries    = slices.Concat(knownRouters, knownDrivers, knownStores, knownOpens)
)

func routers() []library {
	var libs []library
	for _, r := range answers.Routers {
		libs = append(libs, library{
			name: r.Name, path: r.Import, module: r.Module, pkg: r.Package,
			constructors: r.Constructors, registers: r.Registers, hint: r.Secondary,
		})
	}
	return libs
}

// drivers returns the drivers, followed by the dialects of GORM, which wrap drivers: those
// at gorm.io and those from before it moved there. GORM has the same names for databases.
func drivers() []library {
	var libs, dialects, oldDialects []library
	for _, d := range answers.Databases {
		for _, driver := range d.Drivers {
			libs = append(libs, library{name: driver.Name, path: driver.Name, database: d.Name})
		}
		dialects = append(dialects, library{name: dialectModules + d.Name, path: dialectModules + d.Name, database: d.Name, hint: true})
		path := oldGORM + "/dialects/" + d.Name
		oldDialects = append(oldDialects, library{name: path, path: path, module: oldGORM, database: d.Name, hint: true})
	}
	return slices.Concat(libs, dialects, oldDialects)
}

const (
	dialectModules = "gorm.io/driver/"
	oldGORM        = "github.com/jinzhu/gorm"
)

// isDialect reports whether a driver of that name is a dialect of GORM, which
// wraps a driver.
func isDialect(name string) bool {
	return strings.HasPrefix(name, dialectModules) || strings.HasPrefix(name, oldGORM+"/")
}

func stores() []library {
	var libs []library
	for _, s := range answers.Stores {
		if s.Apart() {
			libs = append(libs, library{name: s.Name, path: s.Module})
		}
	}
	return libs
}

// opens returns the packages that open a database.
func opens() []library {
	libs := []library{{name: SQL, path: SQL, pkg: "sql", constructors: []string{"Open", "OpenDB"}}}
	for _, d := range answers.Databases {
		for _, driver := range d.Drivers {
			if pool := driver.Pool; pool != nil {
				libs = append(libs, library{name: pool.Package, path: pool.Import, module: driver.Name, pkg: pool.Package, constructors: pool.Constructors})
			}
		}
	}
	return libs
}

// SQL is the name of the package database/sql among [Project.Opens].
const SQL = "database/sql"

// standard reports whether l is in the standard library. The import of such a package
// alone is no evidence.
func (l library) standard() bool {
	first, _, _ := strings.Cut(l.path, "/")
	return !strings.Contains(first, ".")
}

// scan collects evidence from the files of a module.
type scan struct {
	fsys       fs.FS
	ignore     []string // paths of go.mod's ignore lines
	files      []string // Go files that the go command would look at
	migrations []string // files of migrations, and of tools for them
	instances  []string
	unfinished []string              // directories where a killed run left its stage
	evidence   map[string][]Evidence // by library.path
}

// runsAuthgen reports whether a go:generate line in one of the files runs authgen. It
// opens each directory once, since all files of the module are read here on every run.
func (s *scan) runsAuthgen(root *os.Root) bool {
	var dir string
	var in *os.Root
	defer func() {
		if in != nil {
			_ = in.Close()
		}
	}()
	for _, file := range s.files {
		if in == nil || path.Dir(file) != dir {
			if in != nil {
				_ = in.Close()
			}
			var err error
			dir = path.Dir(file)
			if in, err = root.OpenRoot(dir); err != nil {
				continue
			}
		}
		src, err := in.ReadFile(path.Base(file))
		if err != nil { // it may be a link to another directory
			src, err = root.ReadFile(file)
		}
		if err == nil && bytes.Contains(src, []byte("//go:generate go run ")) && runLine.Match(src) {
			return true
		}
	}
	return false
}

// runLine matches a go:generate line that runs authgen at a version.
var runLine = regexp.MustCompile(`(?m)^//go:generate go run (.* )?` + regexp.QuoteMeta(toolPath) + `@`)

// walk collects the Go files and the instances in and below dir.
func (s *scan) walk(dir string) error {
	entries, err := fs.ReadDir(s.fsys, dir)
	if err != nil {
		if dir == "." {
			return err
		}
		// A directory that belongs to another user is common, such as the data of a
		// database in a container.
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
		case name == StageDir && e.IsDir():
			s.unfinished = append(s.unfinished, dir)
		case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_"):
		case e.IsDir():
			if name == "vendor" || name == "node_modules" || name == "testdata" || s.ignored(file) {
				continue
			}
			if err := s.walk(file); err != nil {
				return err
			}
		case !s.isFile(file, e):
		case name == answers.FileName:
			s.instances = append(s.instances, dir)
		case isMigration(name):
			s.migrations = append(s.migrations, file)
			if path.Ext(name) == ".go" {
				s.files = append(s.files, file)
			}
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
	local := make(map[string]library) // libraries with constructors, by their names in this file
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return
		}
		for _, l := range libraries {
			if !l.holds(imported) {
				continue
			}
			if !l.standard() && len(found[l.path]) == 0 {
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
	}
	if len(local) > 0 && !strings.HasSuffix(file, "_test.go") {
		f, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
		if err != nil {
			return
		}
		// A function counts whether it is called or passed as an argument, as for
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

// kindOf returns the kind of evidence that a function of l's root package is, if any.
func (l library) kindOf(fn string) (EvidenceKind, bool) {
	switch {
	case slices.Contains(l.constructors, fn):
		return ByConstructor, true
	case slices.Contains(l.registers, fn):
		return ByRegistration, true
	}
	return "", false
}

// mayBeIn reports whether src mentions a function that would be evidence of l. It avoids a
// full parse of most files that import packages of the standard library.
func (l library) mayBeIn(src []byte) bool {
	return slices.ContainsFunc(slices.Concat(l.constructors, l.registers), func(fn string) bool { return bytes.Contains(src, []byte(fn)) })
}

// excluded reports whether a build constraint excludes f from every build. By convention,
// the tag ignore does so.
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

// outcomes returns whether x can be true and whether it can be false, if the tag ignore is
// never set and any other tag may be.
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

// candidates returns the libraries for which there is evidence, best first.
func (s *scan) candidates(libs []library, requires map[string]Requirement) []Candidate {
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
		if !l.standard() {
			r.Module = cmp.Or(l.module, l.path)
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

// sortEvidence sorts by kind. Within a kind, the evidence that is most likely part of the
// application's own server comes first: that in a package main, then that in the directory
// where most files import the library.
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
