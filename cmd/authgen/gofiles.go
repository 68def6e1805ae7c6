package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/authgen/authgen/generator/project"
)

// goFiles parses the Go files of a project, and calls visit for each with a function that
// returns the place of a position. For a file that does not parse, it calls failed instead,
// unless that is nil. It skips what cannot be read, and directories that belong to no build.
func goFiles(project *project.Project, mode parser.Mode, visit func(file *ast.File, at func(token.Pos) string), failed func(error)) error {
	module := os.DirFS(project.Root)
	return fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			return nil
		case d.IsDir() && name != "." && !isBuilt(module, name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(module, name)
		if err != nil {
			return nil //nolint:nilerr // it is skipped
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, mode)
		switch {
		case err == nil:
			visit(file, func(pos token.Pos) string { return fmt.Sprintf("%s:%d", name, fset.Position(pos).Line) })
		case failed != nil:
			failed(err)
		}
		return nil
	})
}

// isBuilt reports whether a directory may have packages of the module.
func isBuilt(module fs.FS, dir string) bool {
	base := path.Base(dir)
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "vendor" || base == "testdata" || base == "node_modules" {
		return false
	}
	_, err := fs.Stat(module, path.Join(dir, "go.mod"))
	return err != nil // otherwise it is another module
}

// unparsed prints which Go files of the project do not parse. They cannot say anything
// about the project, nor keep a new package from being written.
func (c *cli) unparsed(project *project.Project) error {
	return goFiles(project, parser.SkipObjectResolution, func(*ast.File, func(token.Pos) string) {}, func(err error) {
		c.say("%v; authgen does not look into this file, and the application does not build with it", err)
	})
}
