package prompt

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/core"
	"github.com/AlecAivazis/survey/v2/terminal"
)

// A surveyPrompter draws its questions with survey and takes single keys.
type surveyPrompter struct {
	console *console
}

func newSurvey(c *console) *surveyPrompter {
	// Survey obeys NO_COLOR itself, but gives precedence to CLICOLOR_FORCE.
	if os.Getenv("NO_COLOR") != "" {
		core.DisableColor = true
	}
	return &surveyPrompter{c}
}

func (p *surveyPrompter) Choose(q Question, options []Option, def string) (string, error) {
	if err := checkOptions(q, options, def); err != nil {
		return "", err
	}
	described := p.describe(options)
	var i int
	err := p.ask(q, &survey.Select{
		Message:     q.Text,
		Help:        q.Help,
		Options:     labels(options),
		Default:     max(0, find(options, def)),
		Description: func(_ string, i int) string { return described[i] },
		Filter:      func(filter, _ string, i int) bool { return matches(filter, options[i]) },
		PageSize:    p.pageSize(q, options, described),
	}, &i)
	if err != nil {
		return "", err
	}
	return options[i].Value, nil
}

func (p *surveyPrompter) ChooseAny(q Question, options []Option, def []string) ([]string, error) {
	if err := checkOptions(q, options, def...); err != nil {
		return nil, err
	}
	checked := make([]int, len(def))
	for i, value := range def {
		checked[i] = find(options, value)
	}
	described := p.describe(options)
	var chosen []int
	err := p.ask(q, &survey.MultiSelect{
		Message:     q.Text,
		Help:        q.Help,
		Options:     labels(options),
		Default:     checked,
		Description: func(_ string, i int) string { return described[i] },
		// In an empty list, survey moves to the option before the first, and crashes when
		// the user toggles it. So a filter that matches nothing hides nothing.
		Filter: func(filter, _ string, i int) bool {
			return matches(filter, options[i]) || !matches(filter, options...)
		},
		PageSize: p.pageSize(q, options, described),
	}, &chosen)
	if err != nil {
		return nil, err
	}
	var values []string
	for _, i := range chosen {
		values = append(values, options[i].Value)
	}
	return values, nil
}

func (p *surveyPrompter) Line(q Question, def string, check func(string) error) (string, error) {
	// The value that is checked must be the value that is returned.
	value := func(line string) string {
		if line = strings.TrimSpace(line); line == "" {
			return def
		}
		return line
	}
	var line string
	err := p.ask(q, &survey.Input{Message: q.Text, Help: q.Help, Default: def}, &line,
		survey.WithValidator(func(answer any) error {
			if check == nil {
				return nil
			}
			return check(value(answer.(string)))
		}))
	if err != nil {
		fmt.Fprintln(p.console.out) // the cursor is still on the line of the question
		return "", err
	}
	return value(line), nil
}

func (p *surveyPrompter) Confirm(q Question, def bool) (bool, error) {
	var yes bool
	err := p.ask(q, &survey.Confirm{Message: q.Text, Help: q.Help, Default: def}, &yes)
	if err != nil {
		fmt.Fprintln(p.console.out)
		return false, err
	}
	return yes, nil
}

func (p *surveyPrompter) Close() error { return p.console.close() }

func (p *surveyPrompter) ask(q Question, prompt survey.Prompt, answer any, opts ...survey.AskOpt) error {
	defer p.console.in.watchSignals()()
	opts = append(opts,
		survey.WithStdio(p.console.in, p.console.out, p.console.out),
		survey.WithShowCursor(true)) // while a line is typed; lists still hide it
	err := survey.AskOne(prompt, answer, opts...)
	if errors.Is(err, terminal.InterruptErr) {
		// On Windows survey reads the console itself, without the keyboard.
		err = ErrInterrupt
	}
	if err != nil {
		return noAnswer(q, err)
	}
	return nil
}

// describe returns the help of each option, broken into lines that fit on the screen
// after the option and below it.
func (p *surveyPrompter) describe(options []Option) []string {
	const indent = "\n        "
	width, _ := p.console.size()
	described := make([]string, len(options))
	for i, o := range options {
		if width == 0 {
			described[i] = o.Help
			continue
		}
		column := terminal.StringWidth(focus + o.text() + separator)
		for j, word := range strings.Fields(o.Help) {
			wide := terminal.StringWidth(word)
			switch {
			case j == 0:
			case column+1+wide < width:
				described[i] += " "
				column++
			default:
				described[i] += indent
				column = len(indent) - 1
			}
			described[i] += word
			column += wide
		}
	}
	return described
}

