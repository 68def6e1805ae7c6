package emit

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/internal/exportdata"
)

// emissionChecker checks what is emitted for one combination after the other. Most of their
// files are equal, so it caches parsed files and type-checked packages, but only for a
// while, since a package takes megabytes. It must not be used by several goroutines.
type emissionChecker struct {
	fset    *token.FileSet
	imports types.Importer
	files   map[[sha256.Size]byte]parsedFile     // by path and content
	checked map[[sha256.Size]byte]*types.Package // by path, files, and the emitted packages that they import
	see     func(*types.Info)                    // called for each package that is type-checked, unless nil
}

// parsedFile is an emitted file, or the error if it does not parse.
type parsedFile struct {
	hash  [sha256.Size]byte
	ast   *ast.File // nil if it is not Go
	tests string    // see File.Tests
	err   error
}

func newEmissionChecker(e exportdata.Files) *emissionChecker {
	c := &emissionChecker{imports: e.Importer()}
	c.forget()
	return c
}

const (
	maxParsed  = 1000
	maxChecked = 60
)

// forget empties the caches.
func (c *emissionChecker) forget() {
	c.fset = token.NewFileSet()
	c.files = make(map[[sha256.Size]byte]parsedFile)
	c.checked = make(map[[sha256.Size]byte]*types.Package)
}

// parse parses a file, and checks its format.
func (c *emissionChecker) parse(f File) parsedFile {
	hash := sha256.Sum256(append([]byte(f.Path+"\x00"+f.Tests+"\x00"), f.Data...))
	if p, ok := c.files[hash]; ok {
		return p
	}
	p := parsedFile{hash: hash, tests: f.Tests}
	if strings.Contains(strings.ToLower(string(f.Data)), "authgen:") {
		p.err = fmt.Errorf("%s: it still has a directive", f.Path)
	}
	if path.Ext(f.Path) == ".go" {
		if formatted, err := format.Source(f.Data); err != nil || !bytes.Equal(formatted, f.Data) {
			p.err = errors.Join(p.err, fmt.Errorf("%s: not formatted: %v", f.Path, err))
		}
		var err error
		p.ast, err = parser.ParseFile(c.fset, f.Path, f.Data, parser.ParseComments|parser.SkipObjectResolution)
		p.err = errors.Join(p.err, err)
	}
	c.files[hash] = p
	return p
}

// check type-checks the packages in files, without and with their tests. It also returns an
// error for files that are not formatted, declarations that nothing uses, wrong callers of
// functions that only one may call, imports of the application's side where it may be
// missing, tests that need the unit test of another file, and functions that no test calls
// with the zero Principal.
func (c *emissionChecker) check(a answers.Answers, files []File) error {
	switch {
	case len(c.files) > maxParsed:
		c.forget()
	case len(c.checked) > maxChecked:
		clear(c.checked)
	}
	e := c.emission(a, files)
	for _, name := range slices.Sorted(maps.Keys(e.dirs)) {
		e.check(name)
	}
	e.errs = append(e.errs, e.unwalkedPrincipals()...)
	return errors.Join(e.errs...)
}

// emission parses files, and returns an emission whose packages have not been type-checked
// yet.
func (c *emissionChecker) emission(a answers.Answers, files []File) *emission {
	e := &emission{
		checker: c,
		answers: a,
		root:    path.Join("example.com/app", a.Package),
		dirs:    make(map[string]*emittedDir),
		loaded:  make(map[string]*loadedPackage),
	}
	for _, f := range files {
		p := c.parse(f)
		if p.err != nil {
			e.errs = append(e.errs, p.err)
		}
		if p.ast == nil {
			continue
		}
		dir := e.dirs[path.Dir(f.Path)]
		if dir == nil {
			dir = new(emittedDir)
			e.dirs[path.Dir(f.Path)] = dir
		}
		switch {
		case strings.HasSuffix(p.ast.Name.Name, "_test"):
			dir.external = append(dir.external, p)
		case strings.HasSuffix(f.Path, "_test.go"):
			dir.tests = append(dir.tests, p)
		default:
			dir.files = append(dir.files, p)
		}
	}
	return e
}

