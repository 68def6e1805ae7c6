package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing/fstest"

	"golang.org/x/mod/modfile"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/internal/older"
)

// olderProjects are what [olderProject] returned so far.
var olderProjects struct {
	sync.Mutex
	made map[string]fstest.MapFS
}

// olderProject returns the project of an example with its package as an older
// version wrote it.
func olderProject(example string) (fstest.MapFS, error) {
	olderProjects.Lock()
	defer olderProjects.Unlock()
	if project, ok := olderProjects.made[example]; ok {
		return project, nil
	}
	const dir = "internal/auth/"
	root := os.DirFS(filepath.Join("..", "..", "examples", example))
	project := make(fstest.MapFS)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		ofPackage := strings.HasPrefix(name, dir) && name != dir+generator.AnswersFile
		if err != nil || d.IsDir() || ofPackage || isIgnored(name) {
			return err
		}
		data, err := fs.ReadFile(root, name)
		project[name] = &fstest.MapFile{Data: data, Mode: 0o644}
		return err
	})
	if err != nil {
		return nil, err
	}
	a, err := generator.ParseAnswers(generator.AnswersFile, project[dir+generator.AnswersFile].Data)
	if err != nil {
		return nil, err
	}
	written, err := older.Package(project, modfile.ModulePath(project["go.mod"].Data), a)
	if err != nil {
		return nil, err
	}
	for name, data := range written {
		project[name] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	if olderProjects.made == nil {
		olderProjects.made = make(map[string]fstest.MapFS)
	}
	olderProjects.made[example] = project
	return project, nil
}
