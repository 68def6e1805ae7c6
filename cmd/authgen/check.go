package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
)

var checkCommand = command{
	name:    "check",
	args:    "[flags]",
	summary: "say whether the package is up to date, for CI",
	detail: `Compares the package with its authgen.yaml and with what was emitted last. It
changes nothing, asks nothing, and needs neither network nor Go.

A package is up to date if this authgen wrote its authgen.lock for these answers, and
its files are as the lock says. With --emit, authgen emits the package and compares
even then, which finds edits of generated files that were hidden by editing the lock.

It exits with 0 if all is well; with 1 if authgen generate would change something, if
a file that is not yours to edit was edited, or if an earlier version of authgen wrote
the package; with 2 if it cannot tell; with 3 if a conflict is not resolved. Edits of
your own files are fine.`,
	lists: true,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		sel := selectionFlag(flags)
		sel.allFlag(flags)
		asJSON := flags.Bool("json", false, "print the outcome as JSON to standard output")
		emits := flags.Bool("emit", false, "emit the package to compare with, even if it is up to date by the hashes in authgen.lock")
		return func(c *cli, args []string) error {
			if err := noArgs("check", args); err != nil {
				return err
			}
			sel.reads = true
			_, instances, err := sel.open("check")
			if err != nil {
				return err
			}
			return c.check(instances, *asJSON, *emits)
		}
	},
}

// status is authgen without a command: it sets up a project that has no package
// yet, and otherwise checks the packages.
func (c *cli) status() error {
	project, err := lookAtProject(".")
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
	var instances []*instance
	for _, dir := range dirs {
		in, err := openInstance(project, dir)
		if err != nil {
			return err
		}
		instances = append(instances, in)
	}
	return c.check(instances, false, false)
}

// check prints whether packages are up to date. It emits them to compare with if emits is
// set or if the hashes do not tell. The error is the one with the highest exit status.
func (c *cli) check(instances []*instance, asJSON, emits bool) error {
	var reports []report
	var worst *failure
	for _, in := range instances {
		f, p, err := in.check(emits)
		if err != nil {
			return err
		}
		if f != nil && (worst == nil || f.status > worst.status) {
			worst = f
		}
		switch {
		case asJSON:
			reports = append(reports, in.report(p, f))
		case f == nil:
			c.steps(p, slices.DeleteFunc(slices.Clone(p.Steps), func(s plan.Step) bool { return s.Note == "" }))
			c.upToDate(p)
		case f.status == exitDiffers && !p.Empty():
			c.say("%s would change:", in.dir)
			c.list(p)
		}
	}
	if asJSON {
		if err := c.printJSON(reports); err != nil {
			return err
		}
		if worst != nil {
			return &failure{nil, "", worst.status}
		}
	}
	if worst != nil {
		return worst
	}
	return nil
}

