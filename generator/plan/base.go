package plan

import (
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
	"github.com/authgen/authgen/generator/project"
)

// The errors of [ReadBase] for a lock that cannot be used. [ResolveLock] and [LockFor]
// help to restore it.
var (
	ErrDamaged  = lock.ErrDamaged  // it was truncated, edited or forged
	ErrConflict = lock.ErrConflict // git left conflict markers in it
)

// SchemaError is the error of [ReadBase] for a lock in a newer format than this
// authgen knows.
type SchemaError = lock.SchemaError

// Base is what authgen emitted last for a package, as recorded in authgen.lock. A nil
// *Base means that nothing was emitted.
type Base struct {
	lock    *lock.Lock
	text    []byte // of authgen.lock
	answers answers.Answers
	files   map[string]lock.File
	called  string // the package's name in the paths, if not the one it was emitted with
}

// ReadBase reads the lock of the package in a directory of the module. It returns nil if
// there is no lock.
//
// ReadBase trusts nothing in a lock. The error is, or wraps, ErrDamaged, ErrConflict or a
// *SchemaError.
func ReadBase(module fs.FS, dir string) (*Base, error) {
	name := path.Join(dir, LockFile)
	text, err := fs.ReadFile(module, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l, err := lock.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b, err := newBase(l, dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b.text = text
	return b, nil
}

func newBase(l *lock.Lock, dir string) (*Base, error) {
	b := &Base{lock: l, files: make(map[string]lock.File, len(l.Files))}
	for _, f := range l.Files {
		for _, name := range []string{f.Path, f.At} {
			inPackage := strings.TrimPrefix(emit.InModule(dir, name), dir+"/")
			first, _, _ := strings.Cut(inPackage, "/")
			if strings.EqualFold(inPackage, answers.FileName) || strings.EqualFold(inPackage, LockFile) || strings.EqualFold(first, project.StageDir) {
				return nil, fmt.Errorf("%w: it lists %s", ErrDamaged, name)
			}
		}
		b.files[f.Path] = f
	}
	var err error
	if b.answers, err = answers.ParseEmitted(LockFile, l.Answers); err != nil {
		return nil, fmt.Errorf("%w: its answers: %w", ErrDamaged, err)
	}
	return b, nil
}

// Version returns the version of the authgen that emitted the package, "" for a nil Base.
func (b *Base) Version() string {
	if b == nil {
		return ""
	}
	return b.lock.Version
}

// EmittedBy reports whether this version of authgen emitted the package, from templates
// with that digest. Development builds of one version can have different templates.
func (b *Base) EmittedBy(templates string) bool {
	return b != nil && b.lock.Version == generator.Version && b.lock.Templates == templates
}

// EmittedFor reports whether the package was emitted for these answers.
func (b *Base) EmittedFor(a answers.Answers) bool { return b != nil && b.answers.Hash() == a.Hash() }

// Answers returns the answers that the package was emitted for, false for a nil Base.
func (b *Base) Answers() (answers.Answers, bool) {
	if b == nil {
		return answers.Answers{}, false
	}
	return b.answers, true
}

// ReadAnswers reads the package's authgen.yaml. If the package is of another version, keys
// that are missing from the file have the answers that the package was emitted for.
func (b *Base) ReadAnswers(file string, text []byte) (answers.Answers, error) {
	if b == nil || b.lock.Version == generator.Version {
		return answers.Parse(file, text)
	}
	return answers.ParseOlder(file, text, b.answers)
}

// Unresolved returns the paths of the files with unresolved conflicts, sorted.
func (b *Base) Unresolved() []string {
	if b == nil {
		return nil
	}
	var paths []string
	for _, f := range b.lock.Files {
		if f.State == lock.Conflict {
			paths = append(paths, f.Path)
		}
	}
	slices.Sort(paths)
	return paths
}

// packageID returns the import path and name that the package had when it was emitted.
func (b *Base) packageID() packageID {
	if b == nil {
		return packageID{}
	}
	return packageID{b.lock.Import, b.answers.PackageName}
}

// Migrated returns the migrations, for [emit.Target], that a package for the answers
// would extend: the emitted ones, and the developer's own in the same directory. There are
// none if the answers have another database, migration tool, directory, number or prefix
// of tables, or if the package applies its migrations itself and all were deleted.
func (b *Base) Migrated(module fs.FS, a answers.Answers) ([]emit.Migrated, error) {
	if b == nil {
		return nil, nil
	}
	was := b.answers
	if was.Database != a.Database {
		return nil, nil
	}
	var migrated []emit.Migrated
	ours := make(map[string]bool)
	left := false
	for _, f := range b.lock.Files {
		if f.Class != emit.Migration {
			continue
		}
		m := emit.Migrated{Path: f.Path, Adds: f.Adds}
		full := emit.InModule(a.Package, at(f))
		data, err := fs.ReadFile(module, full)
		switch {
		case err == nil:
			left, m.Data = true, data
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		case was.Migrates():
			continue // nothing else creates its tables
		}
		ours[full] = true
		migrated = append(migrated, m)
	}
	if migrationsMoved(was, a) || !left && a.Migrates() {
		return nil, nil // a plan refuses what exists
	}
	dir := emit.InModule(a.Package, emit.MigrationsDir(a))
	entries, err := fs.ReadDir(module, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if full := path.Join(dir, e.Name()); isSQL(e) && !ours[full] {
			data, err := fs.ReadFile(module, full)
			if err != nil {
				return nil, err
			}
			migrated = append(migrated, emit.Migrated{Path: path.Join(emit.MigrationsDir(a), e.Name()), Data: data})
		}
	}
	return migrated, nil
}

// migrationsMoved reports whether migrations for b have another form or place than those
// for a.
func migrationsMoved(a answers.Answers, b answers.Answers) bool {
	return a.Migrations != b.Migrations || a.MigrationsDir != b.MigrationsDir ||
		a.MigrationsVersion != b.MigrationsVersion || a.Name != b.Name
}

// at returns the current path of a file of the lock.
func at(f lock.File) string {
	if f.At != "" {
		return f.At
	}
	return f.Path
}

// Paths returns the current paths of the emitted files, by the path of their [emit.File].
// The two differ for files that the developer moved.
func (b *Base) Paths() map[string]string {
	paths := make(map[string]string)
	if b != nil {
		for _, f := range b.lock.Files {
			paths[f.Path] = at(f)
		}
	}
	return paths
}
