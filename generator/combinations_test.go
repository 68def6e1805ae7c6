package generator

import (
	"bytes"
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
	"maps"
	"os"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

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
	for _, session := range []string{"database", "stateless"} {
		for _, profile := range slices.Sorted(maps.Keys(profiles)) {
			for _, roles := range []string{"admin", "admin,member", "admin,editor,member"} {
				for features := range 1 << len(featureNames) {
					for _, gate := range []bool{false, true} {
						a := DefaultAnswers()
						a.Session = session
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

// TestCombinations emits every combination of answers and type-checks it with
// its tests, in this process.
func TestCombinations(t *testing.T) {
	exports := exportData(t)
	n := 0
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
			imports := exports.importer() // not for several goroutines
			for c := range work {
				files, err := Emit(templates.FS, c.a, Target{Module: "example.com/app"})
				if err == nil {
					err = checkEmitted(c.a, files, imports)
				}
				if err != nil {
					report(c.name, err)
				}
			}
		})
	}
	combinations(func(name string, a Answers) {
		if n++; !testing.Short() || n%20 == 1 {
			work <- combination{name, a}
		}
	})
	close(work)
	workers.Wait()
	t.Logf("%d combinations", n)
	if n < 500 {
		t.Errorf("only %d combinations", n)
	}
}

// checkEmitted formats and type-checks the packages in files, without and with
// their tests, and looks for what nothing uses.
func checkEmitted(a Answers, files []File, imports types.Importer) error {
	fset := token.NewFileSet()
	var errs []error
	parsed := make(map[string][]*ast.File) // by directory and package
	for _, f := range files {
		if strings.Contains(strings.ToLower(string(f.Data)), "authgen:") {
			errs = append(errs, fmt.Errorf("%s: a directive is left", f.Path))
		}
		if path.Ext(f.Path) != ".go" {
			continue
		}
		if formatted, err := format.Source(f.Data); err != nil || !bytes.Equal(formatted, f.Data) {
			errs = append(errs, fmt.Errorf("%s: not formatted: %v", f.Path, err))
		}
		file, err := parser.ParseFile(fset, f.Path, f.Data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := path.Dir(f.Path)
		switch {
		case strings.HasSuffix(file.Name.Name, "_test"):
			parsed[dir+" external"] = append(parsed[dir+" external"], file)
		case strings.HasSuffix(f.Path, "_test.go"):
			parsed[dir+" tested"] = append(parsed[dir+" tested"], file)
		default:
			parsed[dir] = append(parsed[dir], file)
		}
	}
	importPath := path.Join("example.com/app", a.Package)
	local := localImporter{imports, make(map[string]*types.Package)}
	check := func(dir string, files []*ast.File) *types.Info {
		info := &types.Info{Uses: make(map[*ast.Ident]types.Object), Defs: make(map[*ast.Ident]types.Object)}
		config := types.Config{Importer: local, Error: func(err error) { errs = append(errs, err) }}
		pkg, _ := config.Check(path.Join(importPath, dir), fset, files, info)
		local.packages[path.Join(importPath, dir)] = pkg
		return info
	}
	info := check(".", parsed["."])
	errs = append(errs, unused(fset, info)...)
	// What the external tests import is the package with its tests, and authtest
	// made against that.
	check(".", append(parsed["."], parsed[". tested"]...))
	check("authtest", parsed["authtest"])
	check("external", parsed[". external"])
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
	if strings.HasPrefix(name, "modernc.org/") { // imported for its effect alone
		pkg := types.NewPackage(name, path.Base(name))
		pkg.MarkComplete()
		return pkg, nil
	}
	return l.Importer.Import(name)
}

// exports are the files with the export data of packages, by import path.
type exports map[string]string

// exportData returns the export data of all that the templates import, which one
// run of the go command makes.
func exportData(t *testing.T) exports {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-test", "-json=ImportPath,Export", "./templates/auth/...")
	cmd.Dir = ".."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := make(exports)
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p struct{ ImportPath, Export string }
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		files[p.ImportPath] = p.Export
	}
	return files
}

// importer returns an importer for one goroutine.
func (e exports) importer() types.Importer {
	return importer.ForCompiler(token.NewFileSet(), "gc", func(name string) (io.ReadCloser, error) {
		file := e[name]
		if file == "" {
			return nil, fmt.Errorf("no export data for %q", name)
		}
		return os.Open(file)
	})
}
