package plan

import (
	"errors"
	"os"
	"path"
	"slices"

	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/tree"
	"github.com/authgen/authgen/generator/project"
)

// Empty reports whether applying the plan would change nothing.
func (p *Plan) Empty() bool { return len(p.changes()) == 0 }

// Written returns the files that applying the plan writes, by path in the module. A
// removed file is nil.
func (p *Plan) Written() map[string][]byte {
	files := make(map[string][]byte)
	for _, c := range p.changes() {
		files[c.Path] = c.Data
	}
	return files
}

func (p *Plan) changes() []tree.Change {
	var changes []tree.Change
	for _, s := range p.Steps {
		c := tree.Change{Path: p.InModule(s), Data: s.new, Old: s.old, OldExists: s.onDisk}
		gone := tree.Change{Path: c.Path, Remove: true, Old: s.old, OldExists: s.onDisk}
		if s.from != "" {
			c.Old, c.OldExists = nil, false
			gone.Path = emit.InModule(p.Dir, s.from)
		}
		if s.writes() {
			changes = append(changes, c)
		}
		if s.onDisk && (s.removes() || s.from != "" && s.writes()) {
			changes = append(changes, gone)
		}
		changes = append(changes, s.sidecarChanges...)
	}
	return append(changes, p.extraChanges()...)
}

// extraChanges returns the changes for ExtraFiles. The lock comes last, as it has to be
// written last.
func (p *Plan) extraChanges() []tree.Change {
	changes := slices.Clone(p.extra)
	if p.lock != nil && !lock.Equal(p.oldLock, p.lock) {
		changes = append(changes, tree.Change{
			Path: path.Join(p.Dir, LockFile), Data: p.lock, Old: p.oldLock, OldExists: p.oldLock != nil,
		})
	}
	return changes
}

// The errors of Apply for plans that cannot be applied.
var (
	ErrBlocked     = errors.New("files are in the way")
	ErrConflicting = errors.New("files are in conflict")
)

// Apply makes all changes of the plan below the root of the module, or none. The
// lock is written last.
//
// The error is ErrBlocked if [Plan.Blocked] returns any step, and ErrConflicting if
// [Plan.Conflicting] does and the plan was made with [Fail].
func (p *Plan) Apply(root *os.Root) error {
	if len(p.Blocked()) > 0 {
		return ErrBlocked
	}
	if p.conflict == Fail && len(p.Conflicting()) > 0 {
		return ErrConflicting
	}
	changes := p.changes()
	if len(changes) == 0 {
		return nil
	}
	return tree.Apply(root, path.Join(p.Dir, project.StageDir), changes)
}

// Check returns the error with which [Plan.Apply] would refuse the plan before it writes
// anything, such as that for a directory without permission to write.
func (p *Plan) Check(root *os.Root) error {
	return tree.Check(root, path.Join(p.Dir, project.StageDir), p.changes())
}

// Recover undoes what a killed run left half done in the package's directory. Call it
// before New.
func Recover(root *os.Root, dir string) error {
	_, err := tree.Recover(root, path.Join(dir, project.StageDir))
	return err
}