// check type-checks all packages of a directory.
func (e *emission) check(name string) {
	dir := e.dirs[name]
	for _, f := range slices.Concat(dir.files, dir.tests, dir.external) {
		if name != e.answers.WebName() && slices.Contains(e.imported(f), e.answers.WebName()) {
			e.errs = append(e.errs, fmt.Errorf("%s: imports the application's side, which may be missing", e.checker.fset.Position(f.ast.Package).Filename))
		}
	}
	_, err := e.load(name, "")
	if err == nil && len(dir.tests) > 0 {
		_, err = e.load(name, name)
	}
	if err != nil {
		e.errs = append(e.errs, err)
	}
	if len(dir.external) > 0 {
		e.typeCheck(name, externalTests, name)
	}
}

// part says which files of a directory form a package.
type part int

const (
	plain part = iota
	withTests
	externalTests
)

func asts(files []parsedFile) []*ast.File {
	var list []*ast.File
	for _, f := range files {
		list = append(list, f.ast)
	}
	return list
}

// emission is what is emitted for some answers, while it is checked.
type emission struct {
	checker *emissionChecker
	answers answers.Answers
	root    string                 // import path of the core
	dirs    map[string]*emittedDir // by path below the core, "." is the core
	loaded  map[string]*loadedPackage
	errs    []error
}

// emittedDir are the Go files of a directory.
type emittedDir struct{ files, tests, external []parsedFile }

// loadedPackage is a package with the hash of everything that it depends on.
type loadedPackage struct {
	pkg *types.Package
	key [sha256.Size]byte
}

