// Package plan writes emitted files to the developer's module. [New] compares them with
// what was emitted last time, which [ReadBase] reads from authgen.lock, and with what is on
// disk. It returns a [Plan], which says what to do with each file. [Plan.Apply] does all of
// it or nothing.
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

// Action is what a plan does with a file.
type Action string

// The actions, and the reasons for them.
const (
	Create    Action = "create"     // it does not exist yet
	Update    Action = "update"     // it is unedited, and authgen changed it
	Merge     Action = "merge"      // both the developer and authgen changed it, in different places
	Identical Action = "identical"  // it is what authgen emits now
	Keep      Action = "keep"       // it stays as the developer left it
	Gone      Action = "gone"       // it is no longer emitted, and is removed
	Delete    Action = "delete"     // the developer asked to remove the package
	Conflicts Action = "conflict"   // both changed the same lines
	Edited    Action = "edited"     // it is generated, but has edits: nothing is written
	Immutable Action = "immutable"  // it is a migration that would change: nothing is written
	InTheWay  Action = "in the way" // authgen did not write it: nothing is written
)

var actions = []Action{Create, Update, Merge, Gone, Delete, Keep, Identical, Conflicts, Edited, Immutable, InTheWay}

// Step is the action for one file.
type Step struct {
	Path       string // as that of a File
	At         string // where the developer moved the file, in the same form; Path unless moved
	Tests      string // the Path of the file that it is a unit test of, "" for others
	Class      emit.Class
	Action     Action
	Note       string     // more about the action, "" if nothing
	Unresolved bool       // an earlier run wrote its conflict
	Conflicts  []Conflict // with the action Conflicts, unless one side has no text

	old            []byte // what is on disk
	onDisk         bool
	irregular      bool   // a directory or other irregular file is in its place
	from           string // where it is on disk, in the form of At, if the plan moves it to At
	new            []byte
	base           []byte            // what was emitted last, if it is known
	emitted        []byte            // what is emitted now, with the line ends of old
	record         *lock.File        // its entry in the new lock, nil for none
	sidecars       map[string][]byte // by suffix, the files beside it that help to resolve its conflict
	resolved       bool              // its conflict is resolved, so the sidecars are removed
	sidecarChanges []tree.Change     // that write or remove the sidecars
}

// Old returns what is on disk, nil if nothing.
func (s Step) Old() []byte { return s.old }

// Base returns what was emitted last, with the package's current name, or nil if
// nothing was or if it is unknown: the lock has only a hash of generated files.
func (s Step) Base() []byte {
	if s.base == nil {
		return nil
	}
	return text.Like(s.old, text.Normalize(s.base))
}

// Emitted returns what is emitted now, nil if nothing is.
func (s Step) Emitted() []byte { return s.emitted }

// New returns the file's content once the plan is applied, nil if there is no file then.
func (s Step) New() []byte {
	if s.removes() || !s.writes() && !s.onDisk {
		return nil
	}
	if s.writes() {
		return s.new
	}
	return s.old
}

// ConflictWritten reports whether applying the plan writes the conflict of a step to the
// file or to one beside it.
func (s Step) ConflictWritten() bool { return s.sidecars != nil }

// isMoved reports whether the file is not, or was not, at its path.
func (s Step) isMoved() bool { return s.At != s.Path || s.from != "" }

func (s Step) writes() bool {
	return s.Action == Create || s.Action == Update || s.Action == Merge || s.Action == Conflicts && s.new != nil
}

func (s Step) removes() bool { return s.Action == Gone || s.Action == Delete }

// Options are requests in addition to the answers. The zero Options are those of authgen
// generate.
type Options struct {
	// Conflict says what to do about conflicts, Fail if empty.
	Conflict ConflictMode
	// Only returns false for files to leave unchanged. If it is nil, there are none.
	Only func(Step) bool
	// Moved says where the developer moved files, by path. New also finds files that were
	// moved within their directory.
	Moved map[string]string
	// Own are generated files to become the developer's, by path, each as it was
	// emitted last. Their unit tests are written, too.
	Own map[string][]byte
	// Restore are the paths of files to bring back: deleted ones and, with Discard,
	// those with edits. The unit tests of a file that the developer took over go with it.
	Restore map[string]bool
	// Discard lets Restore discard edits.
	Discard bool
	// Resolve says how to resolve conflicts, by path.
	Resolve map[string]Resolution
	// Answers is the new text of authgen.yaml, nil to leave it unchanged.
	Answers []byte
}

// Plan is what has to be done to write emitted files to a directory.
type Plan struct {
	Dir   string // of the package, relative to the root of the module
	Steps []Step // sorted by path
	// Excluded are the paths of the files that would change, but are left unchanged by
	// [Options.Only].
	Excluded []string
	// Unwritten are the unit tests that the answers leave out. The result of a plan
	// should pass them before it is applied.
	Unwritten []emit.File

	conflict ConflictMode
	extra    []tree.Change
	lock     []byte
	oldLock  []byte
}

// InModule returns the path of a step's file in the module.
func (p *Plan) InModule(s Step) string { return emit.InModule(p.Dir, s.At) }

// AddFile adds a change to another file of the module, such as go.mod.
func (p *Plan) AddFile(name string, old, data []byte) {
	if !bytes.Equal(old, data) {
		p.extra = append(p.extra, tree.Change{Path: name, Data: data, Old: old, OldExists: old != nil})
	}
}

// AddPrivateFile adds another new file of the module, which only its owner may read.
func (p *Plan) AddPrivateFile(name string, data []byte) {
	p.extra = append(p.extra, tree.Change{Path: name, Data: data, Mode: 0o600})
}

// ExtraFiles returns a step for each other file that the plan changes: authgen.lock, and
// those of [Plan.AddFile] and [Plan.AddPrivateFile]. Their paths are relative to the root
// of the module.
func (p *Plan) ExtraFiles() []Step {
	var others []Step
	for _, c := range p.extraChanges() {
		s := Step{Path: c.Path, At: c.Path, Action: Create}
		switch {
		case c.Remove:
			s.Action = Delete
		case c.OldExists:
			s.Action = Update
		}
		others = append(others, s)
	}
	return others
}

// Blocked returns the steps that prevent the plan from being applied, apart from
// conflicts.
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

// Counts returns how often each action occurs among Steps and ExtraFiles, such as
// "28 create, 1 keep".
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
