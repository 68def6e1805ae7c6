// Package exportdata lets the go command write the export data of the packages that
// emitted code imports. Tests need it to type-check emitted code.
package exportdata

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/authgen/authgen/templates"
)

// Files are the names of files with the export data of packages, by import path. The name
// is "" for a package that is imported only for its side effects.
type Files map[string]string

// loaded caches the results of Load, by its arguments.
var loaded struct {
	sync.Mutex
	files map[string]Files
}

// Load returns the export data of all packages that the templates import, and of more
// packages. Majors maps paths of modules that the adapters import to those of other major
// versions, which may be imported instead.
//
// It is for tests in the direct subdirectories of generator.
func Load(t *testing.T, majors map[string]string, more ...string) Files {
	t.Helper()
	loaded.Lock()
	defer loaded.Unlock()
	key := fmt.Sprint(majors, more)
	if files := loaded.files[key]; files != nil {
		return files
	}
	files := make(Files)
	list := func(args ...string) {
		cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export", "-modfile=templates/adapters.mod"}, args...)...)
		cmd.Dir = "../.."
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
	for name, used := range adapterImports(t, majors) {
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
	if loaded.files == nil {
		loaded.files = make(map[string]Files)
	}
	loaded.files[key] = files
	return files
}

// adapterImports returns the packages that the adapters import, also in other major
// versions, and whether they are imported for more than their side effects.
func adapterImports(t *testing.T, majors map[string]string) map[string]bool {
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
			if !strings.HasPrefix(imported, "github.com/authgen/authgen/") {
				imports[imported] = imports[imported] || spec.Name == nil || spec.Name.Name != "_"
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for now, other := range majors {
		for name, used := range imports {
			if rest, ok := strings.CutPrefix(name, now); ok && (rest == "" || rest[0] == '/') {
				imports[other+rest] = used
			}
		}
	}
	return imports
}

// Importer returns an importer for one goroutine.
func (e Files) Importer() types.Importer {
	return effectImporter{e, importer.ForCompiler(token.NewFileSet(), "gc", func(name string) (io.ReadCloser, error) {
		file := e[name]
		if file == "" {
			return nil, fmt.Errorf("no export data for %q", name)
		}
		return os.Open(file)
	})}
}

// effectImporter returns an empty package for one that is imported only for its side
// effects, so that it need not be compiled.
type effectImporter struct {
	Files
	types.Importer
}

func (i effectImporter) Import(name string) (*types.Package, error) {
	if file, ok := i.Files[name]; ok && file == "" && name != "unsafe" {
		pkg := types.NewPackage(name, path.Base(name))
		pkg.MarkComplete()
		return pkg, nil
	}
	return i.Importer.Import(name)
}
