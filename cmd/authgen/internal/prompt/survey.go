package prompt

import (
	"errors"
	"fmt"
	"io"
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
	described, help := p.describe(options), p.wrapped(q.Help)
	i := max(0, find(options, def))
	err := p.ask(q, listKeys, &i, func() drawn {
		return &survey.Select{
			Message:     q.Text,
			Help:        help,
			Options:     labels(options),
			Default:     i,
			Description: func(_ string, i int) string { return described[i] },
			Filter:      func(filter, _ string, i int) bool { return matches(filter, options[i]) },
			PageSize:    p.pageSize(q, options, described),
		}
	})
	if err != nil {
		return "", err
	}
	return options[i].Value, nil
}

func (p *surveyPrompter) ChooseAny(q Question, options []Option, def []string) ([]string, error) {
	if err := checkOptions(q, options, def...); err != nil {
		return nil, err
	}
	described, help := p.describe(options), p.wrapped(q.Help)
	chosen := make([]int, len(def))
	for i, value := range def {
		chosen[i] = find(options, value)
	}
	err := p.ask(q, manyKeys, &chosen, func() drawn {
		checked := chosen
		chosen = nil // survey appends to it
		return &survey.MultiSelect{
			Message:     q.Text,
			Help:        help,
			Options:     labels(options),
			Default:     checked,
			Description: func(_ string, i int) string { return described[i] },
			// In an empty list, survey moves to the option before the first, and crashes when
			// the user toggles it. So a filter that matches nothing hides nothing.
			Filter: func(filter, _ string, i int) bool {
				return matches(filter, options[i]) || !matches(filter, options...)
			},
			PageSize: p.pageSize(q, options, described),
		}
	})
	if err != nil && !errors.Is(err, ErrBack) {
		return nil, err
	}
	var values []string
	for _, i := range chosen {
		values = append(values, options[i].Value)
	}
	return values, err
}

func (p *surveyPrompter) Line(q Question, def, typed string, check func(string) error) (string, error) {
	// The value that is checked must be the value that is returned.
	value := func(line string) string {
		if line = strings.TrimSpace(line); line == "" {
			return def
		}
		return line
	}
	err := p.line(q, &typed, lineQuestion{
		Hint:  def,
		shown: value,
		check: func(line string) error {
			if check == nil {
				return nil
			}
			return check(value(line))
		},
	})
	switch {
	case errors.Is(err, ErrBack):
		return strings.TrimSpace(typed), err
	case err != nil:
		return "", err
	}
	return value(typed), nil
}

func (p *surveyPrompter) Confirm(q Question, def bool) (bool, error) {
	hint := "y/N"
	if def {
		hint = "Y/n"
	}
	yes := def
	typed := ""
	err := p.line(q, &typed, lineQuestion{
		Hint: hint,
		check: func(line string) (err error) {
			yes = def
			if line = strings.TrimSpace(line); line != "" {
				yes, err = parseYesNo(line)
			}
			return err
		},
		shown: func(string) string {
			if yes {
				return "Yes"
			}
			return "No"
		},
		clear: true,
	})
	return yes && err == nil, err
}

// line asks for a line, which starts with the text in line.
func (p *surveyPrompter) line(q Question, line *string, l lineQuestion) error {
	l.Message, l.Help, l.keys = q.Text, p.wrapped(q.Help), p.console.in
	err := p.ask(q, "", line, func() drawn {
		again := l
		again.text = *line
		again.Keys = p.hint(q, "")
		return &again
	})
	if err != nil && !errors.Is(err, ErrBack) {
		fmt.Fprintln(p.console.out) // the cursor is still on the line of the question
	}
	return err
}

func (p *surveyPrompter) Show(text string) error {
	_, err := io.WriteString(p.console.out, text)
	return err
}

func (p *surveyPrompter) Close() error { return p.console.close() }

// drawn is a question that has been drawn, and can be drawn differently.
type drawn interface {
	survey.Prompt
	Render(template string, data any) error
}

// ask asks a question, which begin makes, and sets the answer. In a list, keys says what
// the keys do. After the person has suspended and continued the process, ask begins again.
func (p *surveyPrompter) ask(q Question, keys string, answer any, begin func() drawn) error {
	keyboard := p.console.in
	defer keyboard.watchSignals()()
	list := keys != ""
	for {
		keyboard.begin(list, q.Back)
		question := begin()
		err := survey.AskOne(question, answer,
			survey.WithStdio(keyboard, p.console.out, p.console.out),
			survey.WithShowCursor(true), // while a line is typed; lists still hide it
			survey.WithRemoveSelectAll(), survey.WithRemoveSelectNone(),
			survey.WithIcons(func(icons *survey.IconSet) { icons.HelpInput.Text = p.hint(q, keys) }))
		p.console.out.discard = false
		switch {
		case errors.Is(keyboard.ended, errContinued):
			continue
		case errors.Is(keyboard.ended, ErrBack):
			// The question has not been answered, so it disappears.
			return errors.Join(question.Render("", nil), ErrBack)
		case errors.Is(err, terminal.InterruptErr):
			// On Windows survey reads the console itself, without the keyboard.
			err = ErrInterrupt
		}
		if err != nil {
			return noAnswer(q, err)
		}
		return nil
	}
}

// hint returns what the keys of a question do; keys is what those of a list do.
func (p *surveyPrompter) hint(q Question, keys string) string {
	var hints []string
	if keys != "" {
		hints = append(hints, keys)
	}
	if q.Help != "" {
		hints = append(hints, helpKey)
	}
	if q.Back && (keys == "" || listsGoBack) {
		hints = append(hints, backKey)
	}
	return strings.Join(hints, ", ")
}

// describe returns the help of each option, broken into lines that fit on the screen
// after the option and below it.
func (p *surveyPrompter) describe(options []Option) []string {
	const indent = "        "
	width, _ := p.console.size()
	described := make([]string, len(options))
	for i, o := range options {
		described[i] = wrap(o.Help, terminal.StringWidth(focus+o.text()+separator), indent, width)
	}
	return described
}

// wrapped returns the help of a question, broken into indented lines that fit on the
// screen.
func (p *surveyPrompter) wrapped(help string) string {
	const indent = "  "
	if help == "" {
		return ""
	}
	width, _ := p.console.size()
	return indent + wrap(help, len(indent), indent, width)
}

// wrap breaks a text into lines that fit on a screen of that width. The first starts in a
// column, and the others with the indent. A width of 0 breaks nothing.
func wrap(text string, column int, indent string, width int) string {
	if width == 0 {
		return text
	}
	var b strings.Builder
	for i, word := range strings.Fields(text) {
		wide := terminal.StringWidth(word)
		switch {
		case i == 0:
		case column+1+wide < width:
			b.WriteByte(' ')
			column++
		default:
			b.WriteString("\n" + indent)
			column = len(indent)
		}
		b.WriteString(word)
		column += wide
	}
	return b.String()
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
	free := height - cursorLine - rows(p.wrapped(q.Help)) - rows("? "+q.Text+"  "+longestHint)
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
