package generator

import (
	"bytes"
	"cmp"
	"io/fs"
	"slices"
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
	roots, err := foldersOf(templates, "apps")
	if err != nil {
		return nil, err
	}
	cut, err := cutTemplates(templates, roots, a.options(t, schemaChange{}))
	if err != nil {
		return nil, err
	}
	var files []File
	for _, f := range cut {
		// The name of a constant that the developer's answer names.
		data := bytes.ReplaceAll(f.Data, []byte("RoleAdmin"), []byte("Role"+goName(a.Roles[0].Name)))
		files = append(files, File{Path: f.Path, Class: Once, Data: data})
	}
	if err := a.packageNameTaken(files); err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}