// check compares one package. The failure is nil if all is well.
func (in *instance) check(emits bool) (*failure, *plan.Plan, error) {
	was := in.base.Version()
	if semver.Compare(was, generator.Version) > 0 {
		return nil, nil, in.tooNew()
	}
	p, err := in.unchanged()
	if err == nil && (p == nil || emits) {
		p, err = in.plan(plan.Options{})
	}
	if err != nil {
		return nil, nil, err
	}
	var problems errorList
	status := exitDone
	problem := func(code int, format string, args ...any) {
		problems = append(problems, fmt.Errorf(format, args...))
		status = max(status, code)
	}
	hint := in.command("generate") + " brings it up to date"
	for _, note := range in.notes {
		problem(exitDiffers, "%s, and %s does not say so", note, answers.FileName)
	}
	outdated := in.refuseOtherVersion()
	for _, s := range p.Steps {
		name := p.InModule(s)
		switch {
		case s.Action == plan.Edited:
			problem(exitDiffers, "%s: edited, but not yours to edit", name)
			hint = fmt.Sprintf("%s makes a file yours to edit, %s brings it back as it was", in.command("own FILE"), in.command("restore --discard-edits FILE"))
		case s.Action == plan.InTheWay, s.Action == plan.Immutable:
			if blocked := in.refuseBlocked(p, lostLock); blocked != nil {
				return blocked.as(exitDiffers), p, nil
			}
		case s.Class == emit.Yours && plan.HasMarkers(s.Old()):
			problem(exitConflicts, "%s: it still has conflict markers", name)
			hint = "edit the file, then " + in.command("resolve "+shellQuote(name))
		}
	}
	if unresolved := in.refuseUnresolved(); unresolved != nil {
		return unresolved, p, nil
	}
	left, err := leftovers(os.DirFS(in.project.Root), in.dir)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range left {
		problem(exitConflicts, "%s: left over from a conflict", name)
		hint = "take what you need from it and delete it"
	}
	switch {
	case status != exitDone:
	case outdated != nil:
		return outdated.as(exitDiffers), p, nil
	case len(p.Conflicting()) > 0:
		problem(exitDiffers, "%s differs from what its %s describes, and your edits conflict with it", in.dir, answers.FileName)
		hint = in.command("generate") + " shows where"
	case !p.Empty() && in.otherBuild():
		problem(exitDiffers, "%s", in.otherBuildText())
	case !p.Empty():
		problem(exitDiffers, "%s differs from what its %s describes", in.dir, answers.FileName)
	}
	if status == exitDone {
		return nil, p, nil
	}
	return &failure{problems, hint, status}, p, nil
}

// as returns the failure with another status, and without the remark that nothing was
// written.
func (f *failure) as(status int) *failure {
	return &failure{f.err, strings.TrimPrefix(f.hint, "nothing was written; "), status}
}

// leftovers returns the files below a directory that authgen wrote to resolve conflicts
// in.
func leftovers(module fs.FS, dir string) ([]string, error) {
	var found []string
	err := fs.WalkDir(module, dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (strings.HasSuffix(name, plan.MergeSuffix) || strings.HasSuffix(name, plan.MineSuffix)) {
			found = append(found, name)
		}
		return err
	})
	return found, err
}

// report is the JSON output about one package.
type report struct {
	Package  string       `json:"package"`            // directory, from the root of the module
	Emitted  string       `json:"emitted,omitempty"`  // version of authgen that wrote it
	Version  string       `json:"version"`            // of this authgen
	Exit     int          `json:"exit"`               // exit status for this package
	Problems []string     `json:"problems,omitempty"` // what is wrong
	Hint     string       `json:"hint,omitempty"`     // what to do about it
	Files    []fileReport `json:"files"`              // all but the identical ones
}

type fileReport struct {
	Path      string           `json:"path"` // from the root of the module
	Class     emit.Class       `json:"class,omitempty"`
	Action    plan.Action      `json:"action"`
	Note      string           `json:"note,omitempty"`
	Conflicts []conflictReport `json:"conflicts,omitempty"`
	Diff      string           `json:"diff,omitempty"`
}

type conflictReport struct {
	In   string `json:"in,omitempty"` // the declaration
	Base string `json:"base"`
	Mine string `json:"mine"`
	New  string `json:"new"`
}

// report returns the report of a plan and of a failure, nil if there is none.
func (in *instance) report(p *plan.Plan, f *failure) report {
	r := report{Package: in.dir, Emitted: in.base.Version(), Version: generator.Version, Files: []fileReport{}}
	if f != nil {
		r.Exit, r.Hint = f.status, f.hint
		if f.err != nil {
			r.Problems = messages(f.err)
		}
	}
	for _, s := range p.Steps {
		if s.Action == plan.Identical && s.Note == "" {
			continue
		}
		file := fileReport{Path: p.InModule(s), Class: s.Class, Action: s.Action, Note: s.Note}
		for _, conflict := range s.Conflicts {
			file.Conflicts = append(file.Conflicts, conflictReport{conflict.Name, string(conflict.Base), string(conflict.Mine), string(conflict.New)})
		}
		r.Files = append(r.Files, file)
	}
	for _, s := range p.ExtraFiles() {
		r.Files = append(r.Files, fileReport{Path: s.Path, Action: s.Action})
	}
	return r
}

func (c *cli) printJSON(v any) error {
	enc := json.NewEncoder(c.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
