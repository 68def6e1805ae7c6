package main

import (
	"flag"
	"path"

	"golang.org/x/mod/semver"

	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
)

var upgradeCommand = command{
	name:    "upgrade",
	args:    "[flags]",
	summary: "take this version's files, merged with your edits",
	detail: `Emits the package again with this version of authgen and merges its changes with
yours. The result is built, vetted and tested before anything is written. At a
terminal, conflicts are written into the files, as git does; elsewhere, nothing is
written if there is a conflict.

New keys of this version are added to authgen.yaml with answers that change nothing.
authgen prints the command that sets each to the default of new packages.

With --only=generated, files that are yours to edit stay as they are, so a conflict
cannot delay a fix. The result is tested all the same. The next authgen upgrade takes
the rest.`,
	lists: true,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		o := &upgradeOptions{changeOptions: mergeFlags(flags)}
		o.selection.allFlag(flags)
		flags.BoolVar(&o.dryRun, "dry-run", false, "say what would be done, and exit with 1 if anything would change, or 3 if there are conflicts")
		flags.BoolVar(&o.json, "json", false, "with --dry-run, print that as JSON to standard output")
		flags.StringVar(&o.only, "only", "", "take only files that match `GLOB`, relative to the package's directory, or, if it is "+onlyGenerated+", all that are not yours to edit; until the rest is taken, the package stays at its old version")
		flags.BoolVar(&o.downgrade, "allow-downgrade", false, "also go back to this version from a later one")
		return func(c *cli, args []string) error {
			if err := noArgs("upgrade", args); err != nil {
				return err
			}
			return c.upgrade(o)
		}
	},
}

// onlyGenerated is the pattern that selects the files that are authgen's alone. No file
// has this name, since each has an extension.
const onlyGenerated = "generated"

// upgradeOptions are the flags of upgrade.
type upgradeOptions struct {
	*changeOptions
	downgrade bool
}

// upgrade takes this version's files.
func (c *cli) upgrade(o *upgradeOptions) error {
	if o.json && !o.dryRun {
		return usageError("upgrade", "--json goes with --dry-run")
	}
	if _, err := path.Match(o.only, ""); err != nil {
		return usageError("upgrade", "--only: %q: %v", o.only, err)
	}
	o.selection.reads = o.dryRun
	_, instances, err := o.selection.open("upgrade")
	if err != nil {
		return err
	}
	o.interactive()
	for _, in := range instances {
		if semver.Compare(in.base.Version(), generator.Version) > 0 && !o.downgrade {
			return in.tooNew()
		}
	}
	return c.change(instances, o.changeOptions, func(in *instance, options *plan.Options) error {
		if o.only == "" { // otherwise the package stays at its version, and so does its file
			return in.complete()
		}
		options.Only = func(s plan.Step) bool {
			if o.only == onlyGenerated {
				return s.Class == emit.Generated || s.Class == emit.Migration
			}
			matched, _ := path.Match(o.only, s.Path)
			return matched
		}
		if in.base == nil {
			return failf("run "+in.command("generate")+" first", "%s: nothing was emitted yet, so --only cannot leave anything as it is", in.dir)
		}
		return nil
	})
}
