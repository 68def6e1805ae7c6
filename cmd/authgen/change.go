package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/authgen/authgen/cmd/authgen/internal/gocmd"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
)

// changeOptions are the flags of the commands that change a package.
type changeOptions struct {
	command   string // name of the command
	selection *selection
	conflict  conflictFlag
	tidy      bool
	noVerify  bool
	dryRun    bool
	json      bool
	moved     movedFlag
	discard   []string
	only      string   // a pattern of paths
	assigned  []string // the arguments of set
	resolving bool     // this resolves the last conflict of an upgrade, which was not proven before
}

// proofFlags adds the flags of the commands that check their result before they write it.
func proofFlags(flags *flag.FlagSet) *changeOptions {
	o := &changeOptions{command: flags.Name(), selection: selectionFlag(flags)}
	flags.BoolVar(&o.noVerify, "no-verify", false, "write without checking that the result builds and passes its tests")
	return o
}

// mergeFlags adds the flags of the commands that merge.
func mergeFlags(flags *flag.FlagSet) *changeOptions {
	o := proofFlags(flags)
	flags.Var(&o.conflict, "conflict", "what to do if you and authgen changed the same lines: `HOW` is fail (write nothing), "+
		"markers (write both into Go files, and beside others) or sidecar (write both beside every file, with "+plan.MergeSuffix+" at the end of the name)")
	flags.BoolVar(&o.tidy, "tidy", false, "add what the package needs, and nothing else, to go.mod and go.sum")
	flags.Func("discard-edits", "bring the generated file `FILE` back although you edited it; may be repeated", func(text string) error {
		o.discard = append(o.discard, text)
		return nil
	})
	flags.Var(&o.moved, "moved", "you moved a file: `OLD=NEW`, relative to the package's directory; may be repeated")
	return o
}

// conflictFlag is the flag for the conflict mode, which is empty if it is not given.
type conflictFlag struct{ mode plan.ConflictMode }

// String implements [flag.Value].
func (f *conflictFlag) String() string { return string(f.mode) }

// Set implements [flag.Value].
func (f *conflictFlag) Set(text string) error {
	modes := []plan.ConflictMode{plan.Fail, plan.Markers, plan.Sidecar}
	if f.mode = plan.ConflictMode(text); !slices.Contains(modes, f.mode) {
		return fmt.Errorf("must be fail, markers or sidecar")
	}
	return nil
}

// movedFlag holds the new paths of moved files, by their old ones.
type movedFlag map[string]string

// String implements [flag.Value].
func (f *movedFlag) String() string { return "" }

// Set implements [flag.Value].
func (f *movedFlag) Set(text string) error {
	old, now, ok := strings.Cut(text, "=")
	if !ok || old == "" || now == "" {
		return errors.New("want OLD=NEW, such as authweb/routes.go=authweb/table.go")
	}
	if *f == nil {
		*f = make(movedFlag)
	}
	(*f)[old] = now
	return nil
}

// interactive makes markers the default at a terminal, where somebody can resolve the
// conflicts.
func (o *changeOptions) interactive() {
	// go generate sets GOFILE. It may run authgen in many packages.
	if o.conflict.mode == "" && os.Getenv("GOFILE") == "" && term.IsTerminal(int(os.Stdin.Fd())) {
		o.conflict.mode = plan.Markers
	}
}

