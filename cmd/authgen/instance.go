package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/mod/semver"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
	"github.com/authgen/authgen/templates"
)

// instance is one package of a module that authgen writes.
type instance struct {
	project *project.Project
	dir     string // relative to the project's root
	answers answers.Answers
	base    *plan.Base
	file    []byte   // authgen.yaml on disk
	text    []byte   // new content of authgen.yaml, nil to leave it unchanged
	notes   []string // how the developer moved or renamed the package
	moves   []answers.RoleMove
	added   []answers.Addition // keys that text has and file does not
	earlier []string           // migrations of an earlier package, in the module

	templates string // digest of the templates that the last plan was made with
}

// selection says which packages a command works on.
type selection struct {
	dir     string
	all     bool
	several bool // whether the command has the flag --all
	reads   bool // whether the command changes nothing
}

// selectionFlag adds the flag for the directory of the package.
func selectionFlag(flags *flag.FlagSet) *selection {
	sel := new(selection)
	flags.StringVar(&sel.dir, "C", ".", "work on the package or the module in `DIR`")
	return sel
}

// allFlag adds the flag for all packages of the module.
func (sel *selection) allFlag(flags *flag.FlagSet) {
	sel.several = true
	flags.BoolVar(&sel.all, "all", false, "work on all packages of the module")
}

// open reads the packages that a command works on: all of the module if all is set,
// otherwise the one in the directory, otherwise the only one of the module.
func (sel selection) open(command string) (*project.Project, []*instance, error) {
	load := loadProject
	if sel.reads {
		load = lookAtProject
	}
	project, err := load(sel.dir)
	if err != nil {
		return nil, nil, err
	}
	dirs, err := instancesAt(project, sel.dir)
	switch {
	case err != nil:
		return nil, nil, err
	case sel.all:
		dirs = project.Instances
	case len(dirs) > 1:
		hint := fmt.Sprintf("authgen %s -C %s takes the first", command, shellQuote(filepath.Join(project.Root, filepath.FromSlash(dirs[0]))))
		if sel.several {
			hint += ", --all takes all"
		}
		return nil, nil, failf(hint, "this module has several packages: %s", strings.Join(dirs, ", "))
	}
	if len(dirs) == 0 {
		return nil, nil, failf("authgen init creates one", "%s: no %s in this module", project.Root, answers.FileName)
	}
	var instances []*instance
	for _, dir := range dirs {
		in, err := openInstance(project, dir)
		if err != nil {
			return nil, nil, err
		}
		instances = append(instances, in)
	}
	return project, instances, nil
}

// openOne is open for a command that works on one package.
func (sel selection) openOne(command string) (*instance, error) {
	_, instances, err := sel.open(command)
	if err != nil {
		return nil, err
	}
	return instances[0], nil
}

// lookAtProject is project.Open for a command that changes nothing. It returns an error
// if a killed run left something half done.
func lookAtProject(dir string) (*project.Project, error) {
	project, err := project.Open(dir)
	if err == nil && len(project.Unfinished) > 0 {
		return nil, failf("authgen generate undoes what it had begun to write", "%s: a run of authgen was interrupted here, or is in progress", project.Unfinished[0])
	}
	return project, err
}

