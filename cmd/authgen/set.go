package main

import (
	"flag"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator"
)

var setCommand = command{
	name:    "set",
	args:    "KEY=VALUE…",
	summary: "change answers, and the package with them",
	detail: `Changes answers in authgen.yaml, and merges what follows from them with your edits.
The keys are the flags of authgen init. Lists also take += and -=:

  authgen set session=stateless
  authgen set roles+=editor permissions+=editor=posts:write
  authgen set profile+=phone:string:self+admin features=-remember

Tables that a database may have are added to with another migration; nothing in a
database is dropped. With a change of session, people stay signed in: the answer
bridge is set too, and the former sessions are taken over as they are used. The
result is built, vetted and tested before anything is written.`,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		o := changeFlags(flags, false)
		flags.BoolVar(&o.dryRun, "dry-run", false, "say what would be done, and exit with 1 if there is anything, or 3 with conflicts")
		return func(c *cli, args []string) error { return c.set(o, args) }
	},
}

// set changes answers.
func (c *cli) set(o *changeOptions, args []string) error {
	if len(args) == 0 {
		return usageError("set", "nothing to set: give KEY=VALUE, such as session=stateless")
	}
	in, root, err := o.where.openOne("set")
	if err != nil {
		return err
	}
	_ = root.Close()
	if err := in.rerunWith(); err != nil {
		return err
	}
	if in.base == nil {
		return failf("run "+in.command("generate")+" first", "%s: nothing was emitted yet", in.dir)
	}
	o.interactive()
	before := in.answers
	if slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "package=") }) {
		return failf("move the directory, with git mv for instance: authgen follows", "package cannot be set: it is where the files are")
	}
	if err := in.answers.Apply(append(args, bridge(before, args)...)...); err != nil {
		return err
	}
	_, text, err := readAnswers(in.project, in.dir)
	if err != nil {
		return err
	}
	if err := in.edit(text); err != nil {
		return err
	}
	options, err := o.options(in)
	if err != nil {
		return err
	}
	if err := c.change(in, o, options); err != nil {
		return err
	}
	if in.answers.Bridge != before.Bridge && in.answers.Bridge != "none" {
		c.say("\nwho is signed in stays so: sessions of the %s style are taken over as they are used.\n"+
			"Once they have run out, 30 days at most after this is deployed, %s takes that out.",
			in.answers.Bridge, in.command("set bridge=none"))
	}
	return nil
}

// bridge returns the assignment, if it takes one, that lets people stay signed in
// where the session style changes. Sessions in Redis are not taken over.
func bridge(before generator.Answers, assignments []string) []string {
	style, redis := before.Session, before.Store == "redis"
	for _, assignment := range assignments {
		switch key, value, _ := strings.Cut(assignment, "="); key {
		case "bridge":
			return nil // it is said
		case "session":
			style = value
		case "store":
			redis = redis || value == "redis"
		}
	}
	switch {
	case style == before.Session:
		return nil
	case redis:
		return []string{"bridge=none"}
	}
	return []string{"bridge=" + before.Session}
}
