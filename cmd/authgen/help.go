package main

import (
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/questions"
	"github.com/authgen/authgen/generator"
	"github.com/authgen/authgen/generator/answers"
)

func helpCommand() command {
	return command{
		name:    "help",
		args:    "[command]",
		summary: "explain a command",
		detail:  "Without a command, it lists the commands.",
		register: func(*flag.FlagSet) func(*cli, []string) error {
			return func(c *cli, args []string) error {
				if len(args) == 0 {
					c.overview()
					return nil
				}
				if len(args) > 1 {
					return noArgs("help", args[1:])
				}
				cmd, ok := findCommand(args[0])
				if !ok {
					return unknownCommand(args[0])
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
	line := func(usage, summary string) { fmt.Fprintf(&b, "  %-25s  %s\n", usage, summary) }
	line("authgen", "set up this project, or say whether it is up to date")
	for _, cmd := range commands() {
		line(cmd.usage(), cmd.summary)
	}
	b.WriteString("\nauthgen help COMMAND shows the flags of a command.\n")
	_, _ = io.WriteString(c.stdout, b.String())
}

func (cmd command) usage() string { return strings.TrimSpace("authgen " + cmd.name + " " + cmd.args) }

// help explains a command and its flags.
func (cmd command) help(w io.Writer) {
	var b strings.Builder
	fmt.Fprintf(&b, "usage: %s\n\n%s\n", cmd.usage(), cmd.detail)
	flags, _ := cmd.flags()
	const indent = "      "
	title := "\nFlags:\n"
	list := func(f *flag.Flag, usage string) {
		b.WriteString(title)
		title = ""
		argument, text := flag.UnquoteUsage(f)
		if usage == "" {
			usage = text
		}
		fmt.Fprintf(&b, "\n  %s\n", strings.TrimSpace(dashed(f.Name)+" "+argument))
		wrap(&b, indent, usage)
	}
	// The flags for questions come first, in the order of the questions.
	asked := make(map[string]bool)
	for _, k := range answers.Keys {
		f := flags.Lookup(k.Name)
		if f == nil {
			continue
		}
		asked[k.Name] = true
		usage := questions.Help(k)
		if f.DefValue != "" {
			usage += " (default " + f.DefValue + ")"
		}
		list(f, usage)
		if k.Many {
			wrap(&b, indent, fmt.Sprintf("such as %s,-%s: a minus turns a feature off, and those not named stay unchanged", k.Values[0].Name, k.Values[1].Name))
		}
		for _, v := range k.Values {
			fmt.Fprintf(&b, "%s- %s\n", indent, v.Name)
			wrap(&b, indent+"    ", v.Help)
		}
	}
	flags.VisitAll(func(f *flag.Flag) {
		if !asked[f.Name] {
			list(f, "")
		}
	})
	_, _ = io.WriteString(w, b.String())
}

// wrap writes text in indented lines of up to 80 columns.
func wrap(b *strings.Builder, indent, text string) {
	line := indent
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == indent:
		case len(line)+1+len(word) > 80:
			b.WriteString(line + "\n")
			line = indent
		default:
			line += " "
		}
		line += word
	}
	b.WriteString(line + "\n")
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
