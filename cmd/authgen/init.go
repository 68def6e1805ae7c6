package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator"
)

var initCommand = command{
	name:    "init",
	args:    "[flags]",
	summary: "ask, write authgen.yaml and the package",
	detail: `Looks at the module, asks what it cannot find out, and writes the package with
its authgen.yaml. Every question has a flag; what is given is not asked. Without
a terminal nothing is asked, and what is missing is an error.`,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		var o initOptions
		o.answerFlags(flags)
		flags.StringVar(&o.dir, "C", ".", "work on the module of `DIR`")
		flags.BoolVar(&o.yes, "yes", false, "take the detected or default answer instead of asking")
		flags.BoolVar(&o.plain, "plain", false, "ask with numbered choices, line by line; so do ACCESSIBLE=1 and TERM=dumb")
		flags.Var(&o.tidy, "tidy", "add the modules that the package needs to go.mod and run go mod tidy;\nwith --yes this is the default, --tidy=false leaves go.mod alone")
		return func(c *cli, args []string) error {
			if err := noArgs("init", args); err != nil {
				return err
			}
			return c.init(&o)
		}
	},
}

// initOptions are the flags of init.
type initOptions struct {
	answers map[string]string
	dir     string
	yes     bool
	plain   bool
	tidy    optionalBool
}

// answerFlags adds a flag for each question.
func (o *initOptions) answerFlags(flags *flag.FlagSet) {
	o.answers = make(map[string]string)
	for _, k := range generator.Keys {
		name := "TEXT"
		if len(k.Values) > 0 {
			name = "NAME"
		}
		if k.Many {
			name = "LIST"
		}
		usage := fmt.Sprintf("%s (`%s`)", k.Help, name)
		for _, v := range k.Values {
			usage += fmt.Sprintf("\n  %-10s %s", v.Name, v.Help)
		}
		if k.Many {
			usage += "\nsuch as signup,-remember: a minus turns one off"
		}
		flags.Func(k.Name, usage, func(text string) error {
			o.answers[k.Name] = text
			return nil
		})
	}
}

// optionalBool is a flag that may be on, off or not given.
type optionalBool struct{ given, on bool }

// String implements [flag.Value].
func (o *optionalBool) String() string { return "" }

// IsBoolFlag lets the flag stand without a value.
func (o *optionalBool) IsBoolFlag() bool { return true }

// Set implements [flag.Value].
func (o *optionalBool) Set(text string) error {
	switch text {
	case "true":
		o.on = true
	case "false":
		o.on = false
	default:
		return errors.New("must be true or false")
	}
	o.given = true
	return nil
}

// init sets a project up.
func (c *cli) init(o *initOptions) error {
	project, err := generator.LoadProject(o.dir)
	if err != nil {
		return err
	}
	s, err := newSurvey(project, o.answers)
	if err != nil {
		return err
	}
	if err := unsupported(project, s.given); err != nil {
		return err
	}
	asked := false
	var p prompt.Prompter
	if _, open := s.next(); open && !o.yes {
		p, err = c.open(o.plain)
		if errors.Is(err, prompt.ErrNoTerminal) {
			return failf("give the flags, or --yes to take the defaults",
				"there is no terminal to ask at, and these are not given: --%s", strings.Join(s.unanswered(), ", --"))
		}
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		asked = true
		c.found(project)
		for q, ok := s.next(); ok; q, ok = s.next() {
			text, err := s.put(p, q)
			if err != nil {
				return err
			}
			if err := s.answer(q, text); err != nil {
				return err
			}
		}
	}
	a := s.complete()
	if err := checkAnswers(project, a); err != nil {
		return err
	}
	return c.write(project, a, o, p, asked)
}

// checkAnswers is an error if a package cannot be written for the answers.
func checkAnswers(project *generator.Project, a generator.Answers) error {
	if err := a.Check(); err != nil {
		var problems generator.Problems
		if errors.As(err, &problems) {
			var errs []error
			for _, p := range problems {
				errs = append(errs, fmt.Errorf("--%s: %s", p.Key(), p.Message))
			}
			return errors.Join(errs...)
		}
		return err
	}
	if slices.Contains(project.Instances, a.Package) {
		return failf("change the answers there, then run authgen generate",
			"%s exists already", path.Join(a.Package, generator.AnswersFile))
	}
	for _, dir := range project.Instances {
		name := path.Join(dir, generator.AnswersFile)
		data, err := os.ReadFile(filepath.Join(project.Root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		other, err := generator.ParseAnswers(name, data)
		if err != nil {
			return err
		}
		if other.Name == a.Name {
			return failf("give this one a prefix with --name",
				"%s would have the cookie and the tables of %s", a.Package, dir)
		}
	}
	return nil
}

// write makes the plan for the answers, asks for a go-ahead where there was
// somebody to ask, and applies it.
func (c *cli) write(project *generator.Project, a generator.Answers, o *initOptions, p prompt.Prompter, asked bool) error {
	root, err := os.OpenRoot(project.Root)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := generator.Recover(root, a.Package); err != nil {
		return err
	}
	in := &instance{project: project, dir: a.Package, answers: a}
	plan, err := in.plan()
	if err != nil {
		return err
	}
	if err := c.refuseBlocked(plan); err != nil {
		return err
	}
	missing, err := project.Missing(neededModules(a)...)
	if err != nil {
		return err
	}
	tidy := o.tidy.on || !o.tidy.given && o.yes
	if asked {
		if !o.tidy.given && len(missing) > 0 {
			tidy, err = p.Confirm(prompt.Question{
				Text: fmt.Sprintf("Add %s to go.mod?", moduleList(missing)),
				Help: "the package needs them; this runs go mod tidy",
			}, true)
			if err != nil {
				return err
			}
		}
		c.summary(a)
		ok, err := p.Confirm(prompt.Question{Text: fmt.Sprintf("Write %d files to %s?", len(plan.Steps)+1, a.Package)}, true)
		if err != nil {
			return err
		}
		if !ok {
			return prompt.ErrInterrupt
		}
	}
	if tidy {
		mod, err := os.ReadFile(filepath.Join(project.Root, "go.mod"))
		if err != nil {
			return err
		}
		if err := tidyModule(project.Root, mod, missing, plan); err != nil {
			return err
		}
	}
	if err := plan.Apply(root); err != nil {
		return err
	}
	c.list(plan)
	if asked {
		c.say("\nThe same without questions:\n  %s", commandLine(a, tidy))
	}
	c.nextSteps(project, a, missing, tidy)
	return nil
}

// summary prints the answers before they are confirmed.
func (c *cli) summary(a generator.Answers) {
	c.say("")
	for _, k := range generator.Keys {
		if text := a.Get(k.Name); text != "" {
			c.say("  %-13s %s", k.Name, text)
		}
	}
	c.say("")
}

// commandLine is the command that gives these answers.
func commandLine(a generator.Answers, tidy bool) string {
	normal := generator.DefaultAnswers()
	normal.Normalize()
	b := &strings.Builder{}
	b.WriteString("authgen init --yes")
	for _, k := range generator.Keys {
		if text := a.Get(k.Name); text != normal.Get(k.Name) {
			fmt.Fprintf(b, " --%s=%s", k.Name, shellQuote(text))
		}
	}
	if !tidy {
		b.WriteString(" --tidy=false")
	}
	return b.String()
}

// shellQuote quotes text for a POSIX shell if it has to be.
func shellQuote(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,=+@") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
