// Authgen writes an auth package into a Go project: sign-up, login, sessions,
// roles and permissions, as code that belongs to the project.
//
// Usage:
//
//	authgen                 set up this project, or say whether it is up to date
//	authgen init [flags]    ask, write authgen.yaml and the package
//	authgen generate        write the package that authgen.yaml describes
//	authgen upgrade         take this version's files, merged with your edits
//	authgen set KEY=VALUE   change answers, and the package with them
//	authgen check           say whether the package is up to date, for CI
//	authgen diff [FILE]     show what you changed, or what an upgrade would change
//	authgen own FILE        make a generated file yours to edit
//	authgen restore FILE    bring back a file, or authgen.lock
//	authgen resolve FILE    resolve a conflict
//	authgen remove          remove what authgen wrote
//	authgen new DIR [flags] create a small complete application with auth in it
//	authgen key             print a fresh key for AUTH_KEYS
//	authgen help [command]  explain a command
//	authgen version         print the version
//
// Questions go to the terminal, requested data to standard output, everything
// else to standard error. The exit status is 0 on success, 1 when files differ, 2 for
// wrong usage and other trouble, 3 when there are conflicts, 4 when the result would not
// build or pass its tests, and 130 when the user interrupted the command or did not
// confirm it. With a status of 2 or higher, nothing has been written, except where
// --conflict asked to write conflicts into the files or beside them.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator/answers"
)

func main() {
	// A run is too short for garbage collection to be worthwhile.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(1 << 30)
	c := &cli{stdout: os.Stdout, stderr: os.Stderr, open: prompt.Open}
	os.Exit(c.run(os.Args[1:]))
}

// cli is what the commands share.
type cli struct {
	stdout io.Writer // requested data
	stderr io.Writer // everything else
	open   func(plain bool) (prompt.Prompter, error)

	verbose bool // all files are listed, not only those that matter
}

// The statuses that authgen exits with.
const (
	exitDone        = 0
	exitDiffers     = 1
	exitTrouble     = 2
	exitConflicts   = 3
	exitUnproven    = 4
	exitInterrupted = 130
)

// command is one of the subcommands.
type command struct {
	name     string
	args     string // the arguments, for the usage line
	summary  string // one line
	detail   string // the text of authgen help
	lists    bool   // it lists files, so it has the flag -v
	register func(*flag.FlagSet) func(c *cli, args []string) error
}

// flags returns the flags of the command, and the function that runs it once they are
// parsed.
func (cmd command) flags() (*flag.FlagSet, func(c *cli, args []string) error) {
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	do := cmd.register(flags)
	if !cmd.lists {
		return flags, do
	}
	verbose := flags.Bool("v", false, "list all files, not only those that matter most")
	return flags, func(c *cli, args []string) error {
		c.verbose = *verbose
		return do(c, args)
	}
}

// commands returns the commands in the order of the help. It is a function, since a
// variable would depend on itself: the help command lists all commands.
func commands() []command {
	return []command{
		initCommand, generateCommand, upgradeCommand, setCommand, checkCommand, diffCommand,
		ownCommand, restoreCommand, resolveCommand, removeCommand, newCommand, keyCommand, helpCommand(), versionCommand,
	}
}

func findCommand(name string) (command, bool) {
	for _, cmd := range commands() {
		if cmd.name == name {
			return cmd, true
		}
	}
	return command{}, false
}

// failure is an error with a hint and an exit status. The error is nil if everything has
// been printed already.
type failure struct {
	err    error
	hint   string
	status int
}

func (f *failure) Error() string {
	if f.err == nil {
		return ""
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// failf returns a failure with a hint, for exitTrouble.
func failf(hint, format string, args ...any) *failure {
	return &failure{fmt.Errorf(format, args...), hint, exitTrouble}
}

// withHint adds to err what to do about it.
func withHint(hint string, err error) *failure { return &failure{err, hint, exitTrouble} }

// errorList is a list of errors. Its message has a line for each.
type errorList []error

func (l errorList) Error() string {
	var lines []string
	for _, err := range l {
		lines = append(lines, err.Error())
	}
	return strings.Join(lines, "\n")
}

// messages returns the messages of an error: one, or one for each error of a list.
func messages(err error) []string {
	var list []string
	switch err := err.(type) {
	case errorList:
		for _, e := range err {
			list = append(list, messages(e)...)
		}
	case answers.Problems:
		for _, p := range err {
			list = append(list, p.Error())
		}
	default:
		list = append(list, err.Error())
	}
	return list
}

// run runs the command that args ask for and returns the exit status.
func (c *cli) run(args []string) int {
	err := c.dispatch(args)
	var f *failure
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, prompt.ErrInterrupt):
		hint := ""
		if errors.As(err, &f) {
			hint = f.hint
		}
		f = &failure{errors.New("interrupted: nothing was written"), hint, exitInterrupted}
	case !errors.As(err, &f):
		f = &failure{err, "", exitTrouble}
	}
	if f.err == nil { // everything has been printed
		return f.status
	}
	for _, text := range messages(f.err) {
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
		return unknownCommand(args[0])
	}
	return c.call(cmd, args[1:])
}

// unknownCommand returns the error for a command that does not exist.
func unknownCommand(name string) error {
	var names []string
	for _, cmd := range commands() {
		names = append(names, cmd.name)
	}
	return failf("authgen help lists the commands", "unknown command %q%s", name, answers.DidYouMean(name, names))
}

// call parses the arguments of a command and runs it.
func (c *cli) call(cmd command, args []string) error {
	flags, do := cmd.flags()
	rest, err := parseInterspersed(flags, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		cmd.help(c.stdout)
		return nil
	case err != nil:
		return usageError(cmd.name, "%s", flagMessage(flags, err))
	}
	return do(c, rest)
}

// flagMessage returns the message for an error of package flag, in the style of the
// other messages.
func flagMessage(flags *flag.FlagSet, err error) string {
	name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !ok {
		return err.Error()
	}
	if flags.Name() == "set" && slices.ContainsFunc(answers.Keys, func(k answers.Key) bool { return k.Name == name }) {
		return fmt.Sprintf("unknown flag %q; answers are given without dashes: %s=VALUE", dashed(name), name)
	}
	var known []string
	flags.VisitAll(func(f *flag.Flag) { known = append(known, dashed(f.Name)) })
	return fmt.Sprintf("unknown flag %q%s", dashed(name), answers.DidYouMean(dashed(name), known))
}

// dashed returns a flag with its dashes: one for a single letter, two for a word.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// parseInterspersed parses flags that stand before, between or after the other
// arguments, which it returns.
func parseInterspersed(flags *flag.FlagSet, args []string) (rest []string, err error) {
	var after []string // what follows "--" is not a flag
	if i := slices.Index(args, "--"); i >= 0 {
		args, after = args[:i], args[i+1:]
	}
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		args = flags.Args()
		if len(args) == 0 {
			return append(rest, after...), nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// noArgs returns an error if there are arguments.
func noArgs(name string, args []string) error {
	if len(args) > 0 {
		return usageError(name, "unexpected argument %q", args[0])
	}
	return nil
}

// usageError returns the error for wrong arguments of a command.
func usageError(name, format string, args ...any) error {
	return failf("authgen help "+name+" shows what it takes", "%s: %s", name, fmt.Sprintf(format, args...))
}

// say prints a line to standard error.
func (c *cli) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c.stderr, format+"\n", args...)
}
