package emit

import (
	"bytes"
	"cmp"
	"io/fs"
	"slices"

	"github.com/authgen/authgen/generator/answers"
)

// AppAnswers returns the default answers for the application of [App]. They name its
// pages for the gate.
func AppAnswers() answers.Answers {
	a := answers.Default()
	a.Public = []string{"/login"}
	a.Protected = []string{"/dashboard", "/admin"}
	return a
}

// App returns the files of a small application that uses the package that the answers
// describe, without the package itself and go.mod. Their paths are relative to the root
// of the module. The files belong to the developer: later runs ignore them.
func App(templates fs.FS, a answers.Answers, t Target) ([]File, error) {
	roots, err := foldersOf(templates, "apps")
	if err != nil {
		return nil, err
	}
	cut, err := specializeAll(templates, roots, optionsFor(a, t, schemaChange{}), specialize)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, f := range cut {
		// The constant is named after an answer.
		data := bytes.ReplaceAll(f.Data, []byte("RoleAdmin"), []byte("Role"+answers.GoName(a.Roles[0].Name)))
		files = append(files, File{Path: f.Path, Class: Once, Data: data})
	}
	if err := packageNameTaken(a, files); err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}
