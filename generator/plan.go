package generator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/tree"
)

// The files beside the emitted ones.
const (
	AnswersFile = "authgen.yaml"
	LockFile    = "authgen.lock"
	stageDir    = ".authgen"
)

// Action is what becomes of one file.
type Action string

// What a plan does with a file.
const (
	Create    Action = "create"     // it is not there yet
	Update    Action = "update"     // it is as it was emitted, and is emitted otherwise now
	Identical Action = "identical"  // it is as it is emitted now
	Keep      Action = "keep"       // the developer edited or deleted it, and nothing new is emitted for it
	Gone      Action = "gone"       // it is no longer emitted, and is removed
	Edited    Action = "edited"     // the developer edited it, and it would change: nothing is written
	Immutable Action = "immutable"  // it is a migration, and would change: nothing is written
	InTheWay  Action = "in the way" // it is not of authgen's making: nothing is written
)

// Step is the action for one file.
type Step struct {
	Path   string // as that of a File
	Class  Class
	Action Action

	old       []byte // what is on disk
	onDisk    bool
	irregular bool // there is a directory, or the like, in its place
	new       []byte
	deleted   bool // the developer deleted it
}

// Plan is what has to be done to make a directory hold what was emitted. Making
// it only reads.
type Plan struct {
	Dir   string // of the package, relative to the root of the module
	Steps []Step // sorted by path

	others  []tree.Change
	lock    []byte
	oldLock []byte
}

// NewPlan compares the files emitted for the answers with those in the package's
// directory of the module, and with what authgen.lock says was emitted last.
//
// The answers are written to authgen.yaml if that is not there, and it is in the
// way if it says something else. The error says what to do where a plan cannot be
// made, as with a damaged lock.
func NewPlan(module fs.FS, a Answers, files []File) (*Plan, error) {
	p := &Plan{Dir: a.Package}
	last, err := p.readLock(module)
	if err != nil {
		return nil, err
	}
	next := &lock.Lock{Version: Version, Answers: a.encode(false)}
	emitted := make(map[string]File, len(files))
	for _, f := range files {
		emitted[f.Path] = f
	}
	var paths []string
	for name := range emitted {
		paths = append(paths, name)
	}
	for name := range last {
		if _, ok := emitted[name]; !ok {
			paths = append(paths, name)
		}
	}
	slices.Sort(paths)
	for _, name := range paths {
		s, err := newStep(module, inModule(a.Package, name), name)
		if err != nil {
			return nil, err
		}
		f, isEmitted := emitted[name]
		base, wasEmitted := last[name]
		s.decide(f, isEmitted, base, wasEmitted)
		p.Steps = append(p.Steps, s)
		if isEmitted || s.Action == Keep {
			next.Files = append(next.Files, lockFile(s, base, wasEmitted))
		}
	}
	p.refuseSecond(emitted, last)
	if p.lock, err = next.Format(); err != nil {
		return nil, fmt.Errorf("internal error: %w", err)
	}
	return p, p.planAnswers(module, a)
}

// InModule returns where in the module the file of a step is.
func (p *Plan) InModule(s Step) string { return inModule(p.Dir, s.Path) }

// refuseSecond keeps a migration from being written beside one that makes the
// same tables: the answers moved it, so it is no longer emitted, but what was
// emitted is there still.
func (p *Plan) refuseSecond(emitted map[string]File, last map[string]lock.File) {
	isNew := func(s Step) bool {
		_, before := last[s.Path]
		return s.Class == Migration && s.Action == Create && !before
	}
	if !slices.ContainsFunc(p.Steps, isNew) {
		return
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		if _, ok := emitted[s.Path]; !ok && s.Class == Migration && s.Action == Keep {
			s.Action = Immutable
		}
	}
}

// readLock returns the files of the lock by their paths.
func (p *Plan) readLock(module fs.FS) (map[string]lock.File, error) {
	name := path.Join(p.Dir, LockFile)
	data, err := fs.ReadFile(module, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l, err := lock.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; get it back from version control", name, err)
	}
	if semver.Compare(l.Version, Version) > 0 {
		return nil, fmt.Errorf("%s was written by authgen %s, and this is %s; install that version", name, l.Version, Version)
	}
	p.oldLock = data
	files := make(map[string]lock.File, len(l.Files))
	for _, f := range l.Files {
		inPackage := strings.TrimPrefix(inModule(p.Dir, f.Path), p.Dir+"/")
		first, _, _ := strings.Cut(inPackage, "/")
		if strings.EqualFold(inPackage, AnswersFile) || strings.EqualFold(inPackage, LockFile) || strings.EqualFold(first, stageDir) {
			return nil, fmt.Errorf("%s: %w: it lists %s; get it back from version control", name, lock.ErrDamaged, f.Path)
		}
		files[f.Path] = f
	}
	return files, nil
}

func newStep(module fs.FS, full, name string) (Step, error) {
	info, err := fs.Stat(module, full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Step{Path: name}, nil
	case err != nil:
		return Step{}, err
	case !info.Mode().IsRegular():
		return Step{Path: name, irregular: true}, nil
	}
	data, err := fs.ReadFile(module, full)
	return Step{Path: name, old: data, onDisk: true}, err
}

