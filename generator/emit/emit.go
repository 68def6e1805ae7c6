// Package emit turns templates and answers into files, in memory: [Package] into those of
// an auth package, [App] into those of an application around it. The result depends on
// nothing but the arguments.
package emit

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/internal/directive"
	"github.com/authgen/authgen/generator/internal/lock"
)

// Class says what a rerun does with a file.
type Class = lock.Class

const (
	// Generated files are replaced. Edits to them stop the run.
	Generated = lock.Generated
	// Yours files are the developer's to edit. Edits are never overwritten.
	Yours = lock.Yours
	// Once files are written once and never again, not even after they were deleted.
	Once = lock.Once
	// Migration files never change after they were emitted.
	Migration = lock.Migration
)

// File is one emitted file.
type File struct {
	// Path is slash-separated and relative to the package's directory or, if it starts
	// with a slash, as that of a migration may, to the root of the module.
	Path  string
	Class Class
	Data  []byte
	// Tests is the path of the generated file that this file is a unit test of, "" for
	// other files. Whether unit tests are written is up to [answers.Answers.Tests].
	Tests string
	// Adds are the parts of the schema that a migration adds: see [SchemaParts].
	Adds []string
}

// InModule converts the Path of a [File] to a path relative to the module root, for a
// package in dir.
func InModule(dir, name string) string {
	if rest, ok := strings.CutPrefix(name, "/"); ok {
		return rest
	}
	return path.Join(dir, name)
}

// Target describes the module that a package is emitted for.
type Target struct {
	// Module is the module path of the developer's project.
	Module string
	// Templates is the digest of the templates, from [Digest]. Only a plan needs it.
	Templates string
	// Tool is whether its go.mod has authgen as a tool. HasGenerateLine is whether it
	// already has a go:generate line that runs authgen; then none is emitted.
	Tool, HasGenerateLine bool
	// Migrated are the package's migrations, in the order in which they are applied.
	// They are not emitted again. If the answers need more than they add, another
	// migration is emitted.
	Migrated []Migrated
	// Moves are the removed roles whose users get another role by a migration.
	Moves []answers.RoleMove
}

// generateFile is the file with the go:generate line.
const generateFile = "doc.go"

func (t Target) generateLine() string {
	switch {
	case t.HasGenerateLine:
		return ""
	case t.Tool:
		return "\n//go:generate go tool authgen generate\n"
	}
	return "\n//go:generate authgen generate\n"
}

// The packages of the templates: the core, the application side and the test kit. Each is
// in a directory with its name.
const (
	templatePackage = "auth"
	templateWeb     = "authweb"
	templateTest    = "authtest"
	// templateImport is the import path of the core.
	templateImport = "github.com/authgen/authgen/templates/auth"
)

// packageNames returns the names of the emitted packages, by their names in the
// templates.
func packageNames(a answers.Answers) map[string]string {
	return map[string]string{templatePackage: a.PackageName, templateWeb: a.WebName(), templateTest: a.TestName()}
}

// emittedPath returns the emitted path of a template: directories are named after their
// packages.
func emittedPath(a answers.Answers, name string) string {
	dir, rest, below := strings.Cut(name, "/")
	if renamed := packageNames(a)[dir]; below && renamed != "" {
		return path.Join(renamed, rest)
	}
	return name
}

// Package returns the files of the package that the answers describe, sorted by path. The
// templates have the directories "auth", with the packages, and "adapters", whose
// subdirectories are added to auth: a file replaces the one with its name in auth, and
// directives choose among adapters' files with the same name.
//
// The files include all unit tests, whatever the answers say. Equal arguments give equal
// bytes. An error that is not about the answers is a bug in the templates.
func Package(templates fs.FS, a answers.Answers, t Target) ([]File, error) {
	return packageWith(specialize, templates, a, t)
}

