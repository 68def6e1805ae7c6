package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
)

var ownCommand = command{
	name:    "own",
	args:    "FILE…",
	summary: "make generated files yours to edit",
	detail: `From then on the files are merged, like the others that are yours to edit. Fixes to
them are then merged too, and may conflict; authgen restore gives a file back. Their
unit tests are written as well.`,
	lists: true,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		sel := selectionFlag(flags)
		return func(c *cli, args []string) error {
			if len(args) == 0 {
				return usageError("own", "give the files to take over")
			}
			return c.own(sel, args)
		}
	},
}

// own makes generated files the developer's.
func (c *cli) own(sel *selection, files []string) error {
	in, err := sel.openOne("own")
	if err != nil {
		return err
	}
	own := make(map[string][]byte)
	for _, file := range files {
		name, err := in.path(sel.dir, file)
		if err != nil {
			return err
		}
		if class := in.base.Class(name); class != emit.Generated {
			return failf("only generated files can be taken over", "%s: %s", file, classText[class])
		}
		if own[name], err = c.emittedLast(in, name); err != nil {
			return err
		}
	}
	// A unit test fits a file only if both are from the same version.
	current := in.refuseOtherVersion() == nil && in.base.EmittedFor(in.answers)
	if err := c.ownTests(in, own); err != nil {
		return err
	}
	plan, err := in.plan(plan.Options{
		Own:  own,
		Only: func(s plan.Step) bool { return own[s.Path] != nil || current && own[s.Tests] != nil },
	})
	if err != nil {
		return err
	}
	if err := in.refuseBlocked(plan, lostLock); err != nil {
		return err
	}
	if err := in.apply(plan); err != nil {
		return err
	}
	c.list(plan)
	return nil
}

// ownTests adds the unit tests, among the files that were written, of files to be
// taken over.
func (c *cli) ownTests(in *instance, own map[string][]byte) error {
	plan, err := in.plan(plan.Options{})
	if err != nil {
		return err
	}
	for _, s := range plan.Steps {
		if own[s.Tests] == nil || in.base.Class(s.Path) != emit.Generated {
			continue
		}
		if own[s.Path], err = c.emittedLast(in, s.Path); err != nil {
			return err
		}
	}
	return nil
}

// classText says, for each class except generated, why a file cannot be taken over.
var classText = map[emit.Class]string{
	emit.Yours:     "it is already yours to edit",
	emit.Once:      "it is already yours, and authgen never changes it",
	emit.Migration: "it is a migration, which never changes",
}

// emittedLast returns a generated file as it was emitted last. The lock has only its
// hash, so emittedLast searches for the text: on disk, in the output of this version, in
// git, and in the output of the version that wrote it.
func (c *cli) emittedLast(in *instance, name string) ([]byte, error) {
	fits := func(text []byte) bool { return in.base.Fits(name, text) }
	full := in.inModule(in.base.Paths()[name])
	if text, err := os.ReadFile(in.abs(full)); err == nil && fits(text) {
		return text, nil
	}
	if plan, err := in.plan(plan.Options{}); err == nil {
		for _, s := range plan.Steps {
			if s.Path == name && fits(s.Emitted()) {
				return s.Emitted(), nil
			}
		}
	}
	for _, text := range in.history(full) {
		if fits(text) {
			return text, nil
		}
	}
	old, err := c.olderTree(in, in.base.Version())
	if err != nil {
		return nil, fmt.Errorf("%s: no copy from before your edits could be found: %w", full, err)
	}
	if text := old[full]; fits(text) {
		return text, nil
	}
	return nil, failf("undo your edits, run authgen own, then make them again",
		"%s: no copy from before your edits could be found", full)
}
