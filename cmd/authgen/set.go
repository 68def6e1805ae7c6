package main

import (
	"flag"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

var setCommand = command{
	name:    "set",
	args:    "KEY=VALUE…",
	summary: "change answers, and the package with them",
	detail: `Changes answers in authgen.yaml, and merges the resulting changes with your edits.
The keys are the flags of authgen init. Lists also take += and -=:

  authgen set session=stateless
  authgen set roles+=editor permissions+=editor=posts:write
  authgen set profile+=phone:string:self+admin features=-remember
  authgen set roles-=editor:member

The last one removes a role, and adds a migration that gives its users the role
member. Without a new role, they could not log in until they get one.

Existing tables are extended by another migration; nothing in a database is dropped.
After a change of session, people stay logged in: the answer bridge is set too, and
the former sessions are converted when they are used. The result is built, vetted and
tested before anything is written.`,
	lists: true,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		o := mergeFlags(flags)
		flags.BoolVar(&o.dryRun, "dry-run", false, "say what would be done, and exit with 1 if anything would change, or 3 if there are conflicts")
		return func(c *cli, args []string) error { return c.set(o, args) }
	},
}

// set changes answers.
func (c *cli) set(o *changeOptions, args []string) error {
	if len(args) == 0 {
		return usageError("set", "nothing to set: give KEY=VALUE, such as session=stateless")
	}
	o.selection.reads = o.dryRun
	in, err := o.selection.openOne("set")
	if err != nil {
		return err
	}
	if err := in.refuseOtherVersion(); err != nil {
		return err
	}
	if in.base == nil {
		return failf("run "+in.command("generate")+" first", "%s: nothing was emitted yet", in.dir)
	}
	o.interactive()
	before := in.answers
	if in.moves, err = in.answers.Apply(append(args, bridge(before, args)...)...); err != nil {
		return err
	}
	switch {
	case in.answers.Package != before.Package:
		return failf("move the directory, with git mv for instance: authgen follows", "package cannot be set: it is the directory of the files")
	case in.answers.PackageName != before.PackageName:
		return failf("rename the package in its files, with an editor for instance: authgen follows", "package_name cannot be set: it is the name in the files")
	}
	if err := in.edit(); err != nil {
		return err
	}
	return c.change([]*instance{in}, o, nil)
}

// additions prints which answers an upgrade added to authgen.yaml, and how to change
// them to those of new packages.
func (c *cli) additions(in *instance) {
	if in.added == nil {
		return
	}
	c.say("\nNew in %s, with answers that change nothing:\n", path.Join(in.dir, answers.FileName))
	for _, a := range in.added {
		if a.Default == "" {
			c.say("  %s", a)
		} else {
			c.say("  %s (new packages have %s: %s)", a, a.Default, in.command("set "+shellQuote(a.Assignment())))
		}
	}
}

// consequences prints what changed answers mean for the data and for users who are
// logged in.
func (c *cli) consequences(in *instance) {
	before, ok := in.base.Answers()
	if !ok {
		return
	}
	now := in.answers
	if now.Database != before.Database {
		c.say("\nThe %s database starts empty: users, sessions and all other data stay in the old one.", now.Database)
		return
	}
	var left []string
	for _, f := range before.Profile {
		if !slices.ContainsFunc(now.Profile, func(g answers.Field) bool { return g.Name == f.Name }) {
			left = append(left, f.Name)
		}
	}
	if left != nil {
		c.say("\nNothing is dropped: the table of users keeps %s, with the data.", strings.Join(left, ", "))
	}
	c.goneRoles(in, before)
	switch {
	case now.Bridge != before.Bridge && now.Bridge != "none":
		c.say("\nPeople stay logged in: sessions of the %s style are converted when they are used.\n"+
			"Once those have expired, %s ends the conversion: 30 days after this is deployed,\n"+
			"or after the AbsoluteTimeout of the Config if that is set.",
			now.Bridge, in.command("set bridge=none"))
	case now.Session != before.Session, now.Session == "database" && now.Store != before.Store, now.Name != before.Name:
		c.say("\nEverybody has to log in again: existing sessions are not converted.")
	case now.Bridge != before.Bridge:
		c.say("\nSessions of the %s style that were not used since the change are over.", before.Bridge)
	}
}

// goneRoles prints what happens to users whose role was removed.
func (c *cli) goneRoles(in *instance, before answers.Answers) {
	moved := make(map[string]bool)
	for _, m := range in.moves {
		moved[m.From] = true
		c.say("\nUsers with the role %s get the role %s when the migration is applied, and have to log in again.", m.From, m.To)
	}
	var gone, moves []string
	heir := in.answers.DefaultRole // replaces a role if none below it is left
	for _, r := range slices.Backward(before.Roles) {
		switch {
		case slices.ContainsFunc(in.answers.Roles, func(now answers.Role) bool { return now.Name == r.Name }):
			heir = r.Name
		case !moved[r.Name]:
			gone = append(gone, r.Name)
			moves = append(moves, r.Name+":"+heir)
		}
	}
	if gone != nil {
		c.say("\nUsers with the role %s cannot log in until they get another one:\n%s adds a migration that gives it to them.",
			strings.Join(gone, " or "), in.command("set roles-="+strings.Join(moves, ",")))
	}
}

// bridge returns the assignment, if one is needed, that keeps people logged in when the
// session style changes. Sessions are not converted from or to Redis.
func bridge(before answers.Answers, assignments []string) []string {
	style, apart := before.Session, answers.StoreNamed(before.Store).Apart()
	for _, assignment := range assignments {
		switch key, value, _ := strings.Cut(assignment, "="); key {
		case "bridge":
			return nil // it is given
		case "session":
			style = value
		case "store":
			apart = apart || answers.StoreNamed(value).Apart()
		}
	}
	switch {
	case apart && (style != before.Session || before.Bridge != "none"):
		return []string{"bridge=none"}
	case style == before.Session:
		return nil
	}
	return []string{"bridge=" + before.Session}
}