// pageSize returns how many options fit on the screen together with the question. Survey
// cannot clear lines that have scrolled off the screen.
func (p *surveyPrompter) pageSize(q Question, options []Option, described []string) int {
	width, height := p.console.size()
	if width == 0 || height == 0 {
		return len(options)
	}
	rows := func(text string) int {
		n := 0
		for line := range strings.SplitSeq(text, "\n") {
			n += 1 + max(0, terminal.StringWidth(line)-1)/width
		}
		return n
	}
	tallest := 1
	for i, o := range options {
		tallest = max(tallest, rows(focus+o.text()+separator+described[i]))
	}
	const cursorLine = 1
	free := height - cursorLine - rows("  "+q.Help) - rows("? "+q.Text+"  "+longestHint)
	return max(1, min(len(options), free/tallest))
}

func labels(options []Option) []string {
	var labels []string
	for _, o := range options {
		labels = append(labels, o.text())
	}
	return labels
}

// matches reports whether an option's label or value contains the filter, ignoring case.
func matches(filter string, options ...Option) bool {
	filter = strings.ToLower(filter)
	for _, o := range options {
		if strings.Contains(strings.ToLower(o.text()), filter) || strings.Contains(strings.ToLower(o.Value), filter) {
			return true
		}
	}
	return false
}

const (
	focus       = "> [x] " // the longest mark before an option
	separator   = " - "
	longestHint = "[arrows, space, type to filter, ? for help]"
)

// init changes the look of the questions: the hints are shorter, defaults are in brackets
// as in the plain way, and no color is invisible on a light background. Survey's templates
// can only be set through variables of its package.
func init() {
	const (
		question = `
{{- define "help"}}{{if .ShowHelp}}  {{color .Config.Icons.Help.Format}}{{.Help}}{{color "reset"}}{{"\n"}}{{end}}{{end}}
{{- define "hint"}}{{color "cyan"}}{{.}}{{color "reset"}}{{end}}
{{- define "answer"}}{{color "cyan"}}{{.}}{{color "reset"}}{{"\n"}}{{end}}
{{- define "question"}}{{template "help" .}}
	{{- color .Config.Icons.Question.Format}}{{.Config.Icons.Question.Text}}{{color "reset"}} {{color "default+b"}}{{.Message}}{{color "reset"}} {{end}}
{{- define "moreHelp"}}{{if and .Help (not .ShowHelp)}}, {{.Config.HelpInput}} for help{{end}}{{end}}`

		list = `{{.CurrentOpt.Value}}{{color "reset"}}{{with .GetDescription .CurrentOpt}}` + separator + `{{.}}{{end}}{{"\n"}}`
	)

	survey.SelectQuestionTemplate = question + `
{{- define "option"}}
	{{- if eq .SelectedIndex .CurrentIndex}}{{color .Config.Icons.SelectFocus.Format}}{{.Config.Icons.SelectFocus.Text}} {{else}}{{color "default"}}  {{end}}` + list + `{{end}}
{{- template "question" .}}
{{- if .ShowAnswer}}{{template "answer" .Answer}}
{{- else}}{{with .FilterMessage}}{{slice . 1}} {{end}} {{color "cyan"}}[arrows, type to filter{{template "moreHelp" .}}]{{color "reset"}}{{"\n"}}
	{{- range $i, $option := .PageEntries}}{{template "option" $.IterateOption $i $option}}{{end}}
{{- end}}`

	survey.MultiSelectQuestionTemplate = question + `
{{- define "option"}}
	{{- if eq .SelectedIndex .CurrentIndex}}{{color .Config.Icons.SelectFocus.Format}}{{.Config.Icons.SelectFocus.Text}}{{color "reset"}}{{else}} {{end}} 
	{{- if index .Checked .CurrentOpt.Index}} {{color .Config.Icons.MarkedOption.Format}}{{.Config.Icons.MarkedOption.Text}} {{else}} {{color "default"}}{{.Config.Icons.UnmarkedOption.Text}} {{end}}` + list + `{{end}}
{{- template "question" .}}
{{- if .ShowAnswer}}{{template "answer" or .Answer "none"}}
{{- else}}{{with .FilterMessage}}{{slice . 1}} {{end}} {{color "cyan"}}[arrows, space, type to filter{{template "moreHelp" .}}]{{color "reset"}}{{"\n"}}
	{{- range $i, $option := .PageEntries}}{{template "option" $.IterateOption $i $option}}{{end}}
{{- end}}`

	survey.InputQuestionTemplate = question + `
{{- template "question" .}}
{{- if .ShowAnswer}}{{template "answer" .Answer}}
{{- else}}
	{{- if and .Help (not .ShowHelp)}}{{template "hint" "[? for help]"}} {{end}}
	{{- if .Default}}[{{.Default}}] {{end}}
{{- end}}`

	survey.ConfirmQuestionTemplate = question + `
{{- template "question" .}}
{{- if .Answer}}{{template "answer" .Answer}}
{{- else}}
	{{- if and .Help (not .ShowHelp)}}{{template "hint" "[? for help]"}} {{end}}
	{{- if .Default}}[Y/n] {{else}}[y/N] {{end}}
{{- end}}`

	survey.ErrorTemplate = `{{color .Icon.Format}}{{.Icon.Text}} {{.Error.Error}}{{color "reset"}}{{"\n"}}`
}
