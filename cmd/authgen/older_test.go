package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing/fstest"

	"golang.org/x/mod/modfile"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/older"
)

// projects has, by name, functions that make the results of [sampleProject] and
// [olderProject] once.
var projects sync.Map

// once calls make for a name the first time, and later returns the same project.
func once(name string, make func() (fstest.MapFS, error)) (fstest.MapFS, error) {
	made, _ := projects.LoadOrStore(name, sync.OnceValues(make))
	return made.(func() (fstest.MapFS, error))()
}

// sampleProject returns the project of an example, made again.
func sampleProject(example string) (fstest.MapFS, error) {
	return once("sample "+example, func() (fstest.MapFS, error) {
		scratch, err := os.MkdirTemp("", "authgen-")
		if err != nil {
			return nil, err
		}
		defer func() { _ = os.RemoveAll(scratch) }()
		dir := filepath.Join(scratch, example)
		stderr := new(bytes.Buffer)
		c := &cli{stdout: io.Discard, stderr: stderr}
		if status := c.run(append([]string{"new", dir, "--module=example.com/" + example}, exampleFlags(example)...)); status != exitDone {
			return nil, fmt.Errorf("authgen new exits with %d: %s", status, stderr)
		}
		project, err := readFiles(dir)
		for name := range project {
			if isIgnored(name) {
				delete(project, name)
			}
		}
		return project, err
	})
}

// olderProject returns the project of an example with its package as an older
// version wrote it.
func olderProject(example string) (fstest.MapFS, error) {
	sample, err := sampleProject(example)
	if err != nil {
		return nil, err
	}
	return once("older "+example, func() (fstest.MapFS, error) {
		const dir = "internal/auth"
		project := make(fstest.MapFS)
		for name, f := range sample {
			if !strings.HasPrefix(name, dir+"/") {
				project[name] = f
			}
		}
		file := sample[dir+"/"+answers.FileName]
		project[dir+"/"+answers.FileName] = file
		a, err := answers.Parse(answers.FileName, file.Data)
		if err != nil {
			return nil, err
		}
		written, err := older.Package(project, modfile.ModulePath(project["go.mod"].Data), a)
		for name, data := range written {
			project[name] = &fstest.MapFile{Data: data, Mode: 0o644}
		}
		return project, err
	})
}
