package main

import (
	"path"
	"slices"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
)

// maxListed is how many files are always listed. If there are more, only those that matter
// are listed, unless the user gave -v.
const maxListed = 20

// list prints a line for each file that is not as it is emitted, and the counts.
func (c *cli) list(p *plan.Plan) {
	var steps []plan.Step
	for _, s := range p.Steps {
		if s.Action != plan.Identical || s.Note != "" {
			steps = append(steps, s)
		}
	}
	var others []plan.Step
	for _, s := range p.ExtraFiles() {
		s.Path = "/" + s.Path // from the root of the module
		s.At = s.Path
		others = append(others, s)
	}
	steps = append(steps, others...)
	more := ""
	if !c.verbose && len(steps) > maxListed {
		steps = slices.DeleteFunc(steps, func(s plan.Step) bool { return !matters(s) })
		more = "; -v lists all files"
	}
	c.steps(p, steps)
	c.say("%s%s", p.Counts(), more)
}

// steps prints a line for each step.
func (c *cli) steps(p *plan.Plan, steps []plan.Step) {
	for _, s := range steps {
		note := s.Note
		if note == "" && s.Action == plan.Create {
			note = purpose(s)
		}
		if note != "" {
			note = " (" + note + ")"
		}
		c.say("%-9s %s%s", s.Action, p.InModule(s), note)
	}
}

// matters reports whether a developer wants to know what happens to the file, even among
// many others.
func matters(s plan.Step) bool {
	if s.Note != "" || s.Class == emit.Migration {
		return true
	}
	switch s.Action {
	case plan.Create:
		return purpose(s) != ""
	case plan.Update, plan.Gone, plan.Delete:
		return s.Class == emit.Yours || s.Path == "/go.mod"
	case plan.Keep:
		return false
	}
	return true
}

// purpose returns what a new file is for, or "" if the developer need not look at it.
func purpose(s plan.Step) string {
	dir, name := path.Split(s.Path)
	switch {
	case s.Path == "doc.go":
		return "the manual"
	case s.Path == answers.FileName:
		return "your answers"
	case s.Class == emit.Yours && name == "routes.go":
		return "your routes"
	case s.Class == emit.Once && name == "hooks.go":
		return "your hooks"
	case dir == "/" && name == "main.go":
		return "the application"
	case dir == "/" && name == ".env":
		return "its keys: keep them secret"
	case dir == "/" && name == "go.mod":
		return "the modules"
	}
	return ""
}
