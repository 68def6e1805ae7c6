package main

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

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
	in, root, err := openInstance(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := generator.Recover(root, in.dir); err != nil {
		return err
	}
	plan, err := in.plan()
	if err != nil {
		return err
	}
	if err := c.refuseBlocked(plan); err != nil {
		return err
	}
	if plan.Empty() {
		c.say("%s is up to date (%s)", in.dir, plan.Counts())
		return nil
	}
	if err := plan.Apply(root); err != nil {
		return err
	}
	c.list(plan)
	return nil
}

// status is authgen without a command: it sets up a project that has no package
// yet, and otherwise says how the package stands without changing it.
func (c *cli) status() error {
	project, err := generator.LoadProject(".")
	if err != nil {
		return err
	}
	if len(project.Instances) == 0 {
		return c.call(initCommand, nil)
	}
	in, root, err := openInstance(".")
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	plan, err := in.plan()
	if err != nil {
		return err
	}
	if plan.Empty() && len(plan.Blocked()) == 0 {
		c.say("%s is up to date (%s)", in.dir, plan.Counts())
		return nil
	}
	c.list(plan)
	return &failure{fmt.Errorf("%s is not what %s describes", in.dir, path.Join(in.dir, generator.AnswersFile)), "authgen generate brings it up to date", exitDiffers}
}

// openInstance finds the instance in dir or, if there is none, the only one of
// the module.
func openInstance(dir string) (*instance, *os.Root, error) {
	project, err := generator.LoadProject(dir)
	if err != nil {
		return nil, nil, err
	}
	here, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, err
	}
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return nil, nil, err
	}
	rel, err := filepath.Rel(project.Root, here)
	if err != nil {
		return nil, nil, err
	}
	in := &instance{project: project, dir: filepath.ToSlash(rel)}
	if !slices.Contains(project.Instances, in.dir) {
		switch len(project.Instances) {
		case 0:
			return nil, nil, failf("authgen init asks and writes one", "%s: no %s in this module", project.Root, generator.AnswersFile)
		case 1:
			in.dir = project.Instances[0]
		default:
			return nil, nil, failf("name one with -C", "this module has several packages: %s", strings.Join(project.Instances, ", "))
		}
	}
	root, err := os.OpenRoot(project.Root)
	if err != nil {
		return nil, nil, err
	}
	name := path.Join(in.dir, generator.AnswersFile)
	data, err := root.ReadFile(filepath.FromSlash(name))
	if err == nil {
		in.answers, err = generator.ParseAnswers(name, data)
	}
	if err == nil && in.answers.Package != in.dir {
		err = failf("set package to "+in.dir, "%s: package is %s, but the file is in %s", name, in.answers.Package, in.dir)
	}
	if err != nil {
		_ = root.Close()
		return nil, nil, err
	}
	return in, root, nil
}

// plan emits the package and compares it with the disk.
func (in *instance) plan() (*generator.Plan, error) {
	files, err := generator.Emit(templates.FS, in.answers, generator.Target{Module: in.project.Module, Tool: in.project.Tool})
	if err != nil {
		return nil, err
	}
	return generator.NewPlan(os.DirFS(in.project.Root), in.answers, files)
}

// refuseBlocked is an error if the plan cannot be applied.
func (c *cli) refuseBlocked(plan *generator.Plan) error {
	blocked := plan.Blocked()
	if len(blocked) == 0 {
		return nil
	}
	var edited, foreign []string
	for _, s := range blocked {
		name := path.Join(plan.Dir, s.Path)
		c.say("%-9s %s", s.Action, name)
		if s.Action == generator.Edited {
			edited = append(edited, name)
		} else {
			foreign = append(foreign, name)
		}
	}
	switch {
	case len(foreign) == 0:
		return failf("undo the edits, with git stash for instance, or take them elsewhere; then run it again",
			"%s was edited, and would have to change: nothing was written", strings.Join(edited, ", "))
	case len(edited) == 0:
		return failf("move them away, or choose another directory with --package",
			"%s is in the way and not of authgen's making: nothing was written", strings.Join(foreign, ", "))
	}
	return failf("undo the edits or take them elsewhere, and move the others away",
		"%s was edited, and %s is in the way: nothing was written", strings.Join(edited, ", "), strings.Join(foreign, ", "))
}

// list prints a line for each file that is not as it is emitted, and the counts.
func (c *cli) list(plan *generator.Plan) {
	for _, s := range plan.Steps {
		if s.Action != generator.Identical {
			c.say("%-9s %s", s.Action, path.Join(plan.Dir, s.Path))
		}
	}
	c.say("%s", plan.Counts())
}
