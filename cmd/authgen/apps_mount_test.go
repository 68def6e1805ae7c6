package main

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// An appEdit is a text in a file that was put in the place of another.
type appEdit struct{ file, before, after string }

var (
	mountStep = regexp.MustCompile(`(?m)^\d+\. Mount it (?:at (\S+):(\d+), after )?[^:]*:\n(?:\n   Could not tell[^\n]*\n)?\n((?:(?:     .*)?\n)+)\n   The middleware `)
	serveStep = regexp.MustCompile(`(?m)^\d+\. Serve the router through it: at (\S+):(\d+), pass on (\w+\.Middleware\(.+\))\n   instead of (.+?)\.( That is in another function,)?$`)
)

// mount pastes the lines that authgen init printed, as one would who reads nothing else.
func (a *application) mount(ts *testscript.TestScript, args []string) {
	printed := ts.ReadFile("stderr")
	step := mountStep.FindStringSubmatch(printed)
	if step == nil {
		ts.Fatalf("it does not print how to mount it")
	}
	file, line, code := step[1], atoi(ts, step[2]), regexp.MustCompile(`(?m)^     `).ReplaceAllString(step[3], "")
	switch {
	case (file == "") != (len(args) == 2):
		ts.Fatalf("it says that the place is %s:%d", file, line)
	case file == "":
		file = args[0]
		before, _, ok := strings.Cut(ts.ReadFile(file), args[1])
		if !ok {
			ts.Fatalf("%s does not have %q", file, args[1])
		}
		line = strings.Count(before, "\n") + 1
	}
	imports := ""
	if strings.HasPrefix(code, "import (\n") {
		imports, code, _ = strings.Cut(code, "\n)\n\n")
	}
	a.auth = regexp.MustCompile(`(?m)^(\w+)\.Register\(`).FindStringSubmatch(code)[1]
	// What is done last does not move the lines of what is done before.
	if served := serveStep.FindStringSubmatch(printed); served != nil && served[5] == "" {
		a.changeLine(ts, served[1], atoi(ts, served[2]), func(line string) string {
			router := regexp.MustCompile(`(^|[^\w.])` + regexp.QuoteMeta(served[4]) + `($|\W)`)
			if len(router.FindAllString(line, -1)) != 1 {
				ts.Fatalf("%s:%s does not have %s once: %s", served[1], served[2], served[4], line)
			}
			return router.ReplaceAllString(line, "${1}"+served[3]+"${2}")
		})
	}
	a.changeLine(ts, file, line, func(line string) string {
		indent := line[:len(line)-len(strings.TrimLeft(line, "\t"))]
		code = regexp.MustCompile(`(?m)^.`).ReplaceAllString(code, indent+"$0")
		return line + code
	})
	a.pasted = appEdit{ts.MkAbs(file), "", code}
	if imports != "" {
		clause := regexp.MustCompile(`(?m)^package \w+\n`).FindString(ts.ReadFile(file))
		a.replace(ts, appEdit{ts.MkAbs(file), clause, clause + "\n" + imports + "\n)\n"})
	}
}

// guard adds a line after those that were pasted. In it, $auth stands for the *Auth.
func (a *application) guard(ts *testscript.TestScript, args []string) {
	line := strings.ReplaceAll(args[0], "$auth", a.auth) + "\n"
	a.replace(ts, appEdit{a.pasted.file, a.pasted.after, a.pasted.after + line})
	a.guarded = args[1]
}

// change replaces a text by hand.
func (a *application) change(ts *testscript.TestScript, args []string) {
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, args[1]); n != 1 {
		ts.Fatalf("%s has %q %d times, not once", args[0], args[1], n)
	}
	above, _, _ := strings.Cut(text, args[1])
	a.replace(ts, appEdit{ts.MkAbs(args[0]), above + args[1], above + args[2]})
}

// unmount undoes what mount, change and guard did.
func (a *application) unmount(ts *testscript.TestScript, _ []string) {
	edits := a.edits
	for _, e := range slices.Backward(edits) {
		a.replace(ts, appEdit{e.file, e.after, e.before})
	}
	a.edits, a.pasted, a.guarded = nil, appEdit{}, ""
}

// changeLine changes a line of a file.
func (a *application) changeLine(ts *testscript.TestScript, file string, number int, change func(string) string) {
	lines := strings.SplitAfter(ts.ReadFile(file), "\n")
	above, line := strings.Join(lines[:number-1], ""), lines[number-1]
	// With all lines above it, no other line is equal.
	a.replace(ts, appEdit{ts.MkAbs(file), above + line, above + change(line)})
}

// atoi returns the number of a line, 0 for none.
func atoi(ts *testscript.TestScript, text string) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

// replace makes an edit. Before and after it, the file has the text once.
func (a *application) replace(ts *testscript.TestScript, e appEdit) {
	data, err := os.ReadFile(e.file)
	ts.Check(err)
	if n := strings.Count(string(data), e.before); n != 1 {
		ts.Fatalf("%s has this text %d times, not once:\n%s", e.file, n, e.before)
	}
	ts.Check(os.WriteFile(e.file, []byte(strings.Replace(string(data), e.before, e.after, 1)), 0o666))
	a.edits = append(a.edits, e)
}
