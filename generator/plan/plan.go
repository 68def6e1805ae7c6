// Package plan brings emitted files into the developer's module. [New] compares them with
// what was emitted last time, which [ReadBase] reads from authgen.lock, and with what is on
// disk; the [Plan] that it returns says what is to be done with each file, and
// [Plan.Apply] does all of it or nothing.
package plan

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/text"
	"github.com/authgen/authgen/generator/internal/tree"
)

// Action is what becomes of one file.
type Action string

// What a plan does with a file.
const (
	Create    Action = "create"     // it is not there yet
	Update    Action = "update"     // it is as it was emitted, and is emitted otherwise now
	Merge     Action = "merge"      // both the developer and authgen changed it, in different places
	Identical Action = "identical"  // it is as it is emitted now
	Keep      Action = "keep"       // it stays as the developer left it
	Gone      Action = "gone"       // it is no longer emitted, and is removed
	Conflicts Action = "conflict"   // both changed the same lines
	Edited    Action = "edited"     // it is not the developer's to edit, but edited: nothing is written
	Immutable Action = "immutable"  // it is a migration, and would change: nothing is written
	InTheWay  Action = "in the way" // authgen did not write it: nothing is written
)

var actions = []Action{Create, Update, Merge, Gone, Keep, Identical, Conflicts, Edited, Immutable, InTheWay}

// Step is the action for one file.
type Step struct {
	Path      string // as that of a File
	At        string // where the developer moved the file, in the same form; Path unless moved
	Tests     string // the Path of the file that it is a unit test of, "" for others
	Class     emit.Class
	Action    Action
	Note      string     // what else there is to know, "" if nothing
	Unsettled bool       // its conflict was written down by an earlier run
	Conflicts []Conflict // with the action Conflicts, unless one side has no text

	old            []byte // what is on disk
	onDisk         bool
	irregular      bool   // there is a directory, or the like, in its place
	from           string // where it is on disk, like At, if it is to be moved to At
	new            []byte
	base           []byte            // what was emitted last, if it is known
	emitted        []byte            // what is emitted now, like old in line ends
	record         *lock.File        // what the lock says of it, nil if nothing
	sidecars       map[string][]byte // by suffix, what the files beside it hold with which its conflict is settled
	settled        bool              // its conflict was, so that they go
	sidecarChanges []tree.Change     // both
}

// Old returns what is on disk, nil if nothing.
func (s Step) Old() []byte { return s.old }

// Base returns what was emitted last, with the names that the package has now; nil
// if nothing was, or if it is not known: of generated files only a hash is kept.
func (s Step) Base() []byte {
	if s.base == nil {
		return nil
	}
	return text.Like(s.old, text.Normalize(s.base))
}

// Emitted returns what is emitted now, nil if nothing is.
func (s Step) Emitted() []byte { return s.emitted }

// New returns what the file holds once the plan is applied, nil if it is not
// there then.
func (s Step) New() []byte {
	if s.Action == Gone || !s.writes() && !s.onDisk {
		return nil
	}
	if s.writes() {
		return s.new
	}
	return s.old
}

// ConflictWritten reports whether the conflict of a step is written down, in the file or
// beside it.
func (s Step) ConflictWritten() bool { return s.sidecars != nil }

// isMoved reports whether the file is not, or was not, at its path.
func (s Step) isMoved() bool { return s.At != s.Path || s.from != "" }

func (s Step) writes() bool {
	return s.Action == Create || s.Action == Update || s.Action == Merge || s.Action == Conflicts && s.new != nil
}

// Options are what is asked of a plan beyond the answers. The zero Options are
// those of authgen generate.
type Options struct {
	// Conflict says what to do about conflicts, Fail if empty.
	Conflict ConflictMode
	// Only leaves files as they are for which it returns false.
	Only func(Step) bool
	// Moved says where the developer moved files, beside what is found out.
	Moved map[string]string
	// Own are generated files that become the developer's, each as it was emitted
	// last. Their unit tests are written, too.
	Own map[string][]byte
	// Restore are files to bring back: deleted ones, and generated ones with edits.
	// The unit tests of one that the developer took over are given back with it.
	Restore map[string]bool
	// Discard lets Restore discard edits.
	Discard bool
	// Settle says how conflicts are settled.
	Settle map[string]Settlement
	// Answers is what authgen.yaml is to hold, nil if it stays as it is.
	Answers []byte
}

// Plan is what has to be done to make a directory hold what was emitted. Making
// it only reads.
type Plan struct {
	Dir   string // of the package, relative to the root of the module
	Steps []Step // sorted by path
	// Excluded are the paths of the files that [Options.Only] left as they are, though
	// they would change.
	Excluded []string
	// Unwritten are the unit tests that the answers leave out. Before a plan is
	// carried out, its outcome is to pass them too.
	Unwritten []emit.File

	conflict ConflictMode
	extra    []tree.Change
	lock     []byte
	oldLock  []byte
}

// InModule returns where in the module the file of a step is.
func (p *Plan) InModule(s Step) string { return emit.InModule(p.Dir, s.At) }

// AddFile adds a change to a file elsewhere in the module, such as go.mod, to what
// the plan does.
func (p *Plan) AddFile(name string, old, data []byte) {
	if !bytes.Equal(old, data) {
		p.extra = append(p.extra, tree.Change{Path: name, Data: data, Old: old, OldExists: old != nil})
	}
}

// AddPrivateFile adds a new file elsewhere in the module that only its owner may
// read.
func (p *Plan) AddPrivateFile(name string, data []byte) {
	p.extra = append(p.extra, tree.Change{Path: name, Data: data, Mode: 0o600})
}

// ExtraFiles returns a step for each file beside the Steps that the plan changes:
// authgen.lock, and what [Plan.AddFile] and [Plan.AddPrivateFile] added. Their paths are
// relative to the root of the module.
func (p *Plan) ExtraFiles() []Step {
	var others []Step
	for _, c := range p.extraChanges() {
		s := Step{Path: c.Path, At: c.Path, Action: Create}
		if c.OldExists {
			s.Action = Update
		}
		others = append(others, s)
	}
	return others
}

// Blocked returns the steps that keep the plan from being applied whatever is done
// about conflicts.
func (p *Plan) Blocked() []Step {
	return p.with(Edited, Immutable, InTheWay)
}

// Conflicting returns the steps with conflicts.
func (p *Plan) Conflicting() []Step { return p.with(Conflicts) }

func (p *Plan) with(actions ...Action) []Step {
	var steps []Step
	for _, s := range p.Steps {
		if slices.Contains(actions, s.Action) {
			steps = append(steps, s)
		}
	}
	return steps
}

// Counts returns how often each action occurs among Steps and Others, in a fixed
// order, such as "28 create, 1 keep".
func (p *Plan) Counts() string {
	steps := slices.Concat(p.Steps, p.ExtraFiles())
	var parts []string
	for _, action := range actions {
		n := 0
		for _, s := range steps {
			if s.Action == action {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, action))
		}
	}
	return strings.Join(parts, ", ")
}
