// Package tree writes files below one directory, all of them or none.
//
// A run stages everything in a directory of its own and then renames file by
// file. Before the first rename it writes a journal there, from which a run
// that fails undoes what it did, and from which the next run undoes what a
// killed one did. The removal of the journal is the moment at which the new
// tree counts.
package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
)

// Change is one file to write or to remove.
type Change struct {
	Path   string      // slash separated, relative to the root
	Data   []byte      // what the file is to hold
	Remove bool        // remove the file instead
	Mode   fs.FileMode // of a new file, less the umask; 0 means 0o644. An existing file keeps its mode

	// Old and OldExists are what the change was planned from. If the disk holds
	// anything else, nothing is written.
	Old       []byte
	OldExists bool
}

// Apply makes the changes in the order given, or none of them. The file that
// says that the others are there belongs last.
//
// Missing directories are created; directories that a removal leaves empty are
// removed. A symbolic link is followed and stays, if it leads to a place below
// root; any other is refused. So are read-only files and directories, a path
// that occurs twice or is the parent of another, and removing a link or what
// is not there.
//
// Stage is the directory to work in, relative to root, for this purpose only
// and in the file system of the files. Apply creates and removes it, and undoes
// first what a killed run left there; since that changes files, call [Recover]
// before planning. A second run at the same time is an error that names the
// process of the first.
//
// If Apply fails, the tree is what it was. The one exception, undoing fails
// too, is said in the error and left to the next run.
func Apply(root *os.Root, stage string, changes []Change) error {
	return apply(disk{root: root}, stage, changes)
}

// Recover undoes what a killed run of Apply left behind, and reports whether
// files were put back. It refuses to overwrite a file that was edited since.
// Without leftovers it does nothing.
func Recover(root *os.Root, stage string) (bool, error) {
	return recoverRun(disk{root: root}, stage)
}

func apply(d disk, stage string, changes []Change) error {
	r, err := begin(d, stage)
	if err != nil {
		return err
	}
	defer r.release()
	if _, err := r.cleanUp(); err != nil {
		return err
	}
	if err := r.write(changes); err != nil {
		if undo := r.restore(); undo != nil {
			r.abandon()
			return fmt.Errorf("%w; undoing what was written failed as well: %w; "+
				"run authgen again to undo it from %q", err, undo, r.stage)
		}
		return errors.Join(err, r.end())
	}
	// The changes are made. What cannot be cleaned up now is cleaned up by the
	// next run.
	_ = r.end()
	return nil
}

func recoverRun(d disk, stage string) (bool, error) {
	if _, err := d.root.Lstat(stage); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	r, err := begin(d, stage)
	if err != nil {
		return false, err
	}
	defer r.release()
	restored, err := r.cleanUp()
	if err != nil {
		return false, err
	}
	return restored, r.end()
}

// run is one transaction. It holds the lock from begin to release.
type run struct {
	disk
	stage   string
	journal journal
	release func()
}

// The files in the stage directory, besides one staged and one saved for each
// entry of the journal.
const (
	lockName    = "lock"
	journalName = "journal"
	draftName   = "journal-draft"
)

func (r *run) in(name string) string { return r.stage + "/" + name }
func (r *run) staged(i int) string   { return fmt.Sprintf("%s/new-%d", r.stage, i) }
func (r *run) saved(i int) string    { return fmt.Sprintf("%s/old-%d", r.stage, i) }

