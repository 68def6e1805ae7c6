// Package plan brings emitted files into the developer's module. [New] compares them with
// what was emitted last time, which [ReadBase] reads from authgen.lock, and with what is on
// disk; the [Plan] that it returns says what is to be done with each file, and
// [Plan.Apply] does all of it or nothing.
package plan

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/merge"
	"github.com/authgen/authgen/generator/internal/tree"
	"github.com/authgen/authgen/generator/project"
)

// The files beside the emitted ones and [answers.FileName].
const (
	LockFile = "authgen.lock"

	// MergeSuffix is that of the file beside one whose conflict is to be settled
	// there, and MineSuffix that of the developer's file as it was before conflict
	// markers were written into it.
	MergeSuffix = ".authgen-merge"
	MineSuffix  = ".authgen-mine"
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

// deletedNote is the note of a file that stays deleted.
const deletedNote = "you deleted it"

// A Conflict is a place where the developer and authgen changed the same lines.
type Conflict = merge.Conflict

// ConflictMode says what to do about conflicts.
type ConflictMode string

// What a plan with conflicts writes.
const (
	Fail    ConflictMode = "fail"    // nothing
	Markers ConflictMode = "markers" // conflict markers into Go files; beside others, where markers would be compiled in
	Sidecar ConflictMode = "sidecar" // a file with markers beside each
)

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

	old       []byte // what is on disk
	onDisk    bool
	irregular bool   // there is a directory, or the like, in its place
	from      string // where it is on disk, like At, if it is to be moved to At
	new       []byte
	base      []byte            // what was emitted last, if it is known
	emitted   []byte            // what is emitted now, like old in line ends
	record    *lock.File        // what the lock says of it, nil if nothing
	siblings  map[string][]byte // by suffix, what the files beside it hold with which its conflict is settled
	settled   bool              // its conflict was, so that they go
	beside    []tree.Change     // both
}

// Old returns what is on disk, nil if nothing.
func (s Step) Old() []byte { return s.old }

