package generator

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/authgen/authgen/generator/internal/directive"
	"github.com/authgen/authgen/templates"
)

// combinations calls f for every combination of answers that leads to other
// code. The name tells them apart.
func combinations(f func(name string, a Answers)) {
	profiles := map[string]string{
		"none":    "",
		"public":  "display_name:string:anyone",
		"self":    "newsletter:bool:self",
		"hidden":  "karma:int:admin",
		"several": "display_name:string:anyone,phone:string:self+admin,newsletter:bool:self,karma:int:admin",
	}
	for _, session := range []string{"database", "stateless", "to database", "to stateless"} {
		for _, profile := range slices.Sorted(maps.Keys(profiles)) {
			for _, roles := range []string{"admin", "admin,member", "admin,editor,member"} {
				for features := range 1 << len(featureNames) {
					for _, gate := range []bool{false, true} {
						a := DefaultAnswers()
						setSession(&a, session)
						if a.Bridge != "none" && (profile != "several" || gate) {
							continue // of which it knows nothing
						}
						name := fmt.Sprintf("%s,%s,%s,gate=%t", session, profile, roles, gate)
						for i, feature := range featureNames {
							on := features&(1<<i) != 0
							*a.Features.field(feature) = on
							name += fmt.Sprintf(",%s=%t", feature, on)
						}
						a.Profile, _ = parseProfile(profiles[profile])
						a.Roles, _ = parseRoles(roles)
						if gate {
							a.Public, a.Protected = []string{"/login"}, []string{"/account"}
						}
						if roles == "admin,editor,member" {
							// What else is a name is tried along the way.
							a.Roles, _ = ParsePermissions("editor=posts:write,member=posts:read", a.Roles)
							a.Package, a.Name, a.Prefix = "internal/login", "shop", "/api/login"
						}
						a.Normalize()
						if a.Check() != nil {
							continue // one role cannot manage the others
						}
						f(name, a)
					}
				}
			}
		}
	}
}

// setSession sets the answers about sessions to a way to keep them: that of the answer,
// "redis", or to one of them from the other.
func setSession(a *Answers, way string) {
	switch way {
	case "redis":
		a.Store = "redis"
	case "to database":
		a.Bridge = "stateless"
	case "to stateless":
		a.Session, a.Bridge = "stateless", "database"
	default:
		a.Session = way
	}
}

// surroundings calls f for every combination of what the package is put into:
// router, database, driver, where sessions are, and how migrations are applied.
func surroundings(f func(name string, a Answers)) {
	type place struct{ tool, dir string }
	var places []place
	for _, v := range keyNamed("migrations").Values {
		places = append(places, place{v.Name, ""})
		if v.Name == "goose" || v.Name == "plain" { // which the package then does not apply itself
			places = append(places, place{v.Name, "db/migrations"})
		}
	}
	for _, session := range []string{"database", "redis", "stateless", "to database", "to stateless"} {
		for _, router := range keyNamed("router").Values {
			for _, database := range keyNamed("database").Values {
				for _, driver := range DriversFor(database.Name) {
					for _, p := range places {
						a := DefaultAnswers()
						setSession(&a, session)
						if a.Bridge != "none" && (p.tool != "goose" || p.dir != "") {
							continue // nor is that anything to it
						}
						a.Router, a.Database, a.Driver = router.Name, database.Name, driver
						a.Migrations, a.MigrationsDir = p.tool, p.dir
						a.Normalize()
						if a.Check() != nil {
							continue // tern is for one database
						}
						f(fmt.Sprintf("%s,%s,%s,%s,%s", session, router.Name, driver, p.tool, p.dir), a)
					}
				}
			}
		}
	}
}

// TestCombinations emits every combination of answers and type-checks it with
// its tests, in this process.
func TestCombinations(t *testing.T) {
	// Nearly all that is allocated is garbage at once.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	rememberTemplates(t)
	exports := exportData(t)
	var mu sync.Mutex
	seen := make(map[string]bool) // most mistakes show in many combinations
	report := func(name string, err error) {
		mu.Lock()
		defer mu.Unlock()
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !seen[line] {
				seen[line] = true
				t.Errorf("%s\n\t%s", line, name)
			}
		}
	}
	type combination struct {
		name string
		a    Answers
	}
	work := make(chan combination)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			checker := newEmissionChecker(exports)
			for c := range work {
				files, err := Emit(templates.FS, c.a, Target{Module: "example.com/app"})
				if err == nil {
					err = checker.check(c.a, files)
				}
				if err != nil {
					report(c.name, err)
				}
			}
		})
	}
	count := func(combinations func(func(string, Answers))) (n int) {
		combinations(func(name string, a Answers) {
			if n++; !testing.Short() || n%20 == 1 {
				work <- combination{name, a}
			}
		})
		return n
	}
	inside := count(combinations)
	outside := count(surroundings)
	close(work)
	workers.Wait()
	t.Logf("%d combinations of what is in it, %d of what it is in", inside, outside)
	if inside < 500 || outside < 1000 {
		t.Error("these are too few")
	}
}