func (r *run) exists(name string) bool {
	_, err := r.root.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// begin makes the stage directory and takes the lock in it.
func begin(d disk, stage string) (*run, error) {
	if !fs.ValidPath(stage) || stage == "." {
		return nil, fmt.Errorf("stage directory %q is not a path below the root", stage)
	}
	name, err := d.resolve(stage)
	if err != nil {
		return nil, err
	}
	r := &run{disk: d, stage: name}
	for tries := 1; ; tries++ {
		made, err := r.mkdirs(append(parents(r.stage), r.stage))
		r.journal.Made = append(r.journal.Made, made...)
		if err == nil {
			err = r.acquire()
		}
		if err == nil {
			return r, nil
		}
		// A run that just ended takes the directories with it: try again.
		if !errors.Is(err, fs.ErrNotExist) || tries == 100 {
			return nil, errors.Join(err, r.prune(r.journal.Made))
		}
	}
}

func (r *run) acquire() error {
	return r.do("lock", r.in(lockName), func() (err error) {
		r.release, err = acquire(r.root, r.in(lockName))
		return err
	})
}

// busy is the error of acquire when another run holds the lock.
func busy(root *os.Root, name string) error {
	by := ""
	if pid, err := root.ReadFile(name); err == nil && len(pid) > 0 {
		by = fmt.Sprintf(" (process %.20s)", bytes.TrimSpace(pid))
	}
	return fmt.Errorf("another run of authgen%s is writing here: wait until it is done", by)
}

// write does everything up to the point where the changes count.
func (r *run) write(changes []Change) error {
	modes, err := r.check(changes)
	if err != nil {
		return err
	}
	for i, c := range changes {
		if c.Remove {
			continue
		}
		if err := r.create(r.staged(i), c.Data, modes[i], c.OldExists); err != nil {
			return fmt.Errorf("staging %q: %w", c.Path, err)
		}
		if !c.OldExists {
			continue
		}
		if err := r.create(r.saved(i), c.Old, modes[i], true); err != nil {
			return fmt.Errorf("saving %q: %w", c.Path, err)
		}
	}
	if err := r.saveJournal(); err != nil {
		return err
	}
	if _, err := r.mkdirs(r.journal.Made); err != nil {
		return err
	}
	for i, c := range changes {
		e := r.journal.Entries[i]
		if _, err := r.unchanged(e.Path, c); err != nil {
			return err
		}
		from, to, doing := r.staged(i), e.Path, "writing"
		if c.Remove {
			from, to, doing = e.Path, r.saved(i), "removing"
		}
		if err := r.rename(from, to); err != nil {
			return fmt.Errorf("%s %q: %w", doing, c.Path, err)
		}
	}
	if err := r.prune(r.journal.emptied()); err != nil {
		return err
	}
	r.syncDirs()
	return r.remove(r.in(journalName))
}

// check refuses what can be refused while nothing is written, and fills the
// journal. It returns the mode of each file.
func (r *run) check(changes []Change) ([]fs.FileMode, error) {
	modes := make([]fs.FileMode, len(changes))
	given := map[string]string{} // by where the path leads
	emptied := map[string]fs.FileMode{}
	made := map[string]bool{}
	for _, dir := range r.journal.Made {
		made[dir] = true
	}
	entries := make([]entry, len(changes))
	for i, c := range changes {
		if !fs.ValidPath(c.Path) || c.Path == "." || strings.ContainsAny(c.Path, "\\\x00") {
			return nil, fmt.Errorf("%q is not a slash separated path below the root", c.Path)
		}
		name, err := r.resolve(c.Path)
		if err != nil {
			return nil, err
		}
		if name == r.stage || strings.HasPrefix(name, r.stage+"/") {
			return nil, fmt.Errorf("%q is in the stage directory %q", c.Path, r.stage)
		}
		if other, ok := given[name]; ok {
			return nil, fmt.Errorf("%q and %q are the same file", other, c.Path)
		}
		given[name] = c.Path
		info, err := r.unchanged(name, c)
		if err != nil {
			return nil, err
		}
		switch {
		case c.Remove && info == nil:
			return nil, fmt.Errorf("%q cannot be removed: it does not exist", c.Path)
		case c.Remove && r.isLink(c.Path):
			return nil, fmt.Errorf("%q is a symbolic link: remove it by hand", c.Path)
		case info != nil && info.Mode()&0o200 == 0:
			return nil, fmt.Errorf("%q is read-only: make it writable first", c.Path)
		case info != nil:
			modes[i] = info.Mode()
		case c.Mode != 0:
			modes[i] = c.Mode.Perm()
		default:
			modes[i] = 0o644
		}
		entries[i] = entry{Path: name, Existed: info != nil}
		if !c.Remove {
			entries[i].New = hash(c.Data)
		}
		if err := r.checkDirs(name, c.Remove, made, emptied); err != nil {
			return nil, fmt.Errorf("%q: %w", c.Path, err)
		}
	}
	for name := range given {
		for _, dir := range parents(name) {
			if other, ok := given[dir]; ok {
				return nil, fmt.Errorf("%q cannot be a file and the directory of %q", other, given[name])
			}
		}
	}
	r.journal.Entries = entries
	r.journal.Made = slices.Sorted(maps.Keys(made))
	for _, dir := range slices.Sorted(maps.Keys(emptied)) {
		r.journal.Emptied = append(r.journal.Emptied, dirMode{dir, emptied[dir]})
	}
	return modes, nil
}

// checkDirs looks at the directories that lead to a file, and adds those that
// will be made or may be emptied.
func (r *run) checkDirs(name string, remove bool, made map[string]bool, emptied map[string]fs.FileMode) error {
	last, mode := ".", fs.FileMode(0o700)
	for _, dir := range append([]string{"."}, parents(name)...) {
		info, err := r.root.Lstat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			made[dir] = true
			continue
		}
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%q is not a directory", dir)
		}
		last, mode = dir, info.Mode()
		if remove && dir != "." {
			emptied[dir] = mode
		}
	}
	// The bit of a directory means something else on Windows. Who may write
	// where bits allow it is for the rename to find out.
	if runtime.GOOS != "windows" && mode&0o200 == 0 {
		return fmt.Errorf("directory %q is read-only: make it writable first", last)
	}
	return nil
}

// unchanged returns the file at name, nil if there is none, and an error if it
// is not what c was planned from.
func (r *run) unchanged(name string, c Change) (fs.FileInfo, error) {
	data, info, err := r.look(name)
	if err != nil {
		return nil, err
	}
	if exists := info != nil; exists != c.OldExists || exists && !bytes.Equal(data, c.Old) {
		return nil, fmt.Errorf("%q changed while authgen was running: run it again", c.Path)
	}
	return info, nil
}

func (r *run) isLink(name string) bool {
	info, err := r.root.Lstat(name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// abandon leaves the stage directory to the next run.
func (r *run) abandon() { _ = r.remove(r.in(lockName)) }

// end removes the stage directory and the directories that are empty for it.
func (r *run) end() error {
	if err := r.sweep(); err != nil {
		return err
	}
	if err := r.remove(r.in(lockName)); err != nil {
		return err
	}
	return errors.Join(r.prune([]string{r.stage}), r.prune(r.journal.emptied()), r.prune(r.journal.Made))
}

// syncDirs syncs every directory that the run changes.
func (r *run) syncDirs() {
	dirs := map[string]bool{r.stage: true}
	for _, e := range r.journal.Entries {
		dirs[path.Dir(e.Path)] = true
	}
	for _, dir := range r.journal.Made {
		dirs[path.Dir(dir)] = true
	}
	for dir := range dirs {
		r.syncDir(dir)
	}
}