// Base returns what was emitted last, with the names that the package has now; nil
// if nothing was, or if it is not known: of generated files only a hash is kept.
func (s Step) Base() []byte {
	if s.base == nil {
		return nil
	}
	return like(s.old, normal(s.base))
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

// Written reports whether the conflict of a step is written down, in the file or
// beside it.
func (s Step) Written() bool { return s.siblings != nil }

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

// Settlement is how a conflict is settled.
type Settlement string

// The ways to settle a conflict.
const (
	ByHand   Settlement = ""     // the file on disk is the outcome
	WithMine Settlement = "mine" // of lines that both changed, the developer's are taken
	WithNew  Settlement = "new"  // of lines that both changed, authgen's are taken
)

// Plan is what has to be done to make a directory hold what was emitted. Making
// it only reads.
type Plan struct {
	Dir   string // of the package, relative to the root of the module
	Steps []Step // sorted by path
	// Left are the paths of the files that [Options.Only] left as they are, though
	// they would change.
	Left []string
	// Unwritten are the unit tests that the answers leave out. Before a plan is
	// carried out, its outcome is to pass them too.
	Unwritten []emit.File

	conflict ConflictMode
	others   []tree.Change
	lock     []byte
	oldLock  []byte
}

// planner makes a plan.
type planner struct {
	module  fs.FS
	answers answers.Answers
	emitted map[string]emit.File
	base    *Base
	o       Options
	plan    *Plan

	afresh   bool  // no migration goes on from those before
	was, now names // what the package was called when it was emitted, and is now
	labels   merge.Labels
}

// New compares the files emitted for the answers with what is in the package's
// directory of the module, and with the base, which is what was emitted last. The
// files must have been emitted for a [emit.Target] made by [Base.Target].
//
// The answers are written to authgen.yaml if that is not there, and it is in the
// way if it says something else, unless the options have its text.
func New(module fs.FS, a answers.Answers, t emit.Target, files []emit.File, base *Base, o Options) (*Plan, error) {
	base = base.Called(a.PackageName)
	o.Restore = restored(o.Restore, files, base)
	p := planner{
		module: module, answers: a, base: base, o: o,
		plan:    &Plan{Dir: a.Package, conflict: cmp.Or(o.Conflict, Fail)},
		emitted: make(map[string]emit.File, len(files)),
		afresh:  len(t.Migrated) == 0,
		was:     base.names(),
		now:     names{path.Join(t.Module, a.Package), a.PackageName},
		labels:  merge.Labels{Mine: "yours", Base: "before (authgen " + base.Version() + ")", New: "authgen " + generator.Version},
	}
	if base.EmittedBy(t.Templates) {
		p.labels = merge.Labels{Mine: "yours", Base: "before", New: "authgen, for the new answers"}
	}
	var paths []string
	for _, f := range files {
		if f.Tests != "" && a.Tests != "all" && !p.owned(f.Tests) && !p.owned(f.Path) {
			p.plan.Unwritten = append(p.plan.Unwritten, f)
			continue
		}
		p.emitted[f.Path] = f
		paths = append(paths, f.Path)
	}
	next := &lock.Lock{Version: generator.Version, Templates: t.Templates, Import: p.now.path, Answers: a.Canonical()}
	if base != nil {
		p.plan.oldLock = base.text
		for name := range base.files {
			if _, ok := p.emitted[name]; !ok {
				paths = append(paths, name)
			}
		}
	}
	slices.Sort(paths)
	for _, name := range paths {
		s, err := p.step(name)
		if err != nil {
			return nil, err
		}
		p.plan.Steps = append(p.plan.Steps, s)
	}
	if err := p.refuseStrangers(); err != nil {
		return nil, err
	}
	p.refuseSecond()
	for i := range p.plan.Steps {
		s := &p.plan.Steps[i]
		if o.Only != nil && !o.Only(*s) {
			p.leave(s)
		}
		if s.record != nil {
			next.Files = append(next.Files, *s.record)
		}
	}
	if len(p.plan.Left) > 0 {
		// The files left out are of the previous version, and for its answers.
		next.Version, next.Templates = base.lock.Version, base.lock.Templates
		next.Import, next.Answers = base.lock.Import, base.lock.Answers
	}
	if err := p.addAnswers(); err != nil {
		return nil, err
	}
	return p.plan, p.addLock(next, t)
}

// addLock has the plan write the lock.
func (p *planner) addLock(next *lock.Lock, t emit.Target) (err error) {
	format := func() ([]byte, error) {
		text, err := next.Format()
		if err != nil {
			err = fmt.Errorf("internal error: %w", err)
		}
		return text, err
	}
	if p.base != nil {
		// A lock that differs in its inputs alone stays: nothing is emitted otherwise.
		next.Inputs = p.base.lock.Inputs
		if text, err := format(); err != nil || lock.Equal(text, p.base.text) {
			p.plan.lock = text
			return err
		}
		next.Inputs = ""
	}
	if len(p.plan.Left) == 0 { // otherwise the files are of two versions
		hasSum := slices.ContainsFunc(next.Files, func(f lock.File) bool { return isSum(f.Path) })
		if next.Inputs, err = inputs(p.module, p.answers, t, hasSum, p.plan.changes()); err != nil {
			return err
		}
	}
	p.plan.lock, err = format()
	return err
}

// restored returns the files to bring back, with the unit tests of those among them
// that the developer took over.
func restored(asked map[string]bool, files []emit.File, base *Base) map[string]bool {
	all := maps.Clone(asked)
	for _, f := range files {
		if asked[f.Tests] && base.files[f.Tests].Owned {
			all[f.Path] = true
		}
	}
	return all
}

// owned reports whether a generated file is, or becomes, the developer's.
func (p *planner) owned(name string) bool {
	_, becomes := p.o.Own[name]
	return becomes || p.base != nil && p.base.files[name].Owned && !p.o.Restore[name]
}

// refuseStrangers is an error if the developer's own files keep a directory that is
// named after the package from going by its new name: they would be left behind, in a
// package of the old name.
func (p *planner) refuseStrangers() error {
	moved := make(map[string]bool)
	dirs := make(map[string]string)
	for _, s := range p.plan.Steps {
		if s.from != "" {
			moved[emit.InModule(p.plan.Dir, s.from)] = true
			dirs[path.Dir(emit.InModule(p.plan.Dir, s.from))] = path.Dir(p.plan.InModule(s))
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		entries, err := fs.ReadDir(p.module, dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if full := path.Join(dir, e.Name()); path.Ext(full) == ".go" && !moved[full] {
				return fmt.Errorf("%s is a file of yours in %s, which is now called %s since the package is called %s: rename that directory and its package too",
					full, dir, dirs[dir], p.now.name)
			}
		}
	}
	return nil
}

// InModule returns where in the module the file of a step is.
func (p *Plan) InModule(s Step) string { return emit.InModule(p.Dir, s.At) }

// refuseSecond keeps a migration from being written beside one that makes the
// same tables: the answers moved it, so it is no longer emitted, but what was
// emitted is there still.
func (p *planner) refuseSecond() {
	if p.base == nil || !slices.ContainsFunc(p.plan.Steps, func(s Step) bool {
		_, before := p.base.files[s.Path]
		return s.Class == emit.Migration && s.Action == Create && !before
	}) {
		return
	}
	if was, known := p.base.Answers(); !known || p.otherDatabase() || !migrationsMoved(was, p.answers) {
		return // it adds to those before it
	}
	for i := range p.plan.Steps {
		s := &p.plan.Steps[i]
		if _, ok := p.emitted[s.Path]; !ok && s.Class == emit.Migration && s.onDisk {
			s.Action = Immutable
		}
	}
}

// leave takes back what was to be done with a file.
func (p *planner) leave(s *Step) {
	if s.Action == Identical || s.Action == Keep && s.Note == "" {
		return
	}
	p.plan.Left = append(p.plan.Left, s.Path)
	base, wasEmitted := p.last(s.Path)
	s.Action, s.Note, s.new, s.Conflicts, s.record, s.beside = Keep, "left as it is", nil, nil, nil, nil
	if wasEmitted {
		s.record = &base
	}
}

// last returns what was emitted last for a path, with the names that the package
// has now.
func (p *planner) last(name string) (lock.File, bool) {
	if p.base == nil {
		return lock.File{}, false
	}
	f, ok := p.base.files[name]
	if ok && f.Base != nil && path.Ext(name) == ".go" && p.was != p.now {
		f.Base = rename(f.Base, p.was, p.now)
		f.Hash = lock.Hash(f.Base)
		if f.New != nil {
			f.New = rename(f.New, p.was, p.now)
		}
	}
	return f, ok
}

// read fills in what is on disk.
func (p *planner) read(s *Step) error {
	full := p.plan.InModule(*s)
	info, err := fs.Stat(p.module, full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.old, s.onDisk, s.irregular = nil, false, false
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		s.irregular = true
		return nil
	}
	s.old, err = fs.ReadFile(p.module, full)
	s.onDisk = true
	return err
}

// readUnderOldName fills in what is on disk of a file that is not there, if it is in a
// directory that is still named after what the package was called.
func (p *planner) readUnderOldName(s *Step) error {
	was := p.now.below(s.At, p.was)
	if s.onDisk || s.irregular || was == s.At || p.was.name == "" {
		return nil
	}
	there := Step{Path: s.Path, At: was}
	if err := p.read(&there); err != nil || !there.onDisk {
		return err
	}
	s.from, s.old, s.onDisk = was, there.old, true
	return nil
}

// step decides what to do with the file that is, or was, emitted as name.
func (p *planner) step(name string) (Step, error) {
	f, isEmitted := p.emitted[name]
	base, wasEmitted := p.last(name)
	s := Step{Path: name, At: name, Class: f.Class, Tests: f.Tests}
	if !isEmitted {
		s.Class = base.Class
		s.Tests = p.testOf(name)
	}
	if isEmitted && (p.owned(name) || s.Tests != "" && p.owned(s.Tests)) {
		s.Class, f.Data = emit.Yours, ownHeader(f.Data)
	}
	if base.At != "" {
		s.At = base.At
	}
	if to, ok := p.o.Moved[name]; ok {
		s.At = to
	}
	if err := p.read(&s); err != nil {
		return Step{}, err
	}
	if !s.onDisk && !s.irregular && s.At != name {
		// It may have been moved back.
		s.At = name
		if err := p.read(&s); err != nil {
			return Step{}, err
		}
	}
	if wasEmitted {
		if err := p.readUnderOldName(&s); err != nil {
			return Step{}, err
		}
	}
	if !s.onDisk && !s.irregular && wasEmitted && s.Class != emit.Migration && base.State != lock.Deleted && !p.o.Restore[name] {
		if err := p.follow(&s, base); err != nil {
			return Step{}, err
		}
	}
	if isEmitted {
		s.emitted = like(s.old, f.Data)
	}
	switch {
	case base.Base != nil:
		s.base = base.Base
	case wasEmitted && isEmitted && lock.Hash(s.emitted) == base.Hash:
		s.base = s.emitted
	}
	if text, ok := p.o.Own[name]; ok && wasEmitted {
		s.own(base, text)
		return s, nil
	}
	p.decide(&s, f, isEmitted, base, wasEmitted)
	p.move(&s)
	return s, p.put(&s)
}

// testOf returns the path of the file that an unwritten file is a unit test of, or ""
// if it is not a unit test.
func (p *planner) testOf(name string) string {
	for _, f := range p.plan.Unwritten {
		if f.Path == name {
			return f.Tests
		}
	}
	return ""
}

// move has a file that stays as the developer left it follow the package, if that goes
// by other names: to the directory that is named after it, and in what it imports.
func (p *planner) move(s *Step) {
	if !s.onDisk || s.Action != Keep && s.Action != Identical {
		return
	}
	text := s.old
	if path.Ext(s.Path) == ".go" && p.was != p.now {
		text = like(s.old, rename(normal(s.old), p.was, p.now))
	}
	switch {
	case s.from == "" && bytes.Equal(text, s.old):
	case !isHeaded(s.base):
		s.Action = InTheWay
	case s.from != "":
		s.Action, s.Note, s.new = Update, "moved from "+emit.InModule(p.plan.Dir, s.from), text
	default:
		s.Action, s.Note, s.new = Update, "it follows the package, which has another name", text
	}
}

// own makes a generated file, as it was emitted last, the developer's.
func (s *Step) own(base lock.File, emitted []byte) {
	base.Class, base.Owned = emit.Yours, true
	base.Base = ownHeader(normal(emitted))
	base.Hash = lock.Hash(base.Base)
	base.At = ""
	if s.At != s.Path {
		base.At = s.At
	}
	s.Class, s.Action, s.record = emit.Yours, Update, &base
	if s.new = like(s.old, ownHeader(normal(s.old))); !s.onDisk {
		s.Action, s.new = Create, base.Base
	}
}

// ownHeader gives the text of a generated file the header of one that is the
// developer's to edit.
func ownHeader(text []byte) []byte {
	first, rest, ok := bytes.Cut(text, []byte("\n"))
	if !ok || !bytes.Contains(first, []byte(emit.Header(emit.Generated))) {
		return text
	}
	return slices.Concat(bytes.Replace(first, []byte(emit.Header(emit.Generated)), []byte(emit.Header(emit.Yours)), 1), []byte("\n"), rest)
}

// put plans the files beside one with a conflict: those that settling it takes,
// and that those of a settled one go.
func (p *planner) put(s *Step) error {
	wanted := s.siblings
	if wanted == nil && !s.settled {
		return nil
	}
	for _, suffix := range []string{MergeSuffix, MineSuffix} {
		there := Step{At: s.At + suffix}
		if err := p.read(&there); err != nil {
			return err
		}
		c := tree.Change{Path: p.plan.InModule(there), Data: wanted[suffix], Old: there.old, OldExists: there.onDisk}
		switch {
		case wanted[suffix] == nil && there.onDisk && s.settled:
			c.Remove = true
		case wanted[suffix] == nil, bytes.Equal(there.old, c.Data) && there.onDisk:
			continue
		case there.onDisk, there.irregular:
			return fmt.Errorf("%s is in the way: move it away", c.Path)
		}
		s.beside = append(s.beside, c)
	}
	return nil
}

// unedited reports whether the developer left a file as it was emitted, its
// package apart, which a rename renames in every file.
func (p *planner) unedited(s *Step, base lock.File) bool {
	if !s.onDisk {
		return false
	}
	if lock.Hash(s.old) == base.Hash {
		return true
	}
	if p.was == p.now || path.Ext(s.Path) != ".go" {
		return false
	}
	if base.Base != nil { // which has today's names
		return lock.Hash(rename(normal(s.old), p.was, p.now)) == base.Hash
	}
	return lock.Hash(rename(normal(s.old), p.now, p.was)) == base.Hash
}

// ours reports whether a file that the lock lists is authgen's to remove, or to write
// to under another name. The hash in the lock is not enough: whoever
// can write to the lock knows the hashes of all files.
func (p *planner) ours(s *Step, base lock.File) bool {
	ownSum := isSum(s.Path) && s.At[0] != '/' // which has no header
	return p.unedited(s, base) && (isHeaded(s.old) || ownSum)
}

// isHeaded reports whether the first line of a text says that authgen wrote it.
func isHeaded(text []byte) bool {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	return bytes.Contains(first, []byte("by authgen"))
}

// decide sets the action by what is emitted now, what was emitted last, and
// what is on disk, and makes the record for the lock.
func (p *planner) decide(s *Step, f emit.File, isEmitted bool, base lock.File, wasEmitted bool) {
	if !isEmitted {
		p.decideGone(s, base)
		return
	}
	same := s.onDisk && lock.Hash(s.old) == lock.Hash(s.emitted)
	unchanged := wasEmitted && lock.Hash(s.emitted) == base.Hash
	restore := p.o.Restore[s.Path]
	deleted := wasEmitted && !s.onDisk && (s.Class == emit.Yours || s.Class == emit.Once)
	record := lock.File{Path: s.Path, Class: s.Class, Hash: lock.Hash(f.Data), Adds: f.Adds, Owned: s.Class == emit.Yours && f.Class == emit.Generated}
	if s.At != s.Path {
		record.At = s.At
	}
	if s.Class == emit.Yours || s.Class == emit.Once {
		record.Base = normal(f.Data)
	}
	s.record = &record
	s.new = s.emitted
	switch {
	case s.irregular:
		s.Action = InTheWay
	case deleted && !restore:
		s.Action = Keep
		record.State = lock.Deleted
		if s.Note = deletedNote; !unchanged && s.Class == emit.Yours {
			s.Note = deletedNote + ", and it changed"
		}
		if s.Class == emit.Once {
			record.Hash, record.Base = base.Hash, base.Base
		}
	case !s.onDisk:
		s.Action = Create
	case base.State == lock.Conflict:
		p.settle(s, base, same)
	case same:
		s.Action = Identical
	case s.Class == emit.Once && wasEmitted:
		s.Action = Keep
		record.Hash, record.Base = base.Hash, base.Base
	case s.Class == emit.Once:
		s.Action = Keep
	case !wasEmitted:
		s.Action = InTheWay
	case s.Class == emit.Migration && unchanged:
		s.Action = Keep
	case s.Class == emit.Migration && !(p.otherDatabase() && p.unedited(s, base)):
		s.Action = Immutable
	case p.unedited(s, base) && (s.At == s.Path && s.from == "" || p.ours(s, base)):
		s.Action = Update
	case s.Class == emit.Generated && restore && p.o.Discard:
		s.Action, s.Note = Update, "your edits are discarded"
	case s.Class == emit.Generated:
		s.Action = Edited
	case restore && p.o.Discard:
		s.Action, s.Note = Update, "your edits are discarded"
	case unchanged:
		s.Action = Keep
	case (s.At != s.Path || s.from != "") && !isHeaded(base.Base): // so it was never written
		s.Action = InTheWay
	default:
		p.merge(s, base)
	}
}

// decideGone is decide for a file that is no longer emitted.
func (p *planner) decideGone(s *Step, base lock.File) {
	s.record = nil
	switch {
	case s.Class == emit.Migration:
		// It stays for the databases that have it.
		s.Action, s.record = Identical, &base
		if p.otherDatabase() {
			p.decideOther(s, base)
		} else if !s.onDisk && p.afresh {
			s.Action, s.record = Gone, nil
		} else if !s.onDisk {
			s.Action, s.Note = Keep, deletedNote
			base.State = lock.Deleted
		} else if base.State = ""; !p.unedited(s, base) {
			s.Action, s.Note = Keep, "a migration that you edited: databases that have it do not get the edit"
		}
	case s.irregular:
		s.Action = InTheWay
	case !s.onDisk, p.ours(s, base):
		s.Action = Gone
	case p.o.Restore[s.Path] && p.o.Discard:
		s.Action, s.Note = Gone, "your edits are discarded"
	case s.Class == emit.Generated:
		s.Action, s.record = Edited, &base
	default:
		s.Action, s.Note = Keep, "no longer emitted: it has your edits, and is now yours alone"
	}
}

// otherDatabase reports whether the answers are for another database than those that
// were emitted for.
func (p *planner) otherDatabase() bool {
	was, ok := p.base.Answers()
	return ok && was.Database != p.answers.Database
}

// decideOther decides about a migration for the database that was asked for
// before. The new one has none of its tables.
func (p *planner) decideOther(s *Step, base lock.File) {
	s.record = nil
	switch {
	case !s.onDisk, p.ours(s, base):
		s.Action, s.Note = Gone, "it was for another database"
	default:
		s.Action, s.record = Immutable, &base
	}
}

// merge takes the changes since the base into the developer's file.
func (p *planner) merge(s *Step, base lock.File) {
	mine, now := normal(s.old), normal(s.emitted)
	if path.Ext(s.Path) == ".go" && p.was != p.now {
		mine = rename(mine, p.was, p.now)
	}
	result := p.mergeTexts(s.Path, base.Base, mine, now)
	if len(result.Conflicts) > 0 {
		p.conflict(s, base, result, now)
		return
	}
	s.new = like(s.old, result.Text)
	s.Action = Merge
	if bytes.Equal(s.new, s.old) {
		s.Action = Keep
	}
}

func (p *planner) mergeTexts(name string, base, mine, now []byte) merge.Result {
	if isBinary(base, mine, now) { // one side or the other
		return merge.Result{Text: now, Conflicts: []Conflict{{Base: base, Mine: mine, New: now}}}
	}
	if path.Ext(name) == ".go" {
		return merge.Go(base, mine, now, p.labels)
	}
	return merge.Lines(base, mine, now, p.labels)
}

// isBinary reports whether one of the sides is no text.
func isBinary(sides ...[]byte) bool {
	return slices.ContainsFunc(sides, func(side []byte) bool { return bytes.IndexByte(side, 0) >= 0 })
}

// conflict makes a step of a merge with conflicts. The base stays until they are
// settled.
func (p *planner) conflict(s *Step, base lock.File, r merge.Result, now []byte) {
	s.Action, s.Conflicts, s.new = Conflicts, r.Conflicts, nil
	record := base
	record.State, record.New = lock.Conflict, now
	s.record = &record
	switch text := like(s.old, r.Text); {
	case p.plan.conflict == Fail:
	case p.plan.conflict == Markers && path.Ext(s.Path) == ".go" && HasMarkers(text):
		s.new = text
		s.siblings = map[string][]byte{MineSuffix: s.old}
	default:
		s.siblings = map[string][]byte{MergeSuffix: text}
	}
}

// settle decides about a file whose conflict was written down by an earlier run.
func (p *planner) settle(s *Step, base lock.File, same bool) {
	how, asked := p.o.Settle[s.Path]
	text := normal(s.old)
	markers := len(merge.Markers(text)) > 0 && len(merge.Markers(base.Base)) == 0
	open := func(note string) {
		s.Action, s.Note, s.Unsettled, s.new, s.record = Conflicts, note, true, nil, &base
	}
	// What was merged is the new base. If something else is emitted by now, the next
	// run merges that.
	record := base
	record.State, record.New, record.Base, record.Hash = "", nil, base.New, lock.Hash(base.New)
	if s.record = &record; s.At != s.Path {
		record.At = s.At
	}
	switch {
	case same && lock.Hash(base.New) == lock.Hash(s.emitted): // the developer took it
		s.Action, s.settled = Identical, true
		return
	case !asked:
		open("not settled yet")
		if !markers {
			s.Conflicts = p.mergeTexts(s.Path, base.Base, text, base.New).Conflicts
		}
		return
	case how == ByHand && markers:
		open("it still has conflict markers")
		return
	case how == ByHand:
		outcome, note := p.besideOutcome(s, base, text)
		if note != "" {
			open(note)
			return
		}
		text = outcome
	case how == WithMine && isBinary(base.Base, text, base.New):
		s.Action, s.settled = Keep, true
		return
	case how == WithNew && isBinary(base.Base, text, base.New):
		text = base.New
	case how != ByHand:
		if !markers {
			text = p.mergeTexts(s.Path, base.Base, text, base.New).Text
		}
		side := merge.Mine
		if how == WithNew {
			side = merge.New
		}
		var err error
		if text, err = merge.Resolve(text, side); err != nil {
			open(err.Error())
			return
		}
	}
	s.settled = true
	s.new = like(s.old, text)
	if s.Action = Merge; bytes.Equal(s.new, s.old) {
		s.Action = Keep
	}
}

// besideOutcome returns the outcome of a conflict that the developer settled by hand:
// what is in the file beside, if that was edited, otherwise the file itself. The note
// says why it cannot be told.
func (p *planner) besideOutcome(s *Step, base lock.File, text []byte) (outcome []byte, note string) {
	beside := Step{At: s.At + MergeSuffix}
	if err := p.read(&beside); err != nil || !beside.onDisk || isBinary(base.Base, text, base.New) {
		return text, ""
	}
	there, result := normal(beside.old), p.mergeTexts(s.Path, base.Base, text, base.New)
	switch {
	case bytes.Equal(there, result.Text):
		return text, ""
	case HasMarkers(there):
		return nil, fmt.Sprintf("%s still has conflict markers; delete it to settle the conflict with the file as it is", emit.InModule(p.plan.Dir, beside.At))
	case !holds(there, text, base.Base, result.Conflicts):
		return nil, fmt.Sprintf("%s does not have all that you added to the file; bring them together in one, and delete the other", emit.InModule(p.plan.Dir, beside.At))
	}
	return there, ""
}

// holds reports whether an outcome has all lines that were added to the base, but for
// those in conflict.
func holds(outcome, mine, base []byte, conflicts []Conflict) bool {
	count := make(map[string]int)
	add := func(text []byte, n int) {
		for line := range bytes.Lines(text) {
			count[string(bytes.TrimSpace(line))] += n
		}
	}
	add(outcome, 1)
	add(base, 1)
	for _, c := range conflicts {
		add(c.Mine, 1)
	}
	add(mine, -1)
	for _, n := range count {
		if n < 0 {
			return false
		}
	}
	return true
}

// addAnswers adds authgen.yaml.
func (p *planner) addAnswers() error {
	s := Step{Path: answers.FileName, At: answers.FileName, Class: emit.Yours}
	if err := p.read(&s); err != nil {
		return err
	}
	s.Action = Identical
	switch {
	case !s.onDisk:
		s.Action, s.new = Create, p.o.Answers
		if s.new == nil {
			s.new = p.answers.Format()
		}
	case p.o.Answers != nil:
		if !bytes.Equal(s.old, p.o.Answers) {
			s.Action, s.new = Update, p.o.Answers
		}
	default:
		now, err := p.base.ReadAnswers(emit.InModule(p.plan.Dir, answers.FileName), s.old)
		if err != nil || now.Hash() != p.answers.Hash() {
			s.Action = InTheWay
		}
	}
	p.plan.Steps = append(p.plan.Steps, s)
	slices.SortFunc(p.plan.Steps, func(a, b Step) int { return cmp.Compare(a.Path, b.Path) })
	return nil
}

// Also adds a change to a file elsewhere in the module, such as go.mod, to what
// the plan does.
func (p *Plan) Also(name string, old, data []byte) {
	if !bytes.Equal(old, data) {
		p.others = append(p.others, tree.Change{Path: name, Data: data, Old: old, OldExists: old != nil})
	}
}

// AlsoSecret adds a new file elsewhere in the module that only its owner may
// read.
func (p *Plan) AlsoSecret(name string, data []byte) {
	p.others = append(p.others, tree.Change{Path: name, Data: data, Mode: 0o600})
}

// Others returns a step for each file beside the Steps that the plan changes:
// authgen.lock, and what [Plan.Also] and [Plan.AlsoSecret] added. Their paths are
// relative to the root of the module.
func (p *Plan) Others() []Step {
	var others []Step
	for _, c := range p.otherChanges() {
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

// Empty reports whether applying the plan would change nothing.
func (p *Plan) Empty() bool { return len(p.changes()) == 0 }

// Written returns what files applying the plan writes, by their paths in the
// module. A file that it removes has nil.
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
		if s.onDisk && (s.Action == Gone || s.from != "" && s.writes()) {
			changes = append(changes, gone)
		}
		changes = append(changes, s.beside...)
	}
	return append(changes, p.otherChanges()...)
}

// otherChanges ends with the lock, which is to be written last.
func (p *Plan) otherChanges() []tree.Change {
	changes := slices.Clone(p.others)
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
// It is ErrBlocked if [Plan.Blocked] says something, and ErrConflicting if
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

// Recover puts back what a run that was killed left half done in the package's
// directory. It is to be called before a plan is made.
func Recover(root *os.Root, dir string) error {
	_, err := tree.Recover(root, path.Join(dir, project.StageDir))
	return err
}

// Counts returns how often each action occurs among Steps and Others, in a fixed
// order, such as "28 create, 1 keep".
func (p *Plan) Counts() string {
	steps := slices.Concat(p.Steps, p.Others())
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

// HasMarkers reports whether there are conflict markers in a text.
func HasMarkers(text []byte) bool { return len(merge.Markers(normal(text))) > 0 }
