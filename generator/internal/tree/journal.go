package tree

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// journal is what is needed to undo a run, besides the saved files. No path contains
// symbolic links.
type journal struct {
	Made    []string  `json:"made"`    // directories that the run creates, parents first
	Emptied []dirMode `json:"emptied"` // directories that removals may empty, parents first
	Entries []entry   `json:"entries"` // in the order of the changes
}

type dirMode struct {
	Path string      `json:"path"`
	Mode fs.FileMode `json:"mode"`
}

type entry struct {
	Path    string `json:"path"`
	Existed bool   `json:"existed"`
	New     string `json:"new,omitempty"` // hash of what is written; empty for a removal
}

func (j *journal) emptied() []string {
	var dirs []string
	for _, dir := range j.Emptied {
		dirs = append(dirs, dir.Path)
	}
	return dirs
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// saveJournal writes the journal, which appears in the stage directory only when it is
// complete and synced.
func (r *run) saveJournal() error {
	data, err := json.MarshalIndent(r.journal, "", "\t")
	if err != nil {
		return err
	}
	if err := r.create(r.in(draftName), data, 0o600, false); err != nil {
		return err
	}
	r.syncDir(r.stage)
	if err := r.rename(r.in(draftName), r.in(journalName)); err != nil {
		return err
	}
	r.syncDir(r.stage)
	return nil
}

// loadJournal reads the journal of a killed run. Anybody may have changed the file, so its
// paths are not trusted; root keeps them inside the module.
func (r *run) loadJournal() (journal, error) {
	data, err := r.root.ReadFile(r.in(journalName))
	if err != nil {
		return journal{}, err
	}
	var j journal
	err = json.Unmarshal(data, &j)
	paths := append(j.emptied(), j.Made...)
	for _, e := range j.Entries {
		paths = append(paths, e.Path)
	}
	for _, p := range paths {
		if !fs.ValidPath(p) || p == "." {
			err = fmt.Errorf("%q is not a path below the root", p)
		}
	}
	for _, e := range j.Entries {
		// A file in .git could be executed, and no run writes to hidden directories.
		if dir := path.Dir(e.Path); err == nil && dir != "." && (dir[0] == '.' || strings.Contains(dir, "/.")) {
			err = fmt.Errorf("%q is in a hidden directory", e.Path)
		}
	}
	if err != nil {
		return journal{}, fmt.Errorf("%q of an interrupted run is damaged (%w): %s", r.in(journalName), err, r.byHand())
	}
	return j, nil
}

func (r *run) byHand() string {
	return fmt.Sprintf("resolve it by hand, from the files in %q or with git, delete that directory and run authgen again", r.stage)
}

var ours = regexp.MustCompile(`^(lock|journal|journal-draft|(new|old)-[0-9]+)$`)

// cleanUp undoes a killed run, and removes its staged files. It reports whether there was
// anything to undo. If it fails, it also abandons this run.
func (r *run) cleanUp() (restored bool, err error) {
	defer func() {
		if err != nil {
			r.abandon()
		}
	}()
	names, err := r.list(r.stage)
	if err != nil {
		return false, err
	}
	for _, name := range names {
		if !ours.MatchString(name) {
			return false, fmt.Errorf("%q was not written by authgen: move it away, since %q is removed after use", r.in(name), r.stage)
		}
	}
	if restored = slices.Contains(names, journalName); restored {
		if r.journal, err = r.loadJournal(); err != nil {
			return false, err
		}
		if err := r.restore(); err != nil {
			return false, err
		}
		// The directories above the stage remain, and have to be removed when this run
		// ends.
		gone := func(dir string) bool { return !r.exists(dir) }
		r.journal = journal{Made: slices.DeleteFunc(r.journal.Made, gone)}
	}
	return restored, r.sweep()
}

// restore restores the old tree, wherever a run or an earlier restore stopped. It changes
// nothing if a file was edited since.
func (r *run) restore() error {
	if !r.exists(r.in(journalName)) {
		return nil
	}
	var todo []int
	for i := range slices.Backward(r.journal.Entries) {
		done, err := r.done(i)
		if err != nil {
			return err
		}
		if done {
			todo = append(todo, i)
		}
	}
	for _, dir := range r.journal.Emptied {
		if _, err := r.mkdirs([]string{dir.Path}); err != nil {
			return err
		}
		if err := r.chmod(dir.Path, dir.Mode); err != nil {
			return err
		}
	}
	for _, i := range todo {
		var err error
		if e := r.journal.Entries[i]; e.Existed {
			err = r.rename(r.saved(i), e.Path)
		} else {
			err = r.remove(e.Path)
		}
		if err != nil {
			return err
		}
	}
	r.syncDirs()
	return r.prune(r.journal.Made)
}

// done reports whether entry i was carried out and not yet undone.
func (r *run) done(i int) (bool, error) {
	e := r.journal.Entries[i]
	saved := r.exists(r.saved(i))
	switch {
	case e.New != "" && r.exists(r.staged(i)):
		return false, nil
	case e.Existed && !saved: // not yet removed, or already put back
		return false, nil
	}
	data, info, err := r.look(e.Path)
	if err != nil {
		return false, err
	}
	if info == nil {
		return e.Existed, nil
	}
	if e.New != "" && hash(data) == e.New {
		return true, nil
	}
	if e.Existed {
		old, err := r.root.ReadFile(r.saved(i))
		if err != nil {
			return false, err
		}
		if bytes.Equal(data, old) { // git put it back
			return true, nil
		}
	}
	return false, fmt.Errorf("%q was edited after authgen was interrupted, which therefore cannot put back the files from before: "+
		"move it away and run authgen again, or %s", e.Path, r.byHand())
}

// sweep removes everything from the stage directory except the lock. It removes the
// journal first, which would be misread without the staged files.
func (r *run) sweep() error {
	names, err := r.list(r.stage)
	if err != nil {
		return err
	}
	if slices.Contains(names, journalName) {
		if err := r.remove(r.in(journalName)); err != nil {
			return err
		}
	}
	for _, name := range names {
		if name == lockName || name == journalName {
			continue
		}
		if err := r.remove(r.in(name)); err != nil {
			return err
		}
	}
	return nil
}