// decide sets the action by what is emitted now, what was emitted last, and
// what is on disk.
func (s *Step) decide(f File, isEmitted bool, base lock.File, wasEmitted bool) {
	s.Class = base.Class
	if isEmitted {
		s.Class, s.new = f.Class, keepLineEnds(s.old, f.Data)
	}
	edited := lock.Hash(s.old) != base.Hash
	unchanged := wasEmitted && lock.Hash(s.new) == base.Hash
	switch {
	case s.irregular:
		s.Action = InTheWay
	case !isEmitted && !s.onDisk:
		s.Action = Gone
	case !isEmitted && s.Class == Migration, s.Class == Once && s.onDisk && !wasEmitted && !s.same():
		s.Action = Keep
	case !isEmitted && edited, isEmitted && s.onDisk && !wasEmitted && !s.same():
		s.Action = Edited
		if !wasEmitted {
			s.Action = InTheWay
		}
	case !isEmitted:
		s.Action = Gone
	case !s.onDisk && wasEmitted && (s.Class == Yours || s.Class == Once):
		s.Action, s.deleted = Keep, true
	case !s.onDisk:
		s.Action = Create
	case s.same():
		s.Action = Identical
	case s.Class == Once, s.Class == Yours && unchanged, s.Class == Migration && unchanged:
		s.Action = Keep
	case s.Class == Migration:
		s.Action = Immutable
	case edited:
		s.Action = Edited
	default:
		s.Action = Update
	}
}

func (s *Step) same() bool { return s.onDisk && lock.Hash(s.old) == lock.Hash(s.new) }

// lockFile is how the lock remembers the file of a step.
func lockFile(s Step, base lock.File, wasEmitted bool) lock.File {
	if wasEmitted && s.Action == Keep {
		// The base stays what the developer's edits are edits of.
		base.State = ""
		if s.deleted {
			base.State = lock.Deleted
		}
		return base
	}
	f := lock.File{Path: s.Path, Class: s.Class, Hash: lock.Hash(s.new)}
	if s.Class == Yours || s.Class == Once {
		f.Base = bytes.ReplaceAll(s.new, []byte("\r\n"), []byte("\n"))
	}
	return f
}

// keepLineEnds gives data the line ends that most lines of old have.
func keepLineEnds(old, data []byte) []byte {
	if 2*bytes.Count(old, []byte("\r\n")) <= bytes.Count(old, []byte("\n")) {
		return data
	}
	return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
}

// planAnswers adds authgen.yaml.
func (p *Plan) planAnswers(module fs.FS, a Answers) error {
	s, err := newStep(module, path.Join(p.Dir, AnswersFile), AnswersFile)
	if err != nil {
		return err
	}
	s.Class, s.Action, s.new = Yours, Identical, s.old
	if !s.onDisk {
		s.Action, s.new = Create, a.Format()
	} else if now, err := ParseAnswers(path.Join(p.Dir, AnswersFile), s.old); err != nil || now.Hash() != a.Hash() {
		s.Action = InTheWay
	}
	p.Steps = append(p.Steps, s)
	slices.SortFunc(p.Steps, func(a, b Step) int { return cmp.Compare(a.Path, b.Path) })
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
		s := Step{Path: c.Path, Action: Create}
		if c.OldExists {
			s.Action = Update
		}
		others = append(others, s)
	}
	return others
}

// Blocked returns the steps that keep the plan from being applied.
func (p *Plan) Blocked() []Step {
	var blocked []Step
	for _, s := range p.Steps {
		if s.Action == Edited || s.Action == Immutable || s.Action == InTheWay {
			blocked = append(blocked, s)
		}
	}
	return blocked
}

// Empty reports whether applying the plan would change nothing.
func (p *Plan) Empty() bool { return len(p.changes()) == 0 }

// Written returns what files applying the plan writes, by their paths in the
// module.
func (p *Plan) Written() map[string][]byte {
	files := make(map[string][]byte)
	for _, c := range p.changes() {
		if !c.Remove {
			files[c.Path] = c.Data
		}
	}
	return files
}

func (p *Plan) changes() []tree.Change {
	var changes []tree.Change
	for _, s := range p.Steps {
		c := tree.Change{Path: inModule(p.Dir, s.Path), Data: s.new, Old: s.old, OldExists: s.onDisk}
		switch s.Action {
		case Create, Update:
			changes = append(changes, c)
		case Gone:
			if s.onDisk {
				c.Data, c.Remove = nil, true
				changes = append(changes, c)
			}
		}
	}
	return append(changes, p.otherChanges()...)
}

// otherChanges ends with the lock, which is to be written last.
func (p *Plan) otherChanges() []tree.Change {
	changes := slices.Clone(p.others)
	// A checkout may have given the lock other line ends.
	if !bytes.Equal(bytes.ReplaceAll(p.oldLock, []byte("\r\n"), []byte("\n")), p.lock) {
		changes = append(changes, tree.Change{
			Path: path.Join(p.Dir, LockFile), Data: p.lock, Old: p.oldLock, OldExists: p.oldLock != nil,
		})
	}
	return changes
}

// ErrBlocked is what Apply returns for a plan that [Plan.Blocked] says something
// of.
var ErrBlocked = errors.New("files are in the way")

// Apply makes all changes of the plan below the root of the module, or none. The
// lock is written last.
func (p *Plan) Apply(root *os.Root) error {
	if len(p.Blocked()) > 0 {
		return ErrBlocked
	}
	changes := p.changes()
	if len(changes) == 0 {
		return nil
	}
	return tree.Apply(root, path.Join(p.Dir, stageDir), changes)
}

// Recover puts back what a run that was killed left half done in the package's
// directory. It is to be called before a plan is made.
func Recover(root *os.Root, dir string) error {
	_, err := tree.Recover(root, path.Join(dir, stageDir))
	return err
}

// Counts returns how often each action occurs among Steps and Others, in a fixed
// order, such as "28 create, 1 keep".
func (p *Plan) Counts() string {
	steps := slices.Concat(p.Steps, p.Others())
	var parts []string
	for _, action := range []Action{Create, Update, Gone, Keep, Identical, Edited, Immutable, InTheWay} {
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
