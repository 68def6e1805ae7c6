package prompt

import (
	"errors"
	"fmt"
	"strings"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/terminal"
)

// A lineQuestion asks for a line of text. Unlike survey's Input, it leaves a text that is
// not accepted in the line, to be corrected, and removes the error once the text is right.
type lineQuestion struct {
	survey.Renderer
	Message string
	Help    string
	Hint    string // the default, or the answers to choose from
	Keys    string // what keys do beside typing

	keys  *keyboard
	text  string // what is in the line
	shown func(text string) string
	check func(text string) error
	clear bool // whether a text that is not accepted is removed

	problem  string
	showHelp bool
}

// lineData is what the template for a lineQuestion gets.
type lineData struct {
	*lineQuestion
	Config     *survey.PromptConfig
	Problem    string
	ShowHelp   bool
	ShowAnswer bool
	Answer     string
}

// Prompt implements [survey.Prompt]. It returns a text that the check accepts, or whatever
// is in the line if another key than Enter ended the question.
func (l *lineQuestion) Prompt(config *survey.PromptConfig) (any, error) {
	rr := l.NewRuneReader()
	_ = rr.SetTermMode()
	defer func() { _ = rr.RestoreTermMode() }()
	for {
		data := lineData{lineQuestion: l, Config: config, Problem: l.problem, ShowHelp: l.showHelp}
		if err := l.Render(lineTemplate, data); err != nil {
			return nil, err
		}
		line, err := rr.ReadLineWithDefault(0, []rune(l.text), l.onKey)
		if err != nil {
			return nil, err
		}
		// The cursor is below the line in which the text began.
		const upAndErase = "\x1b[1A\x1b[J"
		if _, err := fmt.Fprint(terminal.NewAnsiStdout(l.Stdio().Out), upAndErase); err != nil {
			return nil, err
		}
		l.text = string(line)
		switch {
		case l.keys.ended != nil:
			return l.text, nil
		case strings.TrimSpace(l.text) == config.HelpInput && l.Help != "":
			l.showHelp, l.text, l.problem = true, "", ""
			continue
		}
		err = l.check(l.text)
		if err == nil {
			return l.text, nil
		}
		l.problem = err.Error()
		if l.clear {
			l.text = ""
		}
	}
}

// onKey sees each key before the line does.
func (l *lineQuestion) onKey(key rune, line []rune) ([]rune, bool, error) {
	switch {
	case !l.keys.back:
	case key == terminal.KeyArrowLeft && len(line) == 0,
		key == terminal.KeyEscape: // which survey reads itself on Windows
		l.keys.ended = ErrBack
		_, err := fmt.Fprint(l.Stdio().Out, "\r\n") // as Enter does
		return line, true, err
	}
	if key == terminal.KeyDeleteLine { // which survey ignores in a line
		for range line {
			l.keys.push(string(terminal.KeyBackspace))
		}
		l.keys.push(string(terminal.SpecialKeyEnd))
	}
	return line, false, nil
}

// Cleanup implements [survey.Prompt].
func (l *lineQuestion) Cleanup(config *survey.PromptConfig, answer any) error {
	return l.Render(lineTemplate, lineData{lineQuestion: l, Config: config, ShowAnswer: true, Answer: l.shown(answer.(string))})
}

// Error implements [survey.Prompt]. It is not used, since Prompt checks the answer.
func (l *lineQuestion) Error(*survey.PromptConfig, error) error {
	return errors.New("internal error: the answer was checked already")
}
