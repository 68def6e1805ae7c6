// Authgen writes an auth package into a Go project: sign-up, log-in, sessions,
// roles and permissions, as code that belongs to the project.
//
// Usage:
//
//	authgen                 set up this project, or say how things stand
//	authgen init [flags]    ask, write authgen.yaml and the package
//	authgen generate        write the package that authgen.yaml describes
//	authgen new DIR [flags] make a small complete application with auth in it
//	authgen key             print a fresh key for AUTH_KEYS
//	authgen help [command]  explain a command
//	authgen version         print the version
//
// Questions go to the terminal, requested data to standard output, everything
// else to standard error. The exit status is 0 when it is done, 1 when files
// differ, 2 for wrong usage and other trouble, and 130 when it was interrupted;
// nothing has been written in the last two cases.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
)

func main() {
	c := &cli{stdout: os.Stdout, stderr: os.Stderr, open: prompt.Open}
	os.Exit(c.run(os.Args[1:]))
}

// cli is what the commands share.
type cli struct {
	stdout io.Writer // requested data
	stderr io.Writer // everything else
	open   func(plain bool) (prompt.Prompter, error)
}

// The statuses that authgen exits with.
const (
	exitDone        = 0
	exitDiffers     = 1
	exitTrouble     = 2
	exitInterrupted = 130
)

// command is one of the subcommands.
type command struct {
	name     string
	args     string // how the arguments are called in the usage
	summary  string // one line
	detail   string // what help says of it
	register func(*flag.FlagSet) func(c *cli, args []string) error
}

// commands are in the order of the help. It is a function because help, which is
// one of them, lists them.
func commands() []command {
	return []command{initCommand, generateCommand, newCommand, keyCommand, helpCommand(), versionCommand}
}

func findCommand(name string) (command, bool) {
	for _, cmd := range commands() {
		if cmd.name == name {
			return cmd, true
		}
	}
	return command{}, false
}

// failure is an error with what to do about it and the status to exit with.
type failure struct {
	err    error
	hint   string
	status int
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// failf returns a failure with a hint, for exitTrouble.
func failf(hint, format string, args ...any) error {
	return &failure{fmt.Errorf(format, args...), hint, exitTrouble}
}

// run runs the command that args ask for and returns the exit status.
func (c *cli) run(args []string) int {
	err := c.dispatch(args)
	var f *failure
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, prompt.ErrInterrupt):
		c.say("authgen: interrupted: nothing was written")
		return exitInterrupted
	case !errors.As(err, &f):
		f = &failure{err, "", exitTrouble}
	}
	if text := err.Error(); text != "" {
		c.say("authgen: %s", text)
	}
	if f.hint != "" {
		c.say("authgen: hint: %s", f.hint)
	}
	return f.status
}

func (c *cli) dispatch(args []string) error {
	if len(args) == 0 {
		return c.status()
	}
	switch args[0] {
	case "-h", "-help", "--help":
		args[0] = "help"
	case "-version", "--version":
		args[0] = "version"
	}
	cmd, ok := findCommand(args[0])
	if !ok {
		return failf("authgen help lists the commands", "unknown command %q", args[0])
	}
	return c.call(cmd, args[1:])
}

// call parses the arguments of a command and runs it.
func (c *cli) call(cmd command, args []string) error {
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	do := cmd.register(flags)
	rest, err := parseInterspersed(flags, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		cmd.help(c.stdout)
		return nil
	case err != nil:
		return failf("authgen help "+cmd.name+" shows the flags", "%s: %w", cmd.name, err)
	}
	return do(c, rest)
}

// parseInterspersed parses flags that stand before, between or after the other
// arguments, which it returns.
func parseInterspersed(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		args = flags.Args()
		if len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// noArgs is an error if there are arguments.
func noArgs(name string, args []string) error {
	if len(args) > 0 {
		return failf("authgen help "+name, "%s: unexpected argument %q", name, args[0])
	}
	return nil
}

// say prints a line to standard error.
func (c *cli) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c.stderr, format+"\n", args...)
}
