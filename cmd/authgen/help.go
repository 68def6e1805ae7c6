package main

import (
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/authgen/authgen/generator"
)

func helpCommand() command {
	return command{
		name:    "help",
		args:    "[command]",
		summary: "explain a command",
		detail:  "Without a command, the commands are listed.",
		register: func(*flag.FlagSet) func(*cli, []string) error {
			return func(c *cli, args []string) error {
				if len(args) == 0 {
					c.overview()
					return nil
				}
				cmd, ok := findCommand(args[0])
				if !ok {
					return failf("authgen help lists the commands", "help: unknown command %q", args[0])
				}
				cmd.help(c.stdout)
				return nil
			}
		},
	}
}

// overview lists the commands.
func (c *cli) overview() {
	var b strings.Builder
	b.WriteString("Authgen writes an auth package into a Go project.\n\nUsage:\n\n")
	fmt.Fprintf(&b, "  %-24s %s\n", "authgen", "set up this project, or say how things stand")
	for _, cmd := range commands() {
		fmt.Fprintf(&b, "  %-24s %s\n", strings.TrimSpace("authgen "+cmd.name+" "+cmd.args), cmd.summary)
	}
	b.WriteString("\nauthgen help COMMAND shows the flags of a command.\n")
	_, _ = io.WriteString(c.stdout, b.String())
}

// help explains a command and its flags.
func (cmd command) help(w io.Writer) {
	var b strings.Builder
	fmt.Fprintf(&b, "usage: %s\n\n%s\n", strings.TrimSpace("authgen "+cmd.name+" "+cmd.args), cmd.detail)
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	cmd.register(flags)
	n := 0
	list := func(f *flag.Flag) {
		n++
		if n == 1 {
			b.WriteString("\nFlags:\n")
		}
		dashes := "--"
		if len(f.Name) == 1 {
			dashes = "-"
		}
		argument, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(&b, "\n  %s\n", strings.TrimSpace(dashes+f.Name+" "+argument))
		for line := range strings.Lines(usage) {
			b.WriteString("      " + line)
		}
		b.WriteString("\n")
	}
	// In the order of the questions, the others after them.
	questions := make(map[string]bool)
	for _, k := range generator.Keys {
		if f := flags.Lookup(k.Name); f != nil {
			questions[k.Name] = true
			list(f)
		}
	}
	flags.VisitAll(func(f *flag.Flag) {
		if !questions[f.Name] {
			list(f)
		}
	})
	_, _ = io.WriteString(w, b.String())
}

var versionCommand = command{
	name:    "version",
	summary: "print the version",
	detail:  "Prints the version of authgen and of its templates.",
	register: func(*flag.FlagSet) func(*cli, []string) error {
		return func(c *cli, args []string) error {
			if err := noArgs("version", args); err != nil {
				return err
			}
			built := ""
			if info, ok := debug.ReadBuildInfo(); ok {
				built = ", built with " + info.GoVersion
			}
			_, err := fmt.Fprintf(c.stdout, "authgen %s%s\n", generator.Version, built)
			return err
		}
	},
}