// options returns the options of a plan for the flags.
func (o *changeOptions) options(in *instance) (plan.Options, error) {
	options := plan.Options{Conflict: o.conflict.mode}
	for old, now := range o.moved {
		name, err := in.path(o.selection.dir, old)
		if err != nil {
			return options, err
		}
		if full := in.inModule(now); !fs.ValidPath(now) || strings.HasPrefix(now, "/") {
			return options, usageError(o.command, "--moved: %q is not a path below %s", now, in.dir)
		} else if _, err := fs.Stat(os.DirFS(in.project.Root), full); err != nil {
			return options, usageError(o.command, "--moved: there is no %s", full)
		} else if _, err := in.path(o.selection.dir, full); err == nil || strings.HasPrefix(path.Base(now), "authgen.") {
			return options, usageError(o.command, "--moved: %s is another file that authgen wrote", full)
		} else if was := in.inModule(in.base.Paths()[name]); was != full {
			if _, err := fs.Stat(os.DirFS(in.project.Root), was); err == nil {
				return options, usageError(o.command, "--moved: %s has not moved", was)
			}
		}
		if options.Moved == nil {
			options.Moved = make(map[string]string)
		}
		options.Moved[name] = now
	}
	for _, file := range o.discard {
		name, err := in.path(o.selection.dir, file)
		if err != nil {
			return options, err
		}
		if options.Restore == nil {
			options.Restore = make(map[string]bool)
		}
		options.Restore[name], options.Discard = true, true
	}
	return options, nil
}

