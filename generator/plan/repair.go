package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/tree"
	"github.com/authgen/authgen/generator/project"
)

// ResolveLock merges the two sides of a conflict that git left in a lock, and returns the
// text of the result. Sides are the lock at the merge base, ours and theirs, as git has
// them; without them, ResolveLock takes the sides from the conflict markers.
func ResolveLock(text []byte, sides [3][]byte) ([]byte, error) {
	l, err := mergeSides(sides)
	if err != nil {
		l, err = lock.Resolve(text)
	}
	if err != nil {
		return nil, err
	}
	if _, err := newBase(l, "."); err != nil {
		return nil, err
	}
	return l.Format()
}

func mergeSides(sides [3][]byte) (*lock.Lock, error) {
	var locks [3]*lock.Lock
	for i, text := range sides {
		if i == 0 && text == nil {
			continue
		}
		l, err := lock.Parse(text)
		if err != nil {
			return nil, err
		}
		locks[i] = l
	}
	return lock.Merge(locks[0], locks[1], locks[2])
}

// LockFits returns an error if the generated files and migrations in the package's
// directory of the module differ from those of a lock. With such a lock, authgen's changes
// would be taken for the developer's, or the other way around.
func LockFits(module fs.FS, dir string, text []byte) error {
	l, err := lock.Parse(text)
	if err != nil {
		return err
	}
	b, err := newBase(l, dir)
	if err != nil {
		return err
	}
	differ, example := 0, ""
	for _, f := range l.Files {
		if f.Class != emit.Generated && f.Class != emit.Migration || f.State == lock.Deleted {
			continue
		}
		data, err := fs.ReadFile(module, emit.InModule(dir, at(f)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if HasMarkers(data) {
			continue // git left a conflict in this file, too
		}
		if err != nil || !b.Fits(f.Path, data) {
			differ++
			example = f.Path
		}
	}
	if differ > 0 {
		return fmt.Errorf("%d files that are not yours to edit differ, such as %s", differ, example)
	}
	return nil
}

// LockFor adapts the lock of a new package to an existing package, which has migrations:
// those in its directory of migrations that have authgen's header replace the one that
// authgen would write today.
func LockFor(module fs.FS, a answers.Answers, text []byte) ([]byte, error) {
	l, err := lock.Parse(text)
	if err != nil {
		return nil, err
	}
	dir := emit.InModule(a.Package, emit.MigrationsDir(a))
	entries, err := fs.ReadDir(module, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var found []lock.File
	made := make(map[string]bool)
	for _, e := range entries {
		data, err := fs.ReadFile(module, path.Join(dir, e.Name()))
		if err != nil || !bytes.HasPrefix(data, []byte("-- "+emit.Header(emit.Migration))) {
			continue
		}
		f := lock.File{Path: path.Join(emit.MigrationsDir(a), e.Name()), Class: emit.Migration, Hash: lock.Hash(data)}
		if i := slices.IndexFunc(l.Files, func(made lock.File) bool { return made.Path == f.Path && made.Hash == f.Hash }); i >= 0 {
			f.Adds = l.Files[i].Adds
		} else {
			f.Adds = emit.PartsOf(a, data)
		}
		for _, part := range f.Adds {
			made[part] = true
		}
		found = append(found, f)
	}
	if found == nil {
		return text, nil
	}
	// The lock is for today's answers, so the existing migrations must have added the
	// other parts as well.
	for _, part := range emit.SchemaParts(a) {
		if !made[part] {
			found[0].Adds = append(found[0].Adds, part)
		}
	}
	slices.Sort(found[0].Adds)
	l.Files = slices.DeleteFunc(l.Files, func(f lock.File) bool { return f.Class == emit.Migration })
	l.Files = append(l.Files, found...)
	return l.Format()
}

// WriteLock replaces the lock old, nil if there is none, with text.
func WriteLock(root *os.Root, dir string, old, text []byte) error {
	return tree.Apply(root, path.Join(dir, project.StageDir), []tree.Change{
		{Path: path.Join(dir, LockFile), Data: text, Old: old, OldExists: old != nil},
	})
}

// LockVersion returns the version of authgen that wrote a damaged lock, "" if unknown.
func LockVersion(text []byte) string { return lock.WrittenBy(text) }

// Class returns the class of an emitted file, or "" for another file. The class of a file
// that the developer took over is Yours.
func (b *Base) Class(name string) emit.Class {
	if b == nil {
		return ""
	}
	return b.files[name].Class
}

// Owned reports whether the developer took over a generated file.
func (b *Base) Owned(name string) bool { return b != nil && b.files[name].Owned }

// Fits reports whether text is what was emitted last for the file.
func (b *Base) Fits(name string, text []byte) bool {
	f, ok := b.files[name]
	return ok && text != nil && lock.Hash(text) == f.Hash
}
