package plan

import (
	"errors"
	"io/fs"
	"path"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/tree"
)

// NewRemoval returns a plan that removes all emitted files, authgen.yaml and
// authgen.lock. Files with edits block the plan unless force is set. Migrations in a
// directory of the project stay.
func NewRemoval(module fs.FS, a answers.Answers, base *Base, force bool) (*Plan, error) {
	p := planner{
		module: module, answers: a, base: base,
		plan: &Plan{Dir: a.Package, conflict: Fail, oldLock: base.text},
		was:  packageID{name: base.packageID().name}, now: packageID{name: a.PackageName},
	}
	for _, f := range base.Called(a.PackageName).lock.Files {
		s := Step{Path: f.Path, At: at(f), Class: f.Class, Action: Delete}
		if err := errors.Join(p.read(&s), p.readUnderOldName(&s)); err != nil {
			return nil, err
		}
		switch {
		case s.Class == emit.Migration && f.Path[0] == '/':
			s.Action, s.Note = Keep, "a database may have it"
		case s.irregular, s.onDisk && !force && !p.isOurs(&s, f):
			s.Action = Edited
		case s.onDisk && !p.isOurs(&s, f) && !isHeaded(s.old):
			s.Action, s.Note = Keep, "it does not say that authgen wrote it"
		}
		s.resolved = s.Action == Delete && f.State == lock.Conflict
		if err := p.planSidecars(&s); err != nil {
			return nil, err
		}
		p.plan.Steps = append(p.plan.Steps, s)
	}
	answers := Step{Path: answers.FileName, At: answers.FileName, Class: emit.Yours, Action: Delete}
	if err := p.read(&answers); err != nil {
		return nil, err
	}
	p.plan.Steps = append(p.plan.Steps, answers)
	p.plan.extra = []tree.Change{{Path: path.Join(a.Package, LockFile), Remove: true, Old: base.text, OldExists: true}}
	return p.plan, nil
}
