package generator

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/internal/directive"
)

// AppAnswers returns the defaults for a package in the application of [EmitApp],
// which has pages for the gate to know.
func AppAnswers() Answers {
	a := DefaultAnswers()
	a.Public = []string{"/login"}
	a.Protected = []string{"/dashboard", "/admin"}
	return a
}

// EmitApp returns the files of a small application around the package that the
// answers ask for, with paths relative to the root of its module. They are the
// developer's from the start: no later run looks at them. The package itself and
// go.mod are not among them.
func EmitApp(templates fs.FS, a Answers, t Target) ([]File, error) {
	const root = "apps/nethttp"
	options := a.options(t)
	var files []File
	err := fs.WalkDir(templates, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := fs.ReadFile(templates, name)
		if err != nil {
			return err
		}
		// The name of a constant that the developer's answer names.
		source = bytes.ReplaceAll(source, []byte("RoleAdmin"), []byte("Role"+GoName(a.Roles[0].Name)))
		name = strings.TrimPrefix(name, root+"/")
		specialise := directive.Text
		if path.Ext(name) == ".go" {
			specialise = directive.Go
		}
		f, ok, err := specialise(name, source, options)
		if err != nil || !ok {
			return err
		}
		files = append(files, File{f.Name, Once, f.Data})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("internal error: %w", err)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}