// imported returns the emitted directories that a file imports.
func (e *emission) imported(f parsedFile) []string {
	var dirs []string
	for _, spec := range f.ast.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // impossible: the parser checks paths
		}
		if dir, ok := e.dirOf(name); ok {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// dirOf returns the emitted directory that a package is in.
func (e *emission) dirOf(importPath string) (string, bool) {
	if importPath == e.root {
		return ".", true
	}
	return strings.CutPrefix(importPath, e.root+"/")
}

// load type-checks the package of a directory. If that is the directory tested, the
// package includes its tests, as for the external tests of that directory.
func (e *emission) load(dir, tested string) (*loadedPackage, error) {
	id := dir + "\x00" + tested
	if p, ok := e.loaded[id]; ok {
		if p == nil {
			return nil, fmt.Errorf("%s imports itself", dir)
		}
		return p, nil
	}
	d := e.dirs[dir]
	if d == nil {
		return nil, fmt.Errorf("nothing is emitted in %s", dir)
	}
	e.loaded[id] = nil
	k := plain
	if dir == tested {
		k = withTests
	}
	p := e.typeCheck(dir, k, tested)
	e.loaded[id] = p
	return p, nil
}

// typeCheck type-checks one of the packages of a directory, and looks for other problems in
// it, unless the same package was checked before.
func (e *emission) typeCheck(dir string, k part, tested string) *loadedPackage {
	d := e.dirs[dir]
	files := d.files
	switch k {
	case withTests:
		files = slices.Concat(d.files, d.tests)
	case externalTests:
		files = d.external
	}
	key := sha256.New()
	_, _ = fmt.Fprintln(key, e.root, dir, k)
	local := make(map[string]bool)
	for _, f := range files {
		key.Write(f.hash[:])
		for _, imported := range e.imported(f) {
			local[imported] = true
		}
	}
	for _, imported := range slices.Sorted(maps.Keys(local)) {
		if p, err := e.load(imported, tested); err == nil { // the type checker reports the error
			key.Write(p.key[:])
		}
	}
	sum := [sha256.Size]byte(key.Sum(nil))
	pkg := e.checker.checked[sum]
	if pkg == nil {
		info := &types.Info{Uses: make(map[*ast.Ident]types.Object), Defs: make(map[*ast.Ident]types.Object)}
		config := types.Config{
			Importer: emissionImporter{e, tested},
			Error:    func(err error) { e.errs = append(e.errs, err) },
		}
		pkg, _ = config.Check(path.Join(e.root, dir), e.checker.fset, asts(files), info)
		e.errs = append(e.errs, e.look(dir, k, files, info)...)
		e.checker.checked[sum] = pkg
		if e.checker.see != nil {
			e.checker.see(info)
		}
	}
	return &loadedPackage{pkg, sum}
}

// look returns the problems of a package apart from compile errors.
func (e *emission) look(dir string, k part, files []parsedFile, info *types.Info) []error {
	fset := e.checker.fset
	if k != plain {
		return dependentTests(fset, slices.Concat(e.dirs[dir].tests, e.dirs[dir].external), info, func(p *types.Package) bool {
			_, ok := e.dirOf(p.Path())
			return ok
		})
	}
	errs := unused(fset, asts(files), info)
	if dir == "." {
		errs = append(errs, wrongCallers(fset, asts(files), info, e.answers)...)
	}
	return errs
}

// emissionImporter imports emitted packages, and others with the importer of the checker.
type emissionImporter struct {
	*emission
	tested string
}

// Import implements [types.Importer].
func (i emissionImporter) Import(name string) (*types.Package, error) {
	dir, ok := i.dirOf(name)
	if !ok {
		return i.checker.imports.Import(name)
	}
	p, err := i.load(dir, i.tested)
	if err != nil {
		return nil, err
	}
	return p.pkg, nil
}

// dependentTests returns an error for each use of a declaration in the unit test of another
// file. Unit tests are not always emitted, so no file may need one, and no unit test may
// need another.
func dependentTests(fset *token.FileSet, tests []parsedFile, info *types.Info, local func(*types.Package) bool) []error {
	units := make(map[string]string)
	for _, f := range tests {
		units[fset.Position(f.ast.Package).Filename] = f.tests
	}
	var errs []error
	for ident, o := range info.Uses {
		if o.Pkg() == nil || !local(o.Pkg()) {
			continue // its position is in another file set
		}
		user, owner := fset.Position(ident.Pos()), fset.Position(o.Pos()).Filename
		if units[owner] != "" && user.Filename != owner {
			errs = append(errs, fmt.Errorf("%s: %s is declared in %s, which is not emitted unless %s is owned", user, ident.Name, owner, units[owner]))
		}
	}
	return errs
}

// unused returns an error for each unexported declaration or field that nothing in the
// package, its tests aside, refers to.
func unused(fset *token.FileSet, files []*ast.File, info *types.Info) []error {
	used := make(map[types.Object]bool)
	for _, o := range info.Uses {
		switch generic := o.(type) {
		case *types.Func:
			o = generic.Origin()
		case *types.Var:
			o = generic.Origin()
		}
		used[o] = true
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			// A literal without keys has all fields.
			lit, ok := n.(*ast.CompositeLit)
			if !ok || len(lit.Elts) == 0 {
				return true
			}
			name, ok := lit.Type.(*ast.Ident)
			if _, keyed := lit.Elts[0].(*ast.KeyValueExpr); !ok || keyed || info.Uses[name] == nil {
				return true
			}
			if s, ok := info.Uses[name].Type().Underlying().(*types.Struct); ok {
				for field := range s.Fields() {
					used[field] = true
				}
			}
			return true
		})
	}
	var errs []error
	for ident, o := range info.Defs {
		if o == nil || used[o] || o.Exported() || ident.Name == "_" || ident.Name == "init" {
			continue
		}
		switch o := o.(type) {
		case *types.Func:
		case *types.Var:
			if o.Embedded() || !o.IsField() && o.Parent() != o.Pkg().Scope() {
				continue
			}
		case *types.Const, *types.TypeName:
			if o.Parent() != o.Pkg().Scope() {
				continue
			}
		default:
			continue
		}
		errs = append(errs, fmt.Errorf("%s: nothing uses %s", fset.Position(ident.Pos()), ident.Name))
	}
	return errs
}

// exportData returns the export data of all packages that emitted code may import.
func exportData(t *testing.T) exportdata.Files {
	t.Helper()
	majors := make(map[string]string)
	for _, router := range answers.Routers {
		maps.Copy(majors, router.Older.Imports)
	}
	return exportdata.Load(t, majors)
}
