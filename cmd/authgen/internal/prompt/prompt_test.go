package prompt

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	// Under the race detector each command would sleep for a second when it exits.
	os.Setenv("GORACE", "atexit_sleep_ms=10")
	testscript.Main(m, map[string]func(){"ask": ask})
}

func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"keys": keys},
	})
}

// ask asks the questions that its arguments name, one after the other, and prints
// the answers. With -back, the person can go back, though the same question is not asked
// again then.
//
//	ask [-plain] [-back] question ...
func ask() {
	flags := flag.NewFlagSet("ask", flag.ExitOnError)
	plain := flags.Bool("plain", false, "")
	back := flags.Bool("back", false, "")
	flags.Parse(os.Args[1:])
	p, err := Open(*plain)
	if err == nil {
		err = errors.Join(askAll(p, flags.Args(), *back), p.Close())
	}
	drain()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ask:", err)
		if errors.Is(err, ErrInterrupt) {
			os.Exit(130)
		}
		os.Exit(2)
	}
}

// drain waits until everything that was written to the terminal has been read, by writing
// more than the terminal buffers. Testscript drops what it has not read when the command
// ends.
func drain() {
	if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
		tty.Write(make([]byte, 128<<10))
		tty.Close()
	}
}

func askAll(p Prompter, names []string, back bool) error {
	for _, name := range names {
		answer, err := askOne(p, name, back)
		switch {
		case errors.Is(err, ErrBack):
			fmt.Printf("%s: back from %q\n", name, fmt.Sprint(answer))
		case err != nil:
			return err
		default:
			fmt.Printf("%s: %q\n", name, fmt.Sprint(answer))
		}
	}
	return nil
}

var (
	sessions = []Option{
		{Value: "database", Label: "Database", Help: "ends at once when you say so; one read a request"},
		{Value: "stateless", Label: "Sealed cookie", Help: "no read to show or hide things; single devices cannot be listed"},
		{Value: "both", Help: "for those who cannot decide"},
	}
	features = []Option{
		{Value: "reset", Label: "Password reset", Help: "by mail"},
		{Value: "verify", Label: "Address verification", Help: "by mail, before the first login"},
		{Value: "totp", Label: "One-time codes", Help: "an authenticator app as second factor"},
		{Value: "audit", Label: "Audit log", Help: "a table of who did what and when"},
	}
)

func askOne(p Prompter, name string, back bool) (any, error) {
	question := func(text, help string) Question { return Question{Text: text, Help: help, Back: back} }
	port := func(s string) error {
		if n, err := strconv.Atoi(s); err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("%q is not a port: give a number from 1 to 65535", s)
		}
		return nil
	}
	switch name {
	case "choose":
		return p.Choose(question("Session style?", "Where it is kept who is logged in."), sessions, "stateless")
	case "nodefault":
		return p.Choose(question("Session style?", ""), sessions, "")
	case "any":
		return p.ChooseAny(question("Features?", "All can be changed later."), features, []string{"verify", "reset"})
	case "anynone":
		return p.ChooseAny(question("Features?", ""), features, nil)
	case "line":
		return p.Line(question("Name?", ""), "", "", nil)
	case "port":
		return p.Line(question("Port?", "The port to listen on."), "8080", "", port)
	case "again":
		return p.Line(question("Port?", "The port to listen on."), "8080", "443", port)
	case "confirm":
		return p.Confirm(question("Change go.mod?", "Adds the packages that are needed."), true)
	case "remove":
		return p.Confirm(question("Remove it?", ""), false)
	case "show":
		return "shown", p.Show("module example.com/app\n")
	case "badchoice":
		return p.Choose(question("Session style?", ""), sessions, "sateless")
	case "nochoice":
		return p.ChooseAny(question("Features?", ""), nil, nil)
	default:
		return nil, fmt.Errorf("no question is named %q", name)
	}
}

// keys replaces the names of keys in a file with what a terminal sends for them, and
// drops the line breaks.
//
// A control key is sent after a Ctrl-V, so that the terminal takes it literally until the
// command reads keys. Otherwise it would depend on timing whether a Ctrl-C, for example, is
// a key or a signal that nobody receives.
func keys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: keys file")
	}
	name := args[0]
	in := strings.ReplaceAll(ts.ReadFile(name), "\n", "")
	out := regexp.MustCompile(`<[^>]*>`).ReplaceAllStringFunc(in, func(key string) string {
		sent, ok := map[string]string{
			"<up>": "\x1b[A", "<down>": "\x1b[B", "<right>": "\x1b[C", "<left>": "\x1b[D",
			"<appdown>": "\x1bOB", "<ctrl-down>": "\x1b[1;5B", "<home>": "\x1b[1~", "<end>": "\x1b[F",
			"<del>": "\x1b[3~", "<f5>": "\x1b[15~", "<alt-x>": "\x1bx",
			"<enter>": "\r", "<space>": " ", "<tab>": "\t", "<esc>": "\x1b",
			"<backspace>": "\x16\x7f", "<ctrl-c>": "\x16\x03", "<ctrl-d>": "\x16\x04", "<ctrl-u>": "\x16\x15", "<ctrl-z>": "\x16\x1a",
		}[key]
		if !ok {
			ts.Fatalf("keys: %s: no key is named %s", name, key)
		}
		return sent
	})
	ts.Check(os.WriteFile(ts.MkAbs(name), []byte(out), 0o666))
}
