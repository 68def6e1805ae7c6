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
	"syscall"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/templates"
)

var generateCommand = command{
	name:    "generate",
	args:    "[-C DIR]",
	summary: "write the package that authgen.yaml describes",
	detail: `Brings the package up to date with its authgen.yaml. It never asks, and never
overwrites an edit: where an edited file would have to change, nothing at all is
written and the files are named. This is what go generate runs.

The package is the one in the current directory, or else the only one of the
module.`,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		dir := flags.String("C", ".", "work on the package in, or the module of, `DIR`")
		return func(c *cli, args []string) error {
			if err := noArgs("generate", args); err != nil {
				return err
			}
			return c.generate(*dir)
		}
	},
}

// instance is one package of a module that authgen writes.
type instance struct {
	project *generator.Project
	dir     string // relative to the project's root
	answers generator.Answers
}

// generate brings the instance at dir up to date.
func (c *cli) generate(dir string) error {
	project, err := loadProject(dir)
	if err != nil {
		return err
	}
	dirs, err := instancesAt(project, dir)
	if err != nil {
		return err
	}
	switch {
	case len(dirs) == 0:
		return failf("authgen init asks, and writes one", "%s: no %s in this module", project.Root, generator.AnswersFile)
	case len(dirs) > 1:
		return failf("authgen generate -C "+shellQuote(filepath.Join(project.Root, filepath.FromSlash(dirs[0])))+" takes the first",
			"this module has several packages: %s", strings.Join(dirs, ", "))
	}
	root, err := os.OpenRoot(project.Root)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	in, err := openInstance(project, dirs[0])
	if err != nil {
		return err
	}
	plan, err := in.plan()
	if err != nil {
		return err
	}
	if err := in.refuseBlocked(plan, lostLock); err != nil {
		return err
	}
	if plan.Empty() {
		c.upToDate(plan)
		return nil
	}
	if err := apply(plan, root); err != nil {
		return err
	}
	c.list(plan)
	return nil
}

const lostLock = "if authgen.lock was lost, get it back from version control, else move the file away"

// loadProject is generator.LoadProject after what killed runs left half done was
// put back.
func loadProject(dir string) (*generator.Project, error) {
	project, err := generator.LoadProject(dir)
	if err != nil || len(project.Unfinished) == 0 {
		return project, err
	}
	root, err := os.OpenRoot(project.Root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	for _, unfinished := range project.Unfinished {
		if err := generator.Recover(root, unfinished); err != nil {
			return nil, err
		}
	}
	return generator.LoadProject(dir)
}

// apply applies a plan. That takes a moment, in which a signal would leave it half
// done until the next run puts it back; so it is held off.
func apply(plan *generator.Plan, root *os.Root) error {
	held := make(chan os.Signal, 1)
	signal.Notify(held, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(held)
	return plan.Apply(root)
}

// status is authgen without a command: it sets up a project that has no package
// yet, and otherwise says how the packages stand without changing them.
func (c *cli) status() error {
	project, err := loadProject(".")
	if err != nil {
		return err
	}
	dirs, err := instancesAt(project, ".")
	if err != nil {
		return err
	}
	if len(dirs) == 0 {
		return c.call(initCommand, nil)
	}
	var differ []string
	var blocked error
	for _, dir := range dirs {
		in, err := openInstance(project, dir)
		if err != nil {
			return err
		}
		plan, err := in.plan()
		if err != nil {
			return err
		}
		if plan.Empty() && len(plan.Blocked()) == 0 {
			c.upToDate(plan)
			continue
		}
		c.say("%s would change:", dir)
		c.list(plan)
		differ = append(differ, dir)
		if blocked == nil {
			blocked = in.refuseBlocked(plan, lostLock)
		}
	}
	if differ == nil {
		return nil
	}
	hint := "authgen generate brings it up to date"
	if len(dirs) > 1 {
		hint = "authgen generate, in that directory, brings it up to date"
	}
	var f *failure
	if errors.As(blocked, &f) {
		hint = strings.TrimPrefix(f.hint, "nothing was written; ")
	}
	return &failure{fmt.Errorf("%s is not what its %s describes", strings.Join(differ, ", "), generator.AnswersFile), hint, exitDiffers}
}

// instancesAt returns the directory of the instance in dir or, if there is none,
// those of all instances of the module.
func instancesAt(project *generator.Project, dir string) ([]string, error) {
	here, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	// The root is here or above, whatever links lead here.
	rel, err := filepath.Rel(project.Root, here)
	if err != nil {
		return nil, err
	}
	if rel = filepath.ToSlash(rel); slices.Contains(project.Instances, rel) {
		return []string{rel}, nil
	}
	return project.Instances, nil
}

// openInstance reads the answers of the instance in dir.
func openInstance(project *generator.Project, dir string) (*instance, error) {
	name := path.Join(dir, generator.AnswersFile)
	data, err := fs.ReadFile(os.DirFS(project.Root), name)
	if err != nil {
		return nil, err
	}
	a, err := generator.ParseAnswers(name, data)
	if err != nil {
		return nil, err
	}
	if a.Package != dir {
		return nil, failf("say package: "+dir+" there, or move the directory back", "%s: package is %q, but the file is in %s", name, a.Package, dir)
	}
	return &instance{project, dir, a}, nil
}

// plan emits the package and compares it with the disk.
func (in *instance) plan() (*generator.Plan, error) {
	files, err := generator.Emit(templates.FS, in.answers, generator.Target{Module: in.project.Module, Tool: in.project.Tool})
	if err != nil {
		return nil, err
	}
	return generator.NewPlan(os.DirFS(in.project.Root), in.answers, files)
}

// refuseBlocked is an error if the plan cannot be applied. The remedy is what to
// do about a file that is in the way.
func (in *instance) refuseBlocked(plan *generator.Plan, remedy string) error {
	undo := "undo the edits, or take them elsewhere"
	if in.project.Git {
		undo = "undo the edits, with git stash for instance, or take them elsewhere"
	}
	reasons := map[generator.Action]struct{ what, remedy string }{
		generator.Edited:    {"edited, and would have to change", undo},
		generator.Immutable: {"a migration, and would have to change", "change the answers back or, if no database has been migrated yet, delete the migration"},
		generator.InTheWay:  {"in the way, and not of authgen's making", remedy},
	}
	var problems several
	var remedies []string
	for _, s := range plan.Blocked() {
		reason := reasons[s.Action]
		if s.Action == generator.Edited && s.Class == generator.Generated {
			reason.what = "edited, which generating it would undo"
		}
		problems = append(problems, fmt.Errorf("%s: %s", plan.InModule(s), reason.what))
		if !slices.Contains(remedies, reason.remedy) {
			remedies = append(remedies, reason.remedy)
		}
	}
	if problems == nil {
		return nil
	}
	return withHint("nothing was written; "+strings.Join(remedies, "; "), problems)
}

func (c *cli) upToDate(plan *generator.Plan) {
	c.say("%s is up to date (%s)", plan.Dir, plan.Counts())
}

// list prints a line for each file that is not as it is emitted, and the counts.
func (c *cli) list(plan *generator.Plan) {
	for _, s := range plan.Steps {
		if s.Action != generator.Identical {
			c.say("%-9s %s", s.Action, plan.InModule(s))
		}
	}
	for _, s := range plan.Others() {
		c.say("%-9s %s", s.Action, s.Path)
	}
	c.say("%s", plan.Counts())
}
