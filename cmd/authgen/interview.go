package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/cmd/authgen/internal/questions"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

// An interview asks a person for the answers of a new package. It asks what nobody can
// recommend, shows all answers on one screen, and asks for more until the person accepts
// them.
type interview struct {
	prompter prompt.Prompter
	walk     *questions.Walk
	title    string // first line of the screen
	draft    func(answers.Answers) (*draft, error)
	// asksTidy is whether go.mod is only changed if the person wants it, and noVerify
	// whether the package may be written without what go.mod lacks.
	asksTidy, noVerify bool
}

// A draft is what would be written for the answers.
type draft struct {
	in      *instance
	plan    *plan.Plan
	missing []project.Module // that go.mod lacks
}

// What the person can choose below the screen.
const (
	writeAll  = "all"
	writeOnly = "files" // and not go.mod
	askOpen   = "open"
	askOne    = "one"
	askAll    = "questions"
	stop      = "stop"
)

// errStopped reports that the person does not want the package.
var errStopped = errors.New("not confirmed: nothing was written")

// run returns what the person accepts, and whether go.mod may be changed. With an error,
// the resolution has the answers so far.
func (v *interview) run() (r questions.Resolution, d *draft, tidy bool, err error) {
	v.walk.Required()
	for {
		err := v.pass()
		r, resolveErr := v.walk.Resolve()
		if err = errors.Join(err, resolveErr); err != nil {
			return r, nil, false, err
		}
		var problems error
		if d = nil; len(r.Problems) > 0 {
			problems = flagProblems(r.Problems)
		} else {
			d, problems = v.draft(r.Answers)
		}
		if err := v.prompter.Show(screen(v.title, r, d, problems)); err != nil {
			return r, nil, false, err
		}
		choice, err := v.choose(r, d, problems)
		if err != nil {
			return r, nil, false, err
		}
		switch choice {
		case writeAll, writeOnly:
			return r, d, choice == writeAll && len(d.missing) > 0, nil
		case askOpen:
			v.walk.Required()
		case askAll:
			v.walk.All()
		case askOne:
			key, err := v.chooseKey(r)
			switch {
			case errors.Is(err, prompt.ErrBack):
			case err != nil:
				return r, nil, false, err
			default:
				v.walk.Only(key)
			}
		case stop:
			return r, nil, false, errStopped
		}
	}
}

// pass asks the questions of a pass, until there are no more or the person goes back from
// the first one.
func (v *interview) pass() error {
	for {
		r, q, ok, err := v.walk.Next()
		if err != nil || !ok {
			return err
		}
		text, err := v.ask(q, r.Check)
		switch {
		case errors.Is(err, prompt.ErrBack):
			if !v.walk.Back(q, text) {
				return nil
			}
		case err != nil:
			return err
		default:
			v.walk.Answer(q, text)
		}
	}
}

// ask asks a question and returns the answer in the form of a flag. With
// [prompt.ErrBack], it returns what was typed or chosen so far.
func (v *interview) ask(q questions.Question, check func(questions.Question, string) error) (string, error) {
	var known []string
	for _, line := range q.Found {
		known = append(known, "found "+line)
	}
	if q.Must != "" {
		known = append(known, q.Must)
	}
	if err := v.prompter.Show(lines(known)); err != nil {
		return "", err
	}
	for {
		text, err := v.askOnce(q, check)
		if err != nil {
			return text, err
		}
		// A choice from a list is not checked while it is made.
		refused := check(q, text)
		if refused == nil {
			return text, nil
		}
		if err := v.prompter.Show(lines([]string{refused.Error()})); err != nil {
			return "", err
		}
		q.Default = text
	}
}

func (v *interview) askOnce(q questions.Question, check func(questions.Question, string) error) (string, error) {
	ask := prompt.Question{Text: q.Text, Help: q.Help, Back: true}
	var options []prompt.Option
	for _, o := range q.Options {
		options = append(options, prompt.Option{Value: o.Name, Help: o.Help})
	}
	switch {
	case q.Many:
		chosen, err := v.prompter.ChooseAny(ask, options, q.Chosen(q.Default))
		var text []string
		for _, o := range options {
			if !slices.Contains(chosen, o.Value) {
				o.Value = "-" + o.Value
			}
			text = append(text, o.Value)
		}
		return strings.Join(text, ","), err
	case len(options) > 0:
		return v.prompter.Choose(ask, options, q.Default)
	}
	return v.prompter.Line(ask, q.Default, q.Typed, func(text string) error { return check(q, text) })
}

// choose asks what to do with the answers on the screen.
func (v *interview) choose(r questions.Resolution, d *draft, problems error) (string, error) {
	var open []string
	for _, row := range r.Overview() {
		if row.Source == questions.Missing {
			open = append(open, row.Key)
		}
	}
	var options []prompt.Option
	add := func(value, format string, args ...any) {
		options = append(options, prompt.Option{Value: value, Label: fmt.Sprintf(format, args...)})
	}
	switch {
	case len(open) > 0:
		add(askOpen, "Answer the open questions: %s", strings.Join(open, ", "))
	case problems != nil:
	case v.asksTidy && len(d.missing) > 0:
		write := fmt.Sprintf("Write %d files to %s", len(d.plan.Written()), r.Answers.Package)
		add(writeAll, "%s, and add %s to go.mod", write, count(len(d.missing), "module"))
		if v.noVerify {
			add(writeOnly, "%s, and leave go.mod alone", write)
		}
	default:
		add(writeAll, "Write %d files", len(d.plan.Written()))
	}
	add(askOne, "Change one answer")
	add(askAll, "Go through all questions")
	add(stop, "Stop, and write nothing")
	return v.prompter.Choose(prompt.Question{
		Text: "What next?",
		Help: "Nothing has been written yet. No answer is lost while you go through the questions. Ctrl-C stops, and prints the command that continues from there.",
	}, options, options[0].Value)
}

// chooseKey asks which answer to change.
func (v *interview) chooseKey(r questions.Resolution) (string, error) {
	var options []prompt.Option
	for _, row := range r.Overview() {
		options = append(options, prompt.Option{Value: row.Key, Help: row.Answer})
	}
	return v.prompter.Choose(prompt.Question{
		Text: "Which answer?",
		Help: "The names are those of the flags, and of the keys in " + answers.FileName + ".",
		Back: true,
	}, options, "")
}