// packageWith is Package with another specializer.
func packageWith(specialize specializer, templates fs.FS, a answers.Answers, t Target) ([]File, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	if err := module.CheckImportPath(path.Join(t.Module, a.Package)); err != nil {
		return nil, fmt.Errorf("package %s of module %s: %w", a.Package, t.Module, err)
	}
	change, err := newSchemaChange(a, t.Migrated)
	if err != nil {
		return nil, err
	}
	if err := change.moveRoles(a, t.Moves, t.Migrated); err != nil {
		return nil, err
	}
	options := optionsFor(a, t, change)
	adapters, err := foldersOf(templates, "adapters")
	if err != nil {
		return nil, err
	}
	cut, err := specializeAll(templates, append(adapters, templatePackage), options, specialize)
	if err != nil {
		return nil, err
	}
	replaced := make(map[string]bool)
	for _, f := range cut {
		replaced[f.Path] = replaced[f.Path] || f.root != templatePackage
	}
	var files, migrations []File
	for _, f := range cut {
		if f.root == templatePackage && replaced[f.Path] {
			continue
		}
		if f.Class == Migration {
			migrations = append(migrations, f.File)
			continue
		}
		if f.Class == "" {
			f.Class = Generated
			if path.Ext(f.Path) != ".go" {
				f.Class = Yours
			}
		}
		f.Data = withHeader(f.Path, f.Class, f.Data)
		if f.Path == generateFile {
			f.Data = append(f.Data, t.generateLine()...)
		}
		f.Path = emittedPath(a, f.Path)
		files = append(files, f.File)
	}
	if migrations, err = migrationsFor(a, migrations, t.Migrated, change); err != nil {
		return nil, err
	}
	files = append(files, migrations...)
	if err := packageNameTaken(a, files); err != nil {
		return nil, err
	}
	for _, f := range declaredFiles {
		if f.needs != "" && !options.Tags[f.needs] {
			continue
		}
		source, err := renderDeclarations(f.declare, a)
		if err != nil {
			return nil, err
		}
		cut, _, err := directive.Go(f.name, source, directive.Options{NumberPlaceholders: options.NumberPlaceholders})
		if err != nil {
			return nil, fmt.Errorf("internal error: %w", err)
		}
		files = append(files, File{Path: f.name, Class: Generated, Data: withHeader(f.name, Generated, cut.Data)})
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	for i := range files[1:] {
		if files[i].Path == files[i+1].Path {
			return nil, fmt.Errorf("internal error: two templates are emitted as %s", files[i].Path)
		}
	}
	for _, f := range files {
		if f.Tests != "" && !slices.ContainsFunc(files, func(tested File) bool { return tested.Path == f.Tests && tested.Class == Generated }) {
			return nil, fmt.Errorf("internal error: %s is the unit test of %s, which is not a generated file for these answers", f.Path, f.Tests)
		}
	}
	return files, nil
}

// packageNameTaken returns an error if another emitted package declares the name of the
// core at the top level: its files could not import the core by that name.
func packageNameTaken(a answers.Answers, files []File) error {
	if a.PackageName == templatePackage {
		return nil // as in the templates
	}
	for _, f := range files {
		if path.Ext(f.Path) != ".go" || !bytes.Contains(f.Data, []byte(a.PackageName)) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Data, 0)
		if err != nil {
			return fmt.Errorf("internal error: %w", err)
		}
		if file.Name.Name != a.PackageName && file.Scope.Lookup(a.PackageName) != nil {
			return answers.Problems{{Path: "package_name", Message: fmt.Sprintf("%q is declared in %s, in a package that imports this one; choose another name, such as %q",
				a.PackageName, f.Path, a.PackageName+"auth")}}
		}
	}
	return nil
}

// Digest returns the SHA-256 of the templates, in hex. The lock has it to distinguish
// builds of the same version.
func Digest(templates fs.FS) (string, error) {
	all := sha256.New()
	err := fs.WalkDir(templates, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templates, name)
		_, _ = fmt.Fprintf(all, "%s\n%x\n", name, sha256.Sum256(data))
		return err
	})
	return hex.EncodeToString(all.Sum(nil)), err
}

// headers are the first lines of the files, by class.
var headers = map[Class]string{
	Generated: "Code generated by authgen. DO NOT EDIT.",
	Yours:     "Written by authgen. Yours to edit; \"authgen upgrade\" merges.",
	Once:      "Written once by authgen. Yours.",
	Migration: "Written by authgen. To change the tables, add another migration.",
}

// Header returns the text of the comment in the first line of a file of that class.
func Header(class Class) string { return headers[class] }

func withHeader(name string, class Class, data []byte) []byte {
	header := headers[class]
	switch path.Ext(name) {
	case ".go":
		header = "// " + header + "\n\n"
	case ".sql":
		header = "-- " + header + "\n\n"
	case ".md":
		header = "<!-- " + header + " -->\n\n"
	default:
		header = "# " + header + "\n\n"
	}
	return append([]byte(header), strings.TrimLeft(string(data), "\n")...)
}
