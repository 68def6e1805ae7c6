package plan

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/merge"
	"github.com/authgen/authgen/generator/internal/text"
)

// planner makes a plan.
type planner struct {
	module  fs.FS
	answers answers.Answers
	emitted map[string]emit.File
	base    *Base
	o       Options
	plan    *Plan

	startOver bool      // the package starts without earlier migrations
	was, now  packageID // the package when it was last emitted, and now
	labels    merge.Labels
}

// New compares the files emitted for the answers with the package's directory in the
// module, and with the base, which is what was emitted last. It only reads. The target
// must be that of the files, with the migrations of [Base.Migrated].
//
// The plan writes the answers to authgen.yaml if there is none. If authgen.yaml has other
// answers, it is in the way, unless the options have its new text.
func New(module fs.FS, a answers.Answers, t emit.Target, files []emit.File, base *Base, o Options) (*Plan, error) {
	base = base.Called(a.PackageName)
	o.Restore = restored(o.Restore, files, base)
	p := planner{
		module: module, answers: a, base: base, o: o,
		plan:      &Plan{Dir: a.Package, conflict: cmp.Or(o.Conflict, Fail)},
		emitted:   make(map[string]emit.File, len(files)),
		startOver: len(t.Migrated) == 0,
		was:       base.packageID(),
		now:       packageID{path.Join(t.Module, a.Package), a.PackageName},
		labels:    merge.Labels{Mine: "yours", Base: "before (authgen " + base.Version() + ")", New: "authgen " + generator.Version},
	}
	if base.EmittedBy(t.Templates) {
		p.labels = merge.Labels{Mine: "yours", Base: "before", New: "authgen, for the new answers"}
	}
	next := &lock.Lock{Version: generator.Version, Templates: t.Templates, Import: p.now.path, Answers: a.Canonical()}
	if base != nil {
		p.plan.oldLock = base.text
	}
	for _, name := range p.takeFiles(files) {
		s, err := p.step(name)
		if err != nil {
			return nil, err
		}
		p.plan.Steps = append(p.plan.Steps, s)
	}
	if err := p.refuseForeign(); err != nil {
		return nil, err
	}
	p.keepOldMigration()
	for i := range p.plan.Steps {
		s := &p.plan.Steps[i]
		if o.Only != nil && !o.Only(*s) {
			p.exclude(s)
		}
		if s.record != nil {
			next.Files = append(next.Files, *s.record)
		}
	}
	if len(p.plan.Excluded) > 0 {
		// The files left out are of the previous version, and for its answers.
		next.Version, next.Templates = base.lock.Version, base.lock.Templates
		next.Import, next.Answers = base.lock.Import, base.lock.Answers
	}
	if err := p.addAnswers(); err != nil {
		return nil, err
	}
	return p.plan, p.addLock(next, t)
}

// takeFiles separates the files to write from unit tests that are not written. It returns
// the paths of all files that are, or were, emitted, sorted.
func (p *planner) takeFiles(files []emit.File) []string {
	var paths []string
	for _, f := range files {
		if f.Tests != "" && p.answers.Tests != "all" && !p.isOwned(f.Tests) && !p.isOwned(f.Path) {
			p.plan.Unwritten = append(p.plan.Unwritten, f)
			continue
		}
		p.emitted[f.Path] = f
		paths = append(paths, f.Path)
	}
	if p.base != nil {
		for name := range p.base.files {
			if _, ok := p.emitted[name]; !ok {
				paths = append(paths, name)
			}
		}
	}
	slices.Sort(paths)
	return paths
}

// addLock adds the lock to the plan.
func (p *planner) addLock(next *lock.Lock, t emit.Target) (err error) {
	format := func() ([]byte, error) {
		text, err := next.Format()
		if err != nil {
			err = fmt.Errorf("internal error: %w", err)
		}
		return text, err
	}
	if p.base != nil {
		// A lock that differs only in its inputs is kept: all emitted files are the same.
		next.Inputs = p.base.lock.Inputs
		if text, err := format(); err != nil || lock.Equal(text, p.base.text) {
			p.plan.lock = text
			return err
		}
		next.Inputs = ""
	}
	if len(p.plan.Excluded) == 0 { // otherwise the files are of two versions
		hasSum := slices.ContainsFunc(next.Files, func(f lock.File) bool { return isSum(f.Path) })
		if next.Inputs, err = inputs(p.module, p.answers, t, hasSum, p.plan.changes()); err != nil {
			return err
		}
	}
	p.plan.lock, err = format()
	return err
}

// restored adds, to the files to bring back, the unit tests of those that the developer
// took over.
func restored(asked map[string]bool, files []emit.File, base *Base) map[string]bool {
	all := maps.Clone(asked)
	for _, f := range files {
		if asked[f.Tests] && base.files[f.Tests].Owned {
			all[f.Path] = true
		}
	}
	return all
}

