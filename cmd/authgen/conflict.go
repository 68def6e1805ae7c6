package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/authgen/authgen/generator/plan"
)

// maxShown is how many lines of one side of a conflict are shown.
const maxShown = 20

// conflicts shows the places where the developer and authgen changed the same
// lines.
func (c *cli) conflicts(plan *plan.Plan) {
	for _, s := range plan.Conflicting() {
		name := plan.InModule(s)
		for _, conflict := range s.Conflicts {
			where := ""
			if conflict.Name != "" {
				where = ", in " + conflict.Name
			}
			c.say("%s%s: you and authgen changed the same lines", name, where)
			c.side("before, both had:", conflict.Base)
			c.side("you have now:", conflict.Mine)
			c.side("authgen has now:", conflict.New)
			c.say("")
		}
	}
}

// side shows one side of a conflict.
func (c *cli) side(title string, text []byte) {
	c.say("  %s", title)
	switch {
	case len(text) == 0:
		c.say("      (nothing)")
		return
	case bytes.IndexByte(text, 0) >= 0:
		c.say("      (%d bytes, binary)", len(text))
		return
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i, line := range lines {
		if i == maxShown && len(lines) > maxShown+1 {
			c.say("      … %d more lines", len(lines)-i)
			break
		}
		c.say("    | %s", strings.TrimSuffix(line, "\r"))
	}
}

// conflictNote returns the message for a file in conflict.
func conflictNote(s plan.Step) string {
	if s.Unresolved {
		return s.Note
	}
	return "conflict"
}

// conflictError returns the error for a plan with conflicts, applied or not.
func (in *instance) conflictError(p *plan.Plan) error {
	steps := p.Conflicting()
	var problems errorList
	written, left := false, false
	for _, s := range steps {
		written, left = written || s.ConflictWritten(), left || s.Unresolved
		problems = append(problems, fmt.Errorf("%s: %s", p.InModule(s), conflictNote(s)))
	}
	first := shellQuote(p.InModule(steps[0]))
	if left {
		return &failure{problems, fmt.Sprintf("keep what is right between <<<<<<< and >>>>>>>, then run %s; or add --mine or --new", in.command("resolve "+first)), exitConflicts}
	}
	hint := "nothing was written. The same command with --conflict=markers writes both versions into the file between <<<<<<< and >>>>>>>; " +
		"keep what is right, then run " + in.command("resolve "+first)
	if written {
		hint = fmt.Sprintf("the other files are done. Look for <<<<<<< in the file, or in the one beside it that ends in %s, keep what is right, then run %s; "+
			"or add --mine or --new to take one side of each conflict", plan.MergeSuffix, in.command("resolve "+first))
	}
	return &failure{problems, hint, exitConflicts}
}