// rememberTemplates makes Emit remember what it makes of a template, until the test
// ends. That depends on the values of the tags that the template names, and on all
// other options.
func rememberTemplates(t *testing.T) {
	type result struct {
		f   directive.File
		ok  bool
		err error
	}
	var results sync.Map
	forget := specialise
	t.Cleanup(func() { specialise = forget })
	specialise = func(name string, source []byte, o directive.Options) (directive.File, bool, error) {
		key := sha256.New()
		fmt.Fprint(key, name, "\n", o.Packages, o.Values, o.Imports, o.Exprs, o.Words)
		for line := range bytes.Lines(source) {
			if _, expr, ok := bytes.Cut(line, []byte("authgen:if ")); ok {
				for word := range bytes.FieldsFuncSeq(expr, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
					fmt.Fprint(key, o.Tags[string(word)])
				}
			}
		}
		key.Write(source)
		sum := [sha256.Size]byte(key.Sum(nil))
		if r, ok := results.Load(sum); ok {
			return r.(result).f, r.(result).ok, r.(result).err
		}
		var r result
		r.f, r.ok, r.err = forget(name, source, o)
		results.Store(sum, r)
		return r.f, r.ok, r.err
	}
}

// TestSurroundings counts the combinations that TestCombinations checks.
func TestSurroundings(t *testing.T) {
	inside, outside := 0, 0
	combinations(func(string, Answers) { inside++ })
	surroundings(func(string, Answers) { outside++ })
	t.Logf("%d combinations of what a package holds, %d of what it is put into", inside, outside)
	// 3 ways to keep sessions, 8 routers, 7 ways for each of the 6 drivers, and tern
	// for two. Two switches between ways, for each router and driver.
	if want := 3*8*(7*6+2) + 2*8*6; outside != want {
		t.Errorf("%d combinations, want %d", outside, want)
	}
}

// emissionChecker checks what is emitted for one combination after the other. Most
// of their files are alike, so what was parsed or type-checked is kept for a while:
// a type-checked package takes megabytes. It is not for several goroutines.
type emissionChecker struct {
	fset    *token.FileSet
	imports types.Importer
	files   map[[sha256.Size]byte]parsedFile     // by path and content
	checked map[[sha256.Size]byte]*types.Package // by path, files, and what else was emitted that they import
}

// parsedFile is an emitted file, or why it is none.
type parsedFile struct {
	hash [sha256.Size]byte
	ast  *ast.File // nil if it is not Go
	err  error
}

func newEmissionChecker(e exports) *emissionChecker {
	c := &emissionChecker{imports: e.importer()}
	c.forget()
	return c
}

const (
	maxParsed  = 1000
	maxChecked = 30
)

// forget drops what is kept.
func (c *emissionChecker) forget() {
	c.fset = token.NewFileSet()
	c.files = make(map[[sha256.Size]byte]parsedFile)
	c.checked = make(map[[sha256.Size]byte]*types.Package)
}

