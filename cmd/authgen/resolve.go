package main

import (
	"flag"
	"slices"

	"golang.org/x/mod/semver"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/plan"
)

var resolveCommand = command{
	name:    "resolve",
	args:    "FILE",
	summary: "resolve a conflict",
	detail: `Resolves the conflict in FILE with the file as it is now, which must have no markers
left. With --mine or --new, it takes one side of each conflict. Once no conflict is
left, the package is checked as after an upgrade.`,
	lists: true,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		o := proofFlags(flags)
		mine := flags.Bool("mine", false, "take your lines in each conflict")
		theirs := flags.Bool("new", false, "take authgen's lines in each conflict")
		return func(c *cli, args []string) error {
			how := plan.ByHand
			switch {
			case len(args) != 1:
				return usageError("resolve", "give one file with a conflict")
			case *mine && *theirs:
				return usageError("resolve", "--mine and --new exclude each other")
			case *mine:
				how = plan.WithMine
			case *theirs:
				how = plan.WithNew
			}
			return c.resolve(o, args[0], how)
		}
	},
}

// resolve takes a file as the outcome of its conflict.
func (c *cli) resolve(o *changeOptions, file string, how plan.Resolution) error {
	in, err := o.selection.openOne("resolve")
	if err != nil {
		return err
	}
	if semver.Compare(in.base.Version(), generator.Version) > 0 {
		return in.tooNew()
	}
	name, err := in.path(o.selection.dir, file)
	if err != nil {
		return err
	}
	unresolved := in.base.Unresolved()
	if !slices.Contains(unresolved, name) {
		return failf(in.command("check")+" says whether one is left", "%s: it has no conflict", file)
	}
	o.conflict.mode = plan.Markers // all conflicts have been written already
	o.resolving = len(unresolved) == 1
	plan, err := in.plan(plan.Options{
		Conflict: plan.Markers,
		Only:     only(name),
		Resolve:  map[string]plan.Resolution{name: how},
	})
	if err != nil {
		return err
	}
	return c.carryOut(in, plan, o)
}

// only returns a function for plan.Options that selects a single file.
func only(file string) func(plan.Step) bool {
	return func(s plan.Step) bool { return s.Path == file }
}
