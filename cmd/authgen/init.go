package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/cmd/authgen/internal/questions"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

var initCommand = command{
	name:    "init",
	args:    "[flags]",
	summary: "ask, write authgen.yaml and the package",
	detail: `Looks at the module, asks what it cannot find out, and writes the package with
its authgen.yaml. Every question has a flag, and is not asked if the flag is
given. Without a terminal nothing is asked, and a missing flag is an error.

The package and its tests are built and vetted with your go.mod before anything is
written. Nothing is written if that fails.`,
	lists: true,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		var o initOptions
		o.answerFlags(flags, answers.Default())
		flags.StringVar(&o.dir, "C", ".", "work on the module that `DIR` is in")
		flags.BoolVar(&o.yes, "yes", false, "take the detected or default answer instead of asking")
		flags.BoolVar(&o.plain, "plain", false, "ask with numbered choices, line by line; so do ACCESSIBLE=1 and TERM=dumb")
		flags.Var(&o.tidy, "tidy", "add what the package needs, and nothing else, to go.mod and go.sum; init asks unless it is given, and --yes turns it on; --tidy=false leaves go.mod alone")
		flags.BoolVar(&o.noVerify, "no-verify", false, "write without checking that the package builds")
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
	answers  map[string]string
	dir      string
	yes      bool
	plain    bool
	tidy     optionalBool
	noVerify bool
}