// change brings packages up to date with their answers. It plans and checks all of them
// before it writes the first.
func (c *cli) change(instances []*instance, o *changeOptions, adjust func(*instance, *plan.Options) error) error {
	var writes []func() error
	for _, in := range instances {
		if err := in.refuseUnresolved(); err != nil {
			return err
		}
		options, err := o.options(in)
		if err != nil {
			return err
		}
		if adjust != nil {
			if err := adjust(in, &options); err != nil {
				return err
			}
		}
		if err := in.newClashes(o.assigned); err != nil {
			return err
		}
		plan, err := in.plan(options)
		if err != nil {
			return err
		}
		write, err := c.prepare(in, plan, o)
		if err != nil {
			return err
		}
		writes = append(writes, write)
	}
	for _, write := range writes {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// carryOut checks a plan and applies it.
func (c *cli) carryOut(in *instance, plan *plan.Plan, o *changeOptions) error {
	write, err := c.prepare(in, plan, o)
	if err != nil {
		return err
	}
	return write()
}

// prepare checks a plan, and tests its result where necessary. It returns the function
// that applies the plan, or that prints it for a dry run.
func (c *cli) prepare(in *instance, p *plan.Plan, o *changeOptions) (write func() error, err error) {
	for _, note := range in.notes {
		c.say("%s: %s follows", note, answers.FileName)
	}
	if in.otherBuild() && !p.Empty() {
		c.say("%s: its files are emitted again", in.otherBuildText())
	}
	if o.dryRun {
		return func() error { return c.preview(in, p, o) }, nil
	}
	if err := in.refuseBlocked(p, lostLock); err != nil {
		return nil, err
	}
	c.sayApplied(in, in.applied(p))
	conflicts := len(p.Conflicting()) > 0
	if conflicts {
		c.conflicts(p)
		if o.conflict.mode == plan.Fail || o.conflict.mode == "" {
			return nil, in.conflictError(p)
		}
	}
	switch {
	case p.Empty() && conflicts:
		return nil, in.conflictError(p)
	case p.Empty() && o.only != "" && len(p.Excluded) > 0:
		return nil, in.leftError(p, o.only)
	case p.Empty():
		return func() error {
			c.upToDate(p)
			return nil
		}, nil
	}
	// A file with conflict markers does not build, and after a first run, as after init,
	// go.mod may still lack modules.
	prove := !o.noVerify && !conflicts && in.base != nil && (o.resolving || in.needsProof(p))
	missing, err := missingModules(in.project, in.answers)
	if err != nil {
		return nil, err
	}
	switch {
	case o.tidy:
		if _, err := c.require(in, missing, p); err != nil {
			return nil, err
		}
	case len(missing) > 0 && prove:
		return nil, failf("give --tidy to add it, or run "+goGet(p, missing),
			"nothing was written: the package needs %s, which go.mod does not have", moduleList(missing, " ", ", "))
	}
	var proved gocmd.Result
	if prove {
		if err := in.writable(p); err != nil {
			return nil, err
		}
		if proved, err = c.prove(in, p); err != nil {
			return nil, err
		}
	}
	return func() error {
		if err := in.apply(p); err != nil {
			return err
		}
		c.list(p)
		if len(missing) > 0 && !o.tidy {
			c.say("\nThe package needs modules that go.mod does not have:\n\n  %s", goGet(p, missing))
		}
		if proved.Vendor != "" {
			c.say("\nThe vendor directory lacks what the package needs:\n\n  %s", proved.Vendor)
		}
		c.afterwards(in, p)
		if conflicts {
			return in.conflictError(p)
		}
		if o.only != "" && len(p.Excluded) > 0 {
			return in.leftError(p, o.only)
		}
		return nil
	}, nil
}

// leftError returns the error for a package that was upgraded in part, since a pattern
// excluded some files.
func (in *instance) leftError(plan *plan.Plan, pattern string) error {
	return &failure{
		fmt.Errorf("%s is still at %s, since --only=%s left out %s", in.dir, in.base.Version(), shellQuote(pattern), strings.Join(plan.Excluded, ", ")),
		in.command("upgrade") + " takes the rest", exitDiffers,
	}
}

// needsProof reports whether the plan could break a package that builds. Bringing back
// what was emitted for the same answers cannot.
func (in *instance) needsProof(p *plan.Plan) bool {
	again := in.base.EmittedBy(in.templates) && in.base.EmittedFor(in.answers)
	for _, s := range p.Steps {
		switch {
		case s.Path == answers.FileName, slices.Equal(s.Old(), s.New()):
		case s.Action == plan.Merge, s.Action == plan.Gone, !again:
			return true
		}
	}
	return false
}

// preview prints what a plan would do.
func (c *cli) preview(in *instance, plan *plan.Plan, o *changeOptions) error {
	if o.json {
		f := in.refuseBlocked(plan, lostLock)
		switch {
		case f != nil:
		case len(plan.Conflicting()) > 0:
			f = &failure{status: exitConflicts}
		case !plan.Empty():
			f = &failure{status: exitDiffers}
		}
		if err := c.printJSON([]report{in.report(plan, f)}); err != nil || f == nil {
			return err
		}
		return &failure{nil, "", f.status}
	}
	if plan.Empty() && len(plan.Blocked()) == 0 {
		c.upToDate(plan)
		return nil
	}
	c.list(plan)
	if err := in.refuseBlocked(plan, lostLock); err != nil {
		return err
	}
	if len(plan.Conflicting()) > 0 {
		c.conflicts(plan)
		return in.conflictError(plan)
	}
	c.additions(in)
	c.consequences(in)
	return &failure{fmt.Errorf("%s would change; nothing was written", in.dir), "", exitDiffers}
}

// refuseUnresolved returns an error if an earlier run left conflicts that are not resolved
// yet.
func (in *instance) refuseUnresolved() *failure {
	unresolved := in.base.Unresolved()
	if unresolved == nil {
		return nil
	}
	var problems errorList
	for _, name := range unresolved {
		problems = append(problems, fmt.Errorf("%s: its conflict is not resolved yet", in.inModule(in.base.Paths()[name])))
	}
	first := shellQuote(in.inModule(in.base.Paths()[unresolved[0]]))
	return &failure{problems, fmt.Sprintf("edit the file, then run %s; or add --mine or --new", in.command("resolve "+first)), exitConflicts}
}

// afterwards prints what the developer still has to do or to know after a change.
func (c *cli) afterwards(in *instance, p *plan.Plan) {
	var added []string
	for _, s := range p.Steps {
		if s.Class == emit.Migration && s.Action == plan.Create {
			added = append(added, p.InModule(s))
		}
	}
	switch {
	case len(added) == 0:
	case in.answers.Migrates():
		c.say("\n%s is applied by %s.Migrate, when the application starts", strings.Join(added, ", "), in.answers.PackageName)
	default:
		c.say("\nApply the migration%s", migrationText(in.project, in.answers))
	}
	c.additions(in)
	c.consequences(in)
}
