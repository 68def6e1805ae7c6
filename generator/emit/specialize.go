package emit

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/authgen/authgen/generator/internal/directive"
)

// cutFile is a template specialized to the answers, and the root where it was found.
type cutFile struct {
	File
	root string
}

// specializeAll returns the templates below the roots, specialized to the options. Paths
// are relative to the roots, and a class is set if the template names one. Templates that
// are replaced by rendered declarations are left out.
func specializeAll(templates fs.FS, roots []string, o directive.Options, specialize specializer) ([]cutFile, error) {
	type template struct{ root, name, path string }
	var all []template
	for _, root := range roots {
		err := fs.WalkDir(templates, root, func(name string, d fs.DirEntry, err error) error {
			if emitted := strings.TrimPrefix(name, root+"/"); err == nil && !d.IsDir() && !isDeclared(emitted) {
				all = append(all, template{root, name, emitted})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}

	// In parallel, since parsing and formatting take most of the time.
	files := make([]*cutFile, len(all))
	errs := make([]error, len(all))
	cut := func(i int) {
		source, err := fs.ReadFile(templates, all[i].name)
		if err != nil {
			errs[i] = err
			return
		}
		isGo := path.Ext(all[i].path) == ".go"
		switch {
		case isGo && o.Excludes(source):
			return
		case !o.Touches(source):
			files[i] = &cutFile{File{Path: all[i].path, Data: source}, all[i].root}
			return
		}
		f, ok, err := specialize(all[i].path, source, o)
		if err != nil {
			errs[i] = fmt.Errorf("internal error: %w", err)
		} else if ok {
			files[i] = &cutFile{File{Path: f.Name, Class: Class(f.Class), Data: f.Data, Tests: f.Unit}, all[i].root}
		}
	}
	var workers sync.WaitGroup
	for i := range all {
		workers.Go(func() { cut(i) })
	}
	workers.Wait()
	var kept []cutFile
	for _, f := range files {
		if f != nil {
			kept = append(kept, *f)
		}
	}
	return kept, errors.Join(errs...)
}

// A specializer makes a file from a template. The result is false if the template is left
// out.
type specializer func(name string, source []byte, o directive.Options) (directive.File, bool, error)

// specialize is the usual specializer. Tests that emit many packages use one with a cache.
func specialize(name string, source []byte, o directive.Options) (directive.File, bool, error) {
	if path.Ext(name) == ".go" {
		return directive.Go(name, source, o)
	}
	return directive.Text(name, source, o)
}

// foldersOf returns the paths of the directories in dir.
func foldersOf(templates fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(templates, dir)
	var folders []string
	for _, d := range entries {
		if d.IsDir() {
			folders = append(folders, path.Join(dir, d.Name()))
		}
	}
	return folders, err
}

// isDeclared reports whether a template is replaced by declarations that are rendered from
// the answers. It only exists for the others to compile in place.
func isDeclared(name string) bool {
	for _, f := range declaredFiles {
		if f.name == name {
			return true
		}
	}
	return false
}