// answerFlags adds a flag for each question; the defaults are for the help.
func (o *initOptions) answerFlags(flags *flag.FlagSet, defaults answers.Answers) {
	o.answers = make(map[string]string)
	defaults.Normalize()
	for _, k := range answers.Keys {
		argument := "TEXT"
		switch {
		case k.Many:
			argument = "LIST"
		case len(k.Values) > 0:
			argument = "NAME"
		}
		flags.Func(k.Name, "`"+argument+"`", func(text string) error {
			o.answers[k.Name] = text
			return nil
		})
		flags.Lookup(k.Name).DefValue = defaults.Get(k.Name)
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
	project, err := loadProject(o.dir)
	if err == nil {
		err = project.Survey()
	}
	if err != nil {
		return err
	}
	if _, ok := o.answers["package"]; !ok && len(project.Instances) > 0 {
		return failf("edit it and run authgen generate; for another package beside it, give --package and --name",
			"%s already exists", path.Join(project.Instances[0], answers.FileName))
	}
	qs, err := questionsFor(project, answers.Default())
	if err != nil {
		return err
	}
	r, err := resolve(qs, questions.Given{Flags: o.answers})
	if err != nil {
		return err
	}
	if err := c.unparsed(project); err != nil {
		return err
	}
	w := &writing{project: project, options: o, tidy: o.tidy.on || !o.tidy.given && o.yes}
	if len(r.Open) > 0 && !o.yes {
		p, err := c.open(o.plain)
		if errors.Is(err, prompt.ErrNoTerminal) {
			return failf("give them, or --yes to take the defaults",
				"no terminal to ask at, and these flags are missing: %s", strings.Join(unanswered(r), ", "))
		}
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		v := &interview{
			prompter: p,
			walk:     questions.NewWalk(qs, o.answers),
			title:    fmt.Sprintf("module %s, go %s", project.Module, project.GoVersion),
			draft:    func(a answers.Answers) (*draft, error) { return planned(project, a) },
			asksTidy: !o.tidy.given,
			noVerify: o.noVerify,
		}
		tidy := false
		if w.resolution, w.draft, tidy, err = v.run(); err != nil {
			return stopped(err, w.resolution, "authgen init"+o.inDir(), func() string {
				return o.commandLine(w.resolution, o.tidy.on || !o.tidy.given)
			})
		}
		w.tidy, w.prompter = o.tidy.on || !o.tidy.given && tidy, p
		return c.write(w)
	}
	if err := unclear(r); err != nil {
		return err
	}
	if len(r.Problems) > 0 {
		return o.instead(r, flagProblems(r.Problems))
	}
	c.found(project, r)
	if w.draft, err = planned(project, r.Answers); err != nil {
		return err
	}
	w.resolution = r
	c.say("writing %s", amount(r.Answers, w.draft.plan))
	return c.write(w)
}

// stopped adds a hint to the error of an interview that the person ended: the command that
// continues with the answers so far, or the one for all answers.
func stopped(err error, r questions.Resolution, command string, all func() string) error {
	given := r.GivenFlags()
	switch {
	case errors.Is(err, errStopped):
		return &failure{err, "the answers were: " + all(), exitInterrupted}
	case given == nil:
		return err
	case errors.Is(err, prompt.ErrInterrupt), errors.Is(err, io.ErrUnexpectedEOF):
		return withHint("to continue from here: "+command+flagTexts(given), err)
	}
	return err
}

// flagTexts returns flags as they are typed, each after a blank.
func flagTexts(flags []questions.Flag) string {
	var b strings.Builder
	for _, f := range flags {
		fmt.Fprintf(&b, " %s=%s", dashed(f.Key), shellQuote(f.Text))
	}
	return b.String()
}

// inDir returns the flag for the directory, after a blank, or "" if none is needed.
func (o *initOptions) inDir() string {
	if o.dir == "." {
		return ""
	}
	return " -C " + shellQuote(o.dir)
}

// planned plans the package for the answers. It returns an error if the plan cannot be
// applied.
func planned(found *project.Project, a answers.Answers) (*draft, error) {
	in, plan, err := planFirst(found, a)
	if err != nil {
		return nil, err
	}
	if err := in.refuseBlocked(plan, "move it away, or choose another directory with --package"); err != nil {
		return nil, err
	}
	missing, err := missingModules(found, a)
	if err != nil {
		return nil, err
	}
	return &draft{in, plan, missing}, nil
}

// A writing is what init writes once the answers are known.
type writing struct {
	project    *project.Project
	options    *initOptions
	resolution questions.Resolution
	draft      *draft
	tidy       bool            // whether go.mod may be changed
	prompter   prompt.Prompter // nil if nobody was asked
}

// write checks and applies the plan of a new package, and prints what comes next.
func (c *cli) write(w *writing) error {
	in, plan, missing := w.draft.in, w.draft.plan, w.draft.missing
	c.sayEarlier(in)
	applied := in.applied(plan)
	c.sayApplied(in, applied)
	c.sayOthers(in)
	check := firstCheck{missing: missing, tidy: w.tidy, noVerify: w.options.noVerify}
	if w.prompter != nil && !w.options.tidy.given && len(missing) == 0 { // otherwise it was asked
		check.mayTidy = mayTidy(w.prompter)
	}
	built, err := c.checkFirst(in, plan, &check)
	if err != nil {
		if w.prompter != nil {
			err = withAnswers(err, w.options.commandLine(w.resolution, check.tidy))
		}
		return err
	}
	if err := in.apply(plan); err != nil {
		return err
	}
	c.list(plan)
	if w.prompter != nil {
		c.say("\nTo do the same without questions:\n\n  %s", w.options.commandLine(w.resolution, check.tidy))
	}
	c.nextSteps(w.project, in.answers, missing, check.tidy, applied, built.Vendor)
	return nil
}

// amount says how much the plan writes, and for what.
func amount(a answers.Answers, plan *plan.Plan) string {
	parts := []struct {
		of    string
		lines int
	}{
		{"of the application", 0},
		{"of package " + a.PackageName, 0},
		{"of " + a.WebName() + ", which is yours to edit", 0},
		{"of tests", 0},
		{"of SQL, settings and records", 0},
	}
	files, all := plan.Written(), 0
	for name, data := range files {
		rest, inside := name, true
		if a.Package != "." {
			rest, inside = strings.CutPrefix(name, a.Package+"/")
		}
		dir, _, below := strings.Cut(rest, "/")
		part := 4
		switch {
		case path.Ext(name) != ".go" && inside, strings.HasSuffix(name, ".sql"):
		case strings.HasSuffix(name, "_test.go"), inside && below && (dir == a.TestName() || dir == "internal"):
			part = 3
		case inside && below && dir == a.WebName():
			part = 2
		case inside:
			part = 1
		default:
			part = 0
		}
		n := bytes.Count(data, []byte("\n"))
		parts[part].lines += n
		all += n
	}
	var list []string
	for _, p := range parts {
		if p.lines > 0 {
			list = append(list, fmt.Sprintf("%d %s", p.lines, p.of))
		}
	}
	return fmt.Sprintf("%d files with %d lines: %s", len(files), all, strings.Join(list, ", "))
}

// commandLine returns the command that gives these answers.
func (o *initOptions) commandLine(r questions.Resolution, tidy bool) string {
	line := "authgen init --yes" + o.inDir() + flagTexts(r.Flags())
	if !tidy {
		line += " --tidy=false"
	}
	if o.noVerify {
		line += " --no-verify"
	}
	return line
}

// shellQuote quotes text for a POSIX shell if it has to be.
func shellQuote(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,=+@") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