// isOwned reports whether a generated file is, or becomes, the developer's.
func (p *planner) isOwned(name string) bool {
	_, becomes := p.o.Own[name]
	return becomes || p.base != nil && p.base.files[name].Owned && !p.o.Restore[name]
}

// refuseForeign returns an error if a directory that is renamed with the package also has
// Go files of the developer's own: they would stay behind in the old package.
func (p *planner) refuseForeign() error {
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

// keepOldMigration blocks a plan that would create a migration beside an old one for the
// same tables, which the answers moved elsewhere.
func (p *planner) keepOldMigration() {
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

// exclude undoes the decision about a file that Options.Only leaves out.
func (p *planner) exclude(s *Step) {
	if s.Action == Identical || s.Action == Keep && s.Note == "" {
		return
	}
	p.plan.Excluded = append(p.plan.Excluded, s.Path)
	base, wasEmitted := p.last(s.Path)
	s.Action, s.Note, s.new, s.Conflicts, s.record, s.sidecarChanges = Keep, "left as it is", nil, nil, nil, nil
	if wasEmitted {
		s.record = &base
	}
}

// last returns what was emitted last for a path, with the package's current name.
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

// read reads the file of a step from disk.
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

// readUnderOldName reads a missing file from the directory with the package's old name, if
// it is still there.
func (p *planner) readUnderOldName(s *Step) error {
	was := p.now.below(s.At, p.was)
	if s.onDisk || s.irregular || was == s.At || p.was.name == "" {
		return nil
	}
	old := Step{Path: s.Path, At: was}
	if err := p.read(&old); err != nil || !old.onDisk {
		return err
	}
	s.from, s.old, s.onDisk = was, old.old, true
	return nil
}

// step returns the step for the file that is, or was, emitted under a path.
func (p *planner) step(name string) (Step, error) {
	f := new(file)
	f.now, f.isEmitted = p.emitted[name]
	f.last, f.wasEmitted = p.last(name)
	s := Step{Path: name, Class: f.now.Class, Tests: f.now.Tests}
	if !f.isEmitted {
		s.Class, s.Tests = f.last.Class, p.testOf(name)
	}
	if f.isEmitted && (p.isOwned(name) || s.Tests != "" && p.isOwned(s.Tests)) {
		s.Class, f.now.Data = emit.Yours, ownHeader(f.now.Data)
	}
	if err := p.find(&s, f); err != nil {
		return Step{}, err
	}
	if f.isEmitted {
		s.emitted = text.Like(s.old, f.now.Data)
		f.unchanged = f.wasEmitted && lock.Hash(s.emitted) == f.last.Hash
	}
	if s.base = f.last.Base; s.base == nil && f.unchanged {
		s.base = s.emitted
	}
	if emitted, ok := p.o.Own[name]; ok && f.wasEmitted {
		s.takeOwnership(f.last, emitted)
		return s, nil
	}
	p.decide(&s, f)
	p.move(&s)
	return s, p.planSidecars(&s)
}

// find reads the file of a step from disk, where it may have been moved.
func (p *planner) find(s *Step, f *file) error {
	s.At = cmp.Or(p.o.Moved[s.Path], f.last.At, s.Path)
	if err := p.read(s); err != nil {
		return err
	}
	if !s.onDisk && !s.irregular && s.At != s.Path {
		s.At = s.Path // it may have been moved back
		if err := p.read(s); err != nil {
			return err
		}
	}
	if !f.wasEmitted {
		return nil
	}
	if err := p.readUnderOldName(s); err != nil {
		return err
	}
	if s.onDisk || s.irregular || s.Class == emit.Migration || f.last.State == lock.Deleted || p.o.Restore[s.Path] {
		return nil
	}
	return p.findMoved(s, f.last)
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

// isUnedited reports whether a file is as it was emitted last, apart from a rename of the
// package.
func (p *planner) isUnedited(s *Step, base lock.File) bool {
	if !s.onDisk {
		return false
	}
	if lock.Hash(s.old) == base.Hash {
		return true
	}
	if p.was == p.now || path.Ext(s.Path) != ".go" {
		return false
	}
	if base.Base != nil { // the base has the package's current name
		return lock.Hash(rename(text.Normalize(s.old), p.was, p.now)) == base.Hash
	}
	return lock.Hash(rename(text.Normalize(s.old), p.now, p.was)) == base.Hash
}

// isOurs reports whether authgen may remove a file that the lock lists, or write to it
// under another name. The hash in the lock does not prove that authgen wrote the file: an
// attacker who can change the lock can add the hash of any file.
func (p *planner) isOurs(s *Step, base lock.File) bool {
	ownSum := isSum(s.Path) && s.At[0] != '/' // such a file has no header
	return p.isUnedited(s, base) && (isHeaded(s.old) || ownSum)
}

// isHeaded reports whether the first line of a text says that authgen wrote it.
func isHeaded(text []byte) bool {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	return bytes.Contains(first, []byte("by authgen"))
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
