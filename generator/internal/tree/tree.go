// Package tree writes files below one directory, all of them or none.
//
// A run stages everything in a directory of its own and then renames file by file. Before
// the first rename, it writes a journal to that directory. A run that fails uses the
// journal to undo what it did, and the next run uses it to undo a killed run. A run
// commits by removing the journal.
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
	Data   []byte      // new content of the file
	Remove bool        // whether to remove the file instead
	Mode   fs.FileMode // of a new file, before the umask; 0 means 0o644. Others keep their mode

	// Old and OldExists are the state for which the change was planned. If the file
	// on disk differs, nothing is written.
	Old       []byte
	OldExists bool
}

// Apply makes the changes in the order given, or none of them. A file that records the
// others belongs last.
//
// Apply creates missing directories, and removes directories that a removal leaves empty.
// It follows and keeps symbolic links to places below root, and refuses others. It also
// refuses read-only files and directories, a path that occurs twice or is the parent of
// another, and the removal of a link or of a file that does not exist.
//
// Stage is a directory, relative to root, to work in. It must be used for nothing else,
// and be on the file system of the files. Apply creates and removes it. If a killed run
// left one, Apply undoes that run first; since that changes files, call [Recover] before
// planning. During another run, Apply returns an error that names the process of that run.
//
// If Apply fails, the tree is as it was before. If undoing fails as well, the error says
// so, and the next run tries again.
func Apply(root *os.Root, stage string, changes []Change) error {
	return apply(disk{root: root}, stage, changes)
}

// Check returns the error with which Apply would refuse the changes before it writes any,
// such as that for a directory without permission to write. It leaves the tree as it is,
// but for an empty directory that it makes for the stage and removes again.
func Check(root *os.Root, stage string, changes []Change) error {
	return check(disk{root: root}, stage, changes)
}

// Recover undoes a killed run of Apply, and reports whether there was anything to undo. It
// refuses to overwrite a file that was edited since. If no run was killed, Recover does
// nothing.
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
	// The changes are committed. The next run cleans up what cannot be removed now.
	_ = r.end()
	return nil
}

func check(d disk, stage string, changes []Change) error {
	r, err := begin(d, stage)
	if err != nil {
		return err
	}
	defer r.release()
	made := r.journal.Made
	if !r.exists(r.in(journalName)) { // Apply undoes a killed run first
		_, err = r.check(changes)
	}
	return errors.Join(err, r.remove(r.in(lockName)), r.prune([]string{r.stage}), r.prune(made))
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

// The files in the stage directory, besides the staged and the saved file of each entry of
// the journal.
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

// begin creates the stage directory and takes the lock in it.
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
		// Another run may have removed the directories when it ended: try again.
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

// busy returns the error of acquire if another run holds the lock.
func busy(root *os.Root, name string) error {
	by := ""
	if pid, err := root.ReadFile(name); err == nil && len(pid) > 0 {
		by = fmt.Sprintf(" (process %.20s)", bytes.TrimSpace(pid))
	}
	return fmt.Errorf("another run of authgen%s is writing here: wait until it has finished", by)
}

// write makes the changes and commits them.
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

// check returns an error for changes that can be refused before anything is written. It
// fills the journal, and returns the mode of each file.
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

// checkDirs checks the directories above a file. It adds missing ones to made, and those
// that a removal may leave empty to emptied.
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
	// On Windows, this bit of a directory has another meaning. Whether this user may
	// write to the directory shows when files are renamed.
	if runtime.GOOS != "windows" && mode&0o200 == 0 {
		return fmt.Errorf("directory %q is read-only: make it writable first", last)
	}
	return nil
}

// unchanged returns the file at name, nil if there is none. It returns an error if the
// file differs from the state for which c was planned.
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

// end removes the stage directory, and directories that are empty without it.
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