// parse parses a file, and looks at its form.
func (c *emissionChecker) parse(f File) parsedFile {
	hash := sha256.Sum256(append([]byte(f.Path+"\x00"), f.Data...))
	if p, ok := c.files[hash]; ok {
		return p
	}
	p := parsedFile{hash: hash}
	if strings.Contains(strings.ToLower(string(f.Data)), "authgen:") {
		p.err = fmt.Errorf("%s: a directive is left", f.Path)
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

// check formats and type-checks the packages in files, without and with their
// tests, and looks for what nothing uses.
func (c *emissionChecker) check(a Answers, files []File) error {
	switch {
	case len(c.files) > maxParsed:
		c.forget()
	case len(c.checked) > maxChecked:
		clear(c.checked)
	}
	var errs []error
	groups := make(map[string][]parsedFile) // by directory and package
	for _, f := range files {
		p := c.parse(f)
		if p.err != nil {
			errs = append(errs, p.err)
		}
		if p.ast == nil {
			continue
		}
		dir := path.Dir(f.Path)
		switch {
		case strings.HasSuffix(p.ast.Name.Name, "_test"):
			dir += " external"
		case strings.HasSuffix(f.Path, "_test.go"):
			dir += " tested"
		}
		groups[dir] = append(groups[dir], p)
	}
	local := localImporter{c.imports, make(map[string]*types.Package)}
	var emitted [sha256.Size]byte // hash of what local has
	check := func(dir string, files []parsedFile, look func(*types.Info)) {
		name := path.Join("example.com/app", a.Package, dir)
		key := sha256.New()
		key.Write([]byte(name))
		key.Write(emitted[:])
		var asts []*ast.File
		for _, f := range files {
			key.Write(f.hash[:])
			asts = append(asts, f.ast)
		}
		emitted = [sha256.Size]byte(key.Sum(nil))
		pkg := c.checked[emitted]
		if pkg == nil {
			info := &types.Info{Uses: make(map[*ast.Ident]types.Object), Defs: make(map[*ast.Ident]types.Object)}
			config := types.Config{Importer: local, Error: func(err error) { errs = append(errs, err) }}
			pkg, _ = config.Check(name, c.fset, asts, info)
			if look != nil {
				look(info)
			}
			c.checked[emitted] = pkg
		}
		local.packages[name] = pkg
	}
	check(".", groups["."], func(info *types.Info) { errs = append(errs, unused(c.fset, info)...) })
	// What the external tests import is the package with its tests, and authtest
	// made against that.
	emitted = [sha256.Size]byte{}
	check(".", slices.Concat(groups["."], groups[". tested"]), nil)
	check("authtest", groups["authtest"], nil)
	check("external", groups[". external"], nil)
	return errors.Join(errs...)
}

// unused returns an error for each unexported declaration that nothing in the
// package, its tests aside, refers to.
func unused(fset *token.FileSet, info *types.Info) []error {
	used := make(map[types.Object]bool)
	for _, o := range info.Uses {
		if f, ok := o.(*types.Func); ok {
			o = f.Origin()
		}
		used[o] = true
	}
	var errs []error
	for ident, o := range info.Defs {
		if o == nil || used[o] || o.Exported() || ident.Name == "_" || ident.Name == "init" {
			continue
		}
		switch o.(type) {
		case *types.Func:
		case *types.Var, *types.Const, *types.TypeName:
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

// localImporter finds the emitted packages, and everything else elsewhere.
type localImporter struct {
	types.Importer
	packages map[string]*types.Package
}

func (l localImporter) Import(name string) (*types.Package, error) {
	if pkg := l.packages[name]; pkg != nil {
		return pkg, nil
	}
	return l.Importer.Import(name)
}

// exports are the files with the export data of packages, by import path. A
// package that is imported for its effect alone has none: "".
type exports map[string]string

// exportData returns the export data of all that the templates import, and of more
// packages, which the go command makes.
func exportData(t *testing.T, more ...string) exports {
	t.Helper()
	files := make(exports)
	list := func(args ...string) {
		cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export", "-modfile=templates/adapters.mod"}, args...)...)
		cmd.Dir = ".."
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
			var p struct{ ImportPath, Export string }
			if err := dec.Decode(&p); err != nil {
				t.Fatal(err)
			}
			files[p.ImportPath] = p.Export
		}
	}
	list("-test", "./templates/auth/...")
	others := slices.DeleteFunc(more, func(name string) bool { return files[name] != "" })
	for name, used := range adapterImports(t) {
		if _, ok := files[name]; ok {
			continue
		}
		if used {
			others = append(others, name)
		} else {
			files[name] = ""
		}
	}
	if len(others) > 0 {
		list(others...)
	}
	return files
}

// adapterImports returns the packages that the adapters import, those of older
// major versions too, and whether they are imported for more than their effect.
func adapterImports(t *testing.T) map[string]bool {
	t.Helper()
	imports := make(map[string]bool)
	err := fs.WalkDir(templates.FS, "adapters", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".go" {
			return err
		}
		source, err := fs.ReadFile(templates.FS, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !strings.HasPrefix(imported, templateImport) {
				imports[imported] = imports[imported] || spec.Name == nil || spec.Name.Name != "_"
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, older := range olderMajors {
		for now, before := range older.imports {
			for name, used := range imports {
				if rest, ok := strings.CutPrefix(name, now); ok && (rest == "" || rest[0] == '/') {
					imports[before+rest] = used
				}
			}
		}
	}
	return imports
}

// importer returns an importer for one goroutine.
func (e exports) importer() types.Importer {
	return effectImporter{e, importer.ForCompiler(token.NewFileSet(), "gc", func(name string) (io.ReadCloser, error) {
		file := e[name]
		if file == "" {
			return nil, fmt.Errorf("no export data for %q", name)
		}
		return os.Open(file)
	})}
}

// effectImporter makes an empty package of one that is imported for its effect
// alone, which spares compiling it.
type effectImporter struct {
	exports
	types.Importer
}

func (i effectImporter) Import(name string) (*types.Package, error) {
	if file, ok := i.exports[name]; ok && file == "" && name != "unsafe" {
		pkg := types.NewPackage(name, path.Base(name))
		pkg.MarkComplete()
		return pkg, nil
	}
	return i.Importer.Import(name)
}
