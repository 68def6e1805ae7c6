package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/tree"
)

// Unchanged returns the plan of a package that is up to date, without emitting it: the
// lock was written for the same templates, answers and target, and each file is as the
// lock says. Otherwise it returns nil, and [New] must be called. The target needs no
// Migrated.
//
// Unchanged trusts the hashes in the lock. If somebody edited a generated file and the
// lock together, only New finds that.
func (b *Base) Unchanged(module fs.FS, a answers.Answers, t emit.Target) (*Plan, error) {
	if !b.EmittedBy(t.Templates) || !b.EmittedFor(a) || b.called != "" || len(t.Moves) > 0 ||
		b.lock.Import != path.Join(t.Module, a.Package) {
		return nil, nil
	}
	hasSum := slices.ContainsFunc(b.lock.Files, func(f lock.File) bool { return isSum(f.Path) })
	read, err := inputs(module, a, t, hasSum, nil)
	if err != nil || read != b.lock.Inputs {
		return nil, err
	}
	p := &Plan{Dir: a.Package, conflict: Fail, lock: b.text, oldLock: b.text}
	p.Steps = append(p.Steps, Step{Path: answers.FileName, At: answers.FileName, Class: emit.Yours, Action: Identical})
	for _, f := range b.lock.Files {
		s, ok, err := unchangedStep(module, a.Package, f)
		if err != nil || !ok {
			return nil, err
		}
		p.Steps = append(p.Steps, s)
	}
	slices.SortFunc(p.Steps, func(a, b Step) int { return cmp.Compare(a.Path, b.Path) })
	return p, nil
}

// unchangedStep returns the step for a file of the lock. The result is false if the lock
// is not enough to decide about the file.
func unchangedStep(module fs.FS, dir string, f lock.File) (Step, bool, error) {
	s := Step{Path: f.Path, At: at(f), Class: f.Class, Action: Identical}
	developers := f.Class == emit.Yours || f.Class == emit.Once
	full := emit.InModule(dir, s.At)
	info, err := fs.Stat(module, full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.Action, s.Note = Keep, deletedNote
		return s, developers && f.State == lock.Deleted, nil
	case err != nil:
		return s, false, err
	case f.State != "" || !info.Mode().IsRegular():
		return s, false, nil
	}
	if s.old, err = fs.ReadFile(module, full); err != nil {
		return s, false, err
	}
	s.onDisk = true
	if lock.Hash(s.old) != f.Hash {
		s.Action = Keep
		return s, developers, nil
	}
	return s, true, nil
}

// inputs returns the digest of everything that emission depends on except the templates,
// the answers and the package's own migrations as recorded in the lock. Changes are those
// that are about to be made to the module. HasSum is whether the package has a file with
// the checksums of the directory of migrations.
func inputs(module fs.FS, a answers.Answers, t emit.Target, hasSum bool, changes []tree.Change) (string, error) {
	all := sha256.New()
	_, _ = fmt.Fprintf(all, "module %q\ntool %t\nruns %t\n", t.Module, t.Tool, t.HasGenerateLine)
	if hasSum {
		hashes, err := hashMigrations(module, emit.InModule(a.Package, emit.MigrationsDir(a)), changes)
		if err != nil {
			return "", err
		}
		for _, name := range slices.Sorted(maps.Keys(hashes)) {
			_, _ = fmt.Fprintf(all, "%q %s\n", name, hashes[name])
		}
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

// hashMigrations returns the hashes of the SQL files in a directory of the module by
// their names, once the changes are made.
func hashMigrations(module fs.FS, dir string, changes []tree.Change) (map[string]string, error) {
	hashes := make(map[string]string)
	entries, err := fs.ReadDir(module, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if !isSQL(e) {
			continue
		}
		data, err := fs.ReadFile(module, path.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		hashes[e.Name()] = lock.Hash(data)
	}
	for _, c := range changes {
		switch name := path.Base(c.Path); {
		case path.Dir(c.Path) != dir || path.Ext(name) != ".sql":
		case c.Remove:
			delete(hashes, name)
		default:
			hashes[name] = lock.Hash(c.Data)
		}
	}
	return hashes, nil
}

// isSQL reports whether a file may be a migration.
func isSQL(e fs.DirEntry) bool { return e.Type().IsRegular() && path.Ext(e.Name()) == ".sql" }

// isSum reports whether a file holds the checksums of the migrations in its directory.
func isSum(name string) bool { return answers.IsSums(path.Base(name)) }
