package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
)

// An EarlierError is the error for migrations of an earlier package that a new one cannot
// build on.
type EarlierError struct {
	Files []string // paths in the module
	Why   string   // such as "are for another database"
	Dir   string   // the directory of migrations that would do, "" if none
}

func (e *EarlierError) Error() string {
	return fmt.Sprintf("%s: migrations of an earlier package, which %s", strings.Join(e.Files, ", "), e.Why)
}

// Earlier returns the base of a new package for which an earlier package, since removed,
// left migrations in the project: databases may have its tables already. It is nil if there
// are none. Dirs are directories of migrations besides that of the answers. Emit returns
// the files of the package in the module with that path, as they would be without the
// earlier one.
//
// The error is an *EarlierError if the migrations do not fit the answers.
func Earlier(module fs.FS, modulePath string, a answers.Answers, dirs []string, emitted func() ([]emit.File, error)) (*Base, error) {
	dir := emit.InModule(a.Package, emit.MigrationsDir(a))
	found, err := headedMigrations(module, a, dir)
	if err != nil {
		return nil, err
	}
	for _, other := range dirs {
		if found != nil || other == dir {
			continue
		}
		elsewhere, err := headedMigrations(module, a, other)
		if err != nil {
			return nil, err
		}
		if elsewhere != nil {
			return nil, &EarlierError{namesOf(other, elsewhere), "are in another directory", other}
		}
	}
	if found == nil {
		return nil, nil
	}
	files, err := emitted()
	if err != nil {
		return nil, err
	}
	if why := misfit(a, found, files); why != "" {
		return nil, &EarlierError{Files: namesOf(dir, found), Why: why}
	}
	l := &lock.Lock{Version: generator.Version, Import: path.Join(modulePath, a.Package), Answers: a.Canonical()}
	for _, f := range found {
		l.Files = append(l.Files, lock.File{
			Path: path.Join(emit.MigrationsDir(a), f.Path), Class: emit.Migration, Hash: lock.Hash(f.Data), Adds: emit.PartsOf(a, f.Data),
		})
	}
	return newBase(l, a.Package)
}

// headedMigrations returns the migrations in a directory of the module that authgen wrote
// for a package with the same tables. Their paths are relative to the directory.
func headedMigrations(module fs.FS, a answers.Answers, dir string) ([]emit.File, error) {
	entries, err := fs.ReadDir(module, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []emit.File
	for _, e := range entries {
		if !isSQL(e) {
			continue
		}
		data, err := fs.ReadFile(module, path.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(data, []byte("-- "+emit.Header(emit.Migration))) && bytes.Contains(data, []byte(" "+emit.TablePrefix(a))) {
			found = append(found, emit.File{Path: e.Name(), Data: data})
		}
	}
	return found, nil
}

func namesOf(dir string, files []emit.File) []string {
	var names []string
	for _, f := range files {
		names = append(names, path.Join(dir, f.Path))
	}
	return names
}

// misfit returns why the answers cannot build on migrations, or "". Files are what would
// be emitted without them.
func misfit(a answers.Answers, found, files []emit.File) string {
	tool := answers.MigrationToolNamed(a.Migrations)
	var first bytes.Buffer
	for _, f := range files {
		if f.Class == emit.Migration {
			first.Write(f.Data)
		}
	}
	for _, f := range found {
		pair := strings.HasSuffix(f.Path, ".up.sql") || strings.HasSuffix(f.Path, ".down.sql")
		if pair != tool.Pair || !bytes.Contains(f.Data, []byte(tool.Annotation())) {
			return "are for another migration tool than " + tool.Name
		}
		for _, table := range answers.Tables() {
			was, now := emit.TableText(a, table.Name, f.Data), emit.TableText(a, table.Name, first.Bytes())
			if was != "" && now != "" && was != now {
				return fmt.Sprintf("create the table %s in another form than for %s by authgen %s",
					emit.TablePrefix(a)+table.Name, a.Database, generator.Version)
			}
		}
	}
	creates := func(f emit.File) bool { return slices.Contains(emit.PartsOf(a, f.Data), emit.UsersTable(a)) }
	if !slices.ContainsFunc(found, creates) {
		return "do not create the table " + emit.TablePrefix(a) + emit.UsersTable(a)
	}
	return ""
}
