// Package exportdata has the go command make the export data of what emitted code
// imports, so that tests can type-check it.
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

// Files are the files with the export data of packages, by import path. A
// package that is imported for its effect alone has none: "".
type Files map[string]string

// loaded is what Load has returned, by its arguments.
var loaded struct {
	sync.Mutex
	files map[string]Files
}

// Load returns the export data of all that the templates import, and of more packages,
// which the go command makes. Majors are the paths of other major versions of what the
// adapters import, which may be imported in its place.
//
// It is for tests in the directories right below that of the generator.
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

// adapterImports returns the packages that the adapters import, those of other major
// versions too, and whether they are imported for more than their effect.
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

// effectImporter makes an empty package of one that is imported for its effect
// alone, which spares compiling it.
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
