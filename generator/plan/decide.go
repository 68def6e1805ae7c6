package plan

import (
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/text"
)

// situation says how a file on disk relates to what was emitted last and to what is
// emitted now.
type situation int

// The situations. If several apply, the first one counts.
const (
	irregular  situation = iota // a directory or other irregular file is in its place
	deleted                     // the developer deleted it, and does not ask for it back
	missing                     // it is not on disk
	inConflict                  // an earlier run wrote down its conflict
	current                     // it is on disk as it is emitted now
	foreign                     // it is on disk, but was never emitted
	unedited                    // it is on disk as it was emitted last
	discarded                   // it has edits, which the developer discards
	edited                      // it has edits, and authgen did not change it
	diverged                    // it has edits, and authgen changed it
)

// file is what is known about a file in addition to its Step.
type file struct {
	now        emit.File // what is emitted, if isEmitted
	isEmitted  bool
	last       lock.File // what was emitted last, if wasEmitted
	wasEmitted bool
	unchanged  bool // whether both are the same
}

// A decision sets the action of a step, and the record that the lock keeps.
type decision func(p *planner, s *Step, f *file)

// decisions has a decision for each class of files.
type decisions struct{ generated, yours, once, migration decision }

func (d decisions) of(class emit.Class) decision {
	switch class {
	case emit.Generated:
		return d.generated
	case emit.Yours:
		return d.yours
	case emit.Once:
		return d.once
	case emit.Migration:
		return d.migration
	}
	panic("internal error: no class " + string(class))
}

// emittedTable decides about files that are emitted now.
var emittedTable = map[situation]decisions{
	//          generated, yours, once, migration
	irregular:  {block, block, block, block},
	deleted:    {create, keepDeleted, keepDeleted, create},
	missing:    {create, create, create, create},
	inConflict: {resolve, resolve, resolve, resolve},
	current:    {identical, identical, identical, identical},
	foreign:    {block, block, keepOnce, block},
	unedited:   {update, update, keepOnce, updateMigration},
	discarded:  {discard, discard, keepOnce, keepMigration},
	edited:     {refuse, keep, keepOnce, keepMigration},
	diverged:   {refuse, mergeEdits, keepOnce, keepMigration},
}

// goneTable decides about files that are no longer emitted.
var goneTable = map[situation]decisions{
	//         generated, yours, once, migration
	irregular: {block, block, block, retainMigration},
	missing:   {remove, remove, remove, retainMigration},
	unedited:  {remove, remove, remove, retainMigration},
	discarded: {removeEdited, removeEdited, removeEdited, retainMigration},
	edited:    {refuse, release, release, retainMigration},
}

// decide sets the action and the record of a step.
func (p *planner) decide(s *Step, f *file) {
	if !f.isEmitted {
		goneTable[p.situationOfGone(s, f)].of(s.Class)(p, s, f)
		return
	}
	s.record = &lock.File{
		Path: s.Path, Class: s.Class, Hash: lock.Hash(f.now.Data), Adds: f.now.Adds,
		Owned: s.Class == emit.Yours && f.now.Class == emit.Generated,
	}
	if s.At != s.Path {
		s.record.At = s.At
	}
	if s.Class == emit.Yours || s.Class == emit.Once {
		s.record.Base = text.Normalize(f.now.Data)
	}
	s.new = s.emitted
	emittedTable[p.situation(s, f)].of(s.Class)(p, s, f)
}

// situation returns the situation of a file that is emitted now.
func (p *planner) situation(s *Step, f *file) situation {
	switch {
	case s.irregular:
		return irregular
	case !s.onDisk && f.wasEmitted && !p.o.Restore[s.Path]:
		return deleted
	case !s.onDisk:
		return missing
	case f.last.State == lock.Conflict:
		return inConflict
	case lock.Hash(s.old) == lock.Hash(s.emitted):
		return current
	case !f.wasEmitted:
		return foreign
	case p.isUnedited(s, f.last) && (!s.isMoved() || p.isOurs(s, f.last)):
		return unedited
	case p.o.Restore[s.Path] && p.o.Discard:
		return discarded
	case f.unchanged:
		return edited
	}
	return diverged
}

// situationOfGone returns the situation of a file that is no longer emitted: irregular,
// missing, unedited, discarded or edited.
func (p *planner) situationOfGone(s *Step, f *file) situation {
	switch {
	case s.irregular:
		return irregular
	case !s.onDisk:
		return missing
	case p.isOurs(s, f.last):
		return unedited
	case p.o.Restore[s.Path] && p.o.Discard:
		return discarded
	}
	return edited
}

// The notes for files that stay deleted, and for those that lose their edits.
const (
	deletedNote   = "you deleted it"
	discardedNote = "your edits are discarded"
)

func block(_ *planner, s *Step, _ *file)     { s.Action = InTheWay }
func create(_ *planner, s *Step, _ *file)    { s.Action = Create }
func identical(_ *planner, s *Step, _ *file) { s.Action = Identical }
func keep(_ *planner, s *Step, _ *file)      { s.Action = Keep }
func update(_ *planner, s *Step, _ *file)    { s.Action = Update }
func remove(_ *planner, s *Step, _ *file)    { s.Action = Gone }
func resolve(p *planner, s *Step, f *file)   { p.resolve(s, f.last) }

func discard(_ *planner, s *Step, _ *file) { s.Action, s.Note = Update, discardedNote }

func removeEdited(_ *planner, s *Step, _ *file) { s.Action, s.Note = Gone, discardedNote }

// refuse stops the run: generated files are not edited.
func refuse(_ *planner, s *Step, f *file) {
	s.Action = Edited
	if !f.isEmitted {
		s.record = &f.last
	}
}

// keepDeleted leaves a file deleted.
func keepDeleted(p *planner, s *Step, f *file) {
	if s.Class == emit.Once {
		keepOnce(p, s, f)
	}
	s.Action, s.Note, s.record.State = Keep, deletedNote, lock.Deleted
	if s.Class == emit.Yours && !f.unchanged {
		s.Note = deletedNote + ", and it changed"
	}
}

// keepOnce keeps a file that is written once, with the record of when it was written.
func keepOnce(_ *planner, s *Step, f *file) {
	s.Action = Keep
	if f.wasEmitted {
		s.record.Hash, s.record.Base = f.last.Hash, f.last.Base
	}
}

// mergeEdits merges authgen's changes since the last run into the developer's file.
func mergeEdits(p *planner, s *Step, f *file) {
	if s.isMoved() && !isHeaded(f.last.Base) {
		s.Action = InTheWay // authgen never wrote it
		return
	}
	p.merge(s, f.last)
}

// release leaves a file that is no longer emitted to the developer.
func release(_ *planner, s *Step, _ *file) {
	s.Action, s.Note = Keep, "no longer emitted: it has your edits, and is now yours alone"
}
