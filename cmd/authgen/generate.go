package main

import (
	"flag"
)

var generateCommand = command{
	name:    "generate",
	args:    "[flags]",
	summary: "write the package that authgen.yaml describes",
	detail: `Brings the package up to date with its authgen.yaml, with the version of authgen
that wrote it. It never asks, and never overwrites an edit: files that are yours
to edit are merged. If you and the new answers changed the same lines, nothing is
written and the conflicts are shown. A result that does not build or fails its
tests is not written either. This is what go generate runs.

The package is the one in the current directory, otherwise the only one of the
module.`,
	lists: true,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		o := mergeFlags(flags)
		o.selection.allFlag(flags)
		return func(c *cli, args []string) error {
			if err := noArgs("generate", args); err != nil {
				return err
			}
			return c.generate(o)
		}
	},
}

// generate brings packages up to date with their answers.
func (c *cli) generate(o *changeOptions) error {
	_, instances, err := o.selection.open("generate")
	if err != nil {
		return err
	}
	var outdated []*instance
	for _, in := range instances {
		if err := in.refuseOtherVersion(); err != nil {
			return err
		}
		p, err := in.unchanged()
		switch {
		case err != nil:
			return err
		case p == nil, len(o.moved) > 0, len(o.discard) > 0, o.dryRun:
			outdated = append(outdated, in)
		default:
			c.upToDate(p)
		}
	}
	return c.change(outdated, o, nil)
}
