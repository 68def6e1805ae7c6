package main

import (
	"bytes"
	"flag"
	"fmt"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/authgen/authgen/generator/plan"
)

var diffCommand = command{
	name:    "diff",
	args:    "[FILE…]",
	summary: "show what you changed, or what an upgrade would change",
	detail: `Shows how the files differ from what was emitted, which is what you changed. With --new
it shows what authgen generate or authgen upgrade would change, including conflicts.
It exits with 1 if there is anything to show.`,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		sel := selectionFlag(flags)
		upcoming := flags.Bool("new", false, "show what would change instead")
		asJSON := flags.Bool("json", false, "print the outcome as JSON to standard output")
		return func(c *cli, args []string) error {
			sel.reads = true
			in, err := sel.openOne("diff")
			if err != nil {
				return err
			}
			return c.diff(in, sel.dir, args, *upcoming, *asJSON)
		}
	},
}

// diff shows the differences of the files, or of all if none is given.
func (c *cli) diff(in *instance, dir string, files []string, upcoming, asJSON bool) error {
	wanted := make(map[string]bool)
	for _, file := range files {
		name, err := in.path(dir, file)
		if err != nil {
			return err
		}
		wanted[name] = true
	}
	p, err := in.plan(plan.Options{Conflict: plan.Markers})
	if err != nil {
		return err
	}
	r := in.report(p, nil)
	r.Files = []fileReport{}
	for _, s := range p.Steps {
		if len(wanted) > 0 && !wanted[s.Path] {
			continue
		}
		before, after := s.Base(), s.Old()
		if upcoming {
			before, after = s.Old(), s.New()
		}
		name := p.InModule(s)
		text := string(diff.Diff("a/"+name, before, "b/"+name, after))
		switch {
		case !upcoming && s.Base() == nil && s.Action == plan.Edited:
			text = fmt.Sprintf("%s was edited; only authgen %s knows what it was before\n", name, in.base.Version())
		case bytes.Equal(before, after), !upcoming && s.Base() == nil:
			continue
		}
		r.Files = append(r.Files, fileReport{Path: name, Class: s.Class, Action: s.Action, Note: s.Note, Diff: text})
	}
	if len(r.Files) > 0 {
		r.Exit = exitDiffers
	}
	if asJSON {
		if err := c.printJSON([]report{r}); err != nil {
			return err
		}
	} else {
		for _, f := range r.Files {
			if _, err := fmt.Fprint(c.stdout, f.Diff); err != nil {
				return err
			}
		}
	}
	if r.Exit != exitDone {
		return &failure{nil, "", r.Exit}
	}
	return nil
}