// loadProject is like project.Open, but first undoes what killed runs left half done.
func loadProject(dir string) (*project.Project, error) {
	p, err := project.Open(dir)
	if err != nil || len(p.Unfinished) == 0 {
		return p, err
	}
	root, err := os.OpenRoot(p.Root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	for _, unfinished := range p.Unfinished {
		if err := plan.Recover(root, unfinished); err != nil {
			return nil, err
		}
	}
	return project.Open(dir)
}

// instancesAt returns the directory of the instance in dir or, if there is none,
// those of all instances of the module.
func instancesAt(project *project.Project, dir string) ([]string, error) {
	here, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	// No symbolic link in either path was resolved, so the root is here or above.
	rel, err := filepath.Rel(project.Root, here)
	if err != nil {
		return nil, err
	}
	if rel = filepath.ToSlash(rel); slices.Contains(project.Instances, rel) {
		return []string{rel}, nil
	}
	return project.Instances, nil
}

// readAnswers reads the answers of the package in a directory of the project.
func readAnswers(project *project.Project, dir string) (answers.Answers, []byte, error) {
	name := path.Join(dir, answers.FileName)
	text, err := fs.ReadFile(os.DirFS(project.Root), name)
	if err != nil {
		return answers.Answers{}, nil, err
	}
	a, err := answers.Parse(name, text)
	return a, text, err
}

// openInstance reads the answers of the instance in dir, and what was emitted for them
// last. If the developer moved the directory or renamed the package, it adapts the
// answers.
func openInstance(project *project.Project, dir string) (*instance, error) {
	module, name := os.DirFS(project.Root), path.Join(dir, answers.FileName)
	text, err := fs.ReadFile(module, name)
	if err != nil {
		return nil, err
	}
	base, unread := plan.ReadBase(module, dir)
	a, err := base.ReadAnswers(name, text)
	var schema *plan.SchemaError
	switch {
	case err != nil:
		// The file may have keys of a later version, which are not mistakes.
		text, _ := fs.ReadFile(module, path.Join(dir, plan.LockFile))
		if was := plan.LockVersion(text); semver.Compare(was, generator.Version) > 0 {
			return nil, tooNew(project, dir, was)
		}
		return nil, err
	case errors.As(unread, &schema):
		return nil, unread
	case errors.Is(unread, plan.ErrDamaged), errors.Is(unread, plan.ErrConflict):
		return nil, withHint("authgen restore "+plan.LockFile+" repairs it", unread)
	case unread != nil:
		return nil, unread
	}
	in := &instance{project: project, dir: dir, answers: a, base: base, file: text}
	if a.Package != dir {
		if !base.EmittedFor(a) {
			return nil, failf("say package: "+dir+" there, or move the directory back",
				"%s: package is %q, but the file is in %s", path.Join(dir, answers.FileName), a.Package, dir)
		}
		in.notes = append(in.notes, fmt.Sprintf("%s was moved to %s", a.Package, dir))
		in.answers.Package = dir
	}
	clause := base.PackageName(module, dir)
	if clause != "" && clause != a.PackageName && base.EmittedFor(a) {
		in.notes = append(in.notes, fmt.Sprintf("package %s was renamed to %s", a.PackageName, clause))
		in.answers.PackageName = clause
	}
	in.base = base.Called(in.answers.PackageName)
	if in.notes != nil {
		err = in.edit()
	}
	return in, err
}

// planFirst plans a package that has no authgen.yaml yet.
func planFirst(project *project.Project, a answers.Answers) (*instance, *plan.Plan, error) {
	base, err := plan.ReadBase(os.DirFS(project.Root), a.Package)
	if err != nil {
		return nil, nil, err
	}
	in := &instance{project: project, dir: a.Package, answers: a, base: base}
	if err := in.refuseOtherVersion(); err != nil {
		return nil, nil, err
	}
	if err := in.takeEarlier(); err != nil {
		return nil, nil, err
	}
	plan, err := in.plan(plan.Options{})
	return in, plan, err
}

// edit sets the new content of authgen.yaml, which has the answers.
func (in *instance) edit() (err error) {
	in.text, err = answers.Edit(path.Join(in.dir, answers.FileName), in.file, in.answers)
	return err
}

// complete adds missing keys to the new content of authgen.yaml.
func (in *instance) complete() error {
	text := in.text
	if text == nil {
		text = in.file
	}
	text, added, err := answers.Complete(path.Join(in.dir, answers.FileName), text, in.answers)
	if len(added) > 0 {
		in.text, in.added = text, added
	}
	return err
}

// refuseOtherVersion returns an error unless this version of authgen emitted the
// package: the files can be compared with the output of that version alone.
func (in *instance) refuseOtherVersion() *failure {
	switch was := in.base.Version(); {
	case was == "" || was == generator.Version:
		return nil
	case semver.Compare(was, generator.Version) < 0:
		return failf(in.command("upgrade")+" takes the new version's files, merged with your edits",
			"%s was written by authgen %s, and this is %s", path.Join(in.dir, plan.LockFile), was, generator.Version)
	default:
		return in.tooNew()
	}
}

// tooNew returns the error for a package of a later version of authgen.
func (in *instance) tooNew() *failure { return tooNew(in.project, in.dir, in.base.Version()) }

// tooNew returns the error for a package in a directory of the project that a later
// version of authgen wrote.
func tooNew(project *project.Project, dir, was string) *failure {
	get := "go install"
	if project.Tool {
		get = "go get -tool"
	}
	return failf(fmt.Sprintf("get that version: %s github.com/authgen/authgen/cmd/authgen@%s", get, was),
		"%s was written by authgen %s, and this is %s", path.Join(dir, plan.LockFile), was, generator.Version)
}

// command returns the command line that runs a command on the instance.
func (in *instance) command(name string) string {
	self := "authgen"
	if in.project.Tool {
		self = "go tool authgen"
	}
	if len(in.project.Instances) > 1 {
		name += " -C " + shellQuote(in.dir)
	}
	return self + " " + name
}

// target returns the target of the package, without its migrations.
func (in *instance) target() (t emit.Target, err error) {
	if in.templates, err = templatesDigest(); err != nil {
		return t, err
	}
	return emit.Target{
		Module: in.project.Module, Templates: in.templates,
		Tool: in.project.Tool, HasGenerateLine: in.project.HasGenerateLine, Moves: in.moves,
	}, nil
}

// templatesDigest returns the digest of the templates in this program.
var templatesDigest = sync.OnceValues(func() (string, error) { return emit.Digest(templates.FS) })

// otherBuild reports whether the package was emitted by this version of authgen, but
// with other templates than those of the last plan. That happens only while a version is
// being developed.
func (in *instance) otherBuild() bool {
	return in.base.Version() == generator.Version && !in.base.EmittedBy(in.templates)
}

// otherBuildText returns the message for a package of another build.
func (in *instance) otherBuildText() string {
	return fmt.Sprintf("%s was written by another build of authgen %s, with other templates", path.Join(in.dir, plan.LockFile), generator.Version)
}

// unchanged returns the plan of a package that is up to date by the hashes in its lock,
// nil if that cannot be told without emitting it.
func (in *instance) unchanged() (*plan.Plan, error) {
	target, err := in.target()
	if err != nil || in.text != nil {
		return nil, err
	}
	return in.base.Unchanged(os.DirFS(in.project.Root), in.answers, target)
}

// plan emits the package and compares it with the disk.
func (in *instance) plan(o plan.Options) (*plan.Plan, error) {
	target, err := in.target()
	if err != nil {
		return nil, err
	}
	if target.Migrated, err = in.base.Migrated(os.DirFS(in.project.Root), in.answers); err != nil {
		return nil, err
	}
	files, err := emit.Package(templates.FS, in.answers, target)
	if err != nil {
		return nil, err
	}
	o.Answers = in.text
	return plan.New(os.DirFS(in.project.Root), in.answers, target, files, in.base, o)
}

// path returns the path of the emitted file that the user calls name, which is relative
// to dir, to the root of the module or to the package.
func (in *instance) path(dir, name string) (string, error) {
	known := in.base.Paths()
	match := func(inModule string) string {
		for emitted, at := range known {
			if inModule == in.inModule(at) || inModule == in.inModule(emitted) {
				return emitted
			}
		}
		return ""
	}
	slashed := path.Clean(filepath.ToSlash(name))
	candidates := []string{slashed, path.Join(in.dir, slashed)}
	abs := name
	if !filepath.IsAbs(name) {
		abs, _ = filepath.Abs(filepath.Join(dir, name))
	}
	if rel, err := filepath.Rel(in.project.Root, abs); err == nil {
		candidates = slices.Insert(candidates, 0, filepath.ToSlash(rel))
	}
	for _, candidate := range candidates {
		if found := match(candidate); found != "" {
			return found, nil
		}
	}
	var names []string
	for emitted := range known {
		names = append(names, emitted)
	}
	slices.Sort(names)
	meant := answers.DidYouMean(strings.TrimPrefix(slashed, in.dir+"/"), names)
	if i := slices.IndexFunc(names, func(known string) bool { return path.Base(known) == path.Base(slashed) }); i >= 0 {
		meant = fmt.Sprintf(" (did you mean %q?)", names[i])
	}
	return "", failf(in.command("check")+" looks at all of them", "%s: not a file that authgen wrote%s", name, meant)
}

// inModule returns where in the module an emitted file is.
func (in *instance) inModule(name string) string { return emit.InModule(in.dir, name) }

// refuseBlocked returns an error if the plan cannot be applied. The remedy says what to
// do about a file that is in the way.
func (in *instance) refuseBlocked(p *plan.Plan, remedy string) *failure {
	undo := "undo the edits, or move them elsewhere"
	if in.base != nil {
		undo = fmt.Sprintf("%s makes a file yours to edit, %s brings it back as it was", in.command("own FILE"), in.command("restore --discard-edits FILE"))
	}
	reasons := map[plan.Action]struct{ what, remedy string }{
		plan.Edited:    {"edited, but not yours to edit", undo},
		plan.Immutable: {"a migration, which authgen never rewrites", "change the answers back or, if no database has been migrated yet, delete the migration"},
		plan.InTheWay:  {"it exists, and was not written by authgen", remedy},
	}
	var problems errorList
	var remedies []string
	for _, s := range p.Blocked() {
		reason := reasons[s.Action]
		problems = append(problems, fmt.Errorf("%s: %s", p.InModule(s), reason.what))
		if !slices.Contains(remedies, reason.remedy) {
			remedies = append(remedies, reason.remedy)
		}
	}
	if problems == nil {
		return nil
	}
	return withHint("nothing was written; "+strings.Join(remedies, "; "), problems)
}

const lostLock = "if authgen.lock was lost, authgen restore authgen.lock recovers it; otherwise move the file away"

// apply applies a plan of the instance. It holds off signals meanwhile: they would leave
// the plan half applied until the next run undoes it.
func (in *instance) apply(plan *plan.Plan) error {
	root, err := os.OpenRoot(in.project.Root)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	held := make(chan os.Signal, 1)
	signal.Notify(held, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(held)
	return plan.Apply(root)
}

func (c *cli) upToDate(plan *plan.Plan) {
	c.say("%s is up to date (%s)", plan.Dir, plan.Counts())
}
