// Package prompt asks a person questions at the terminal.
//
// There are two ways of asking. The usual one draws lists to move in, with
// survey; the plain one prints numbered choices and reads a line, for screen
// readers and for terminals that cannot move the cursor. Both take the same
// questions, give the same answers, and write nothing to standard output.
package prompt

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
)

var (
	// ErrInterrupt reports that the person pressed Ctrl-C, or that the process
	// was told to end, while a question was open.
	ErrInterrupt = errors.New("interrupted")

	// ErrNoTerminal reports that there is no terminal to ask at.
	ErrNoTerminal = errors.New("no terminal to ask at")
)

// A Prompter asks a person. Each method asks one question and waits until it is
// answered. It returns [ErrInterrupt] on Ctrl-C, and an error that wraps
// [io.ErrUnexpectedEOF] when the input ends: no default is ever taken without a
// key having been pressed for it. However a method returns, the terminal is back
// in the mode it was in before.
//
// A Prompter must not be used by several goroutines at once.
type Prompter interface {
	// Choose asks for one of the options and returns its value. The option with
	// the value def is chosen beforehand; with an empty def there is no default,
	// though a list still starts at its first option.
	Choose(q Question, options []Option, def string) (string, error)

	// ChooseAny asks for any number of the options and returns their values in
	// the order of options. Those with a value in def are chosen beforehand.
	ChooseAny(q Question, options []Option, def []string) ([]string, error)

	// Line asks for a line of text, which it returns without the white space
	// around it; an empty line stands for def. If check is not nil and returns an
	// error, the person is told it and asked again.
	Line(q Question, def string, check func(string) error) (string, error)

	// Confirm asks for yes or no.
	Confirm(q Question, def bool) (bool, error)

	// Close lets go of the terminal.
	Close() error
}

// A Question is what a person is asked.
type Question struct {
	Text string // the question itself, without a colon
	Help string // one line more, shown with the question or when '?' is typed
}

// An Option is one of the answers that a question offers.
type Option struct {
	Value string // what the program knows it by, unique in its question
	Label string // what the person reads; Value if empty
	Help  string // one line on what choosing it costs and brings
}

// text returns what the person reads.
func (o Option) text() string {
	if o.Label == "" {
		return o.Value
	}
	return o.Label
}

// Open returns a Prompter at the controlling terminal. If there is none, it returns one
// at standard input and standard error if these are a terminal, otherwise
// [ErrNoTerminal].
//
// It asks in the plain way if plain is set, if the environment variable
// ACCESSIBLE is set to anything but a false value, or if TERM is dumb. NO_COLOR
// turns colors off.
func Open(plain bool) (Prompter, error) {
	c, err := openConsole()
	if err != nil {
		return nil, err
	}
	if plain || accessible(os.Getenv("ACCESSIBLE")) || os.Getenv("TERM") == "dumb" {
		return &plainPrompter{c}, nil
	}
	return newSurvey(c), nil
}

func accessible(env string) bool {
	if env == "" {
		return false
	}
	on, err := strconv.ParseBool(env)
	return on || err != nil
}

// checkOptions reports a question without options, or with a default that is not one
// of them: mistakes of the program, not of the person.
func checkOptions(q Question, options []Option, def ...string) error {
	if len(options) == 0 {
		return fmt.Errorf("internal error: the question %q has no options", q.Text)
	}
	for _, value := range def {
		if value != "" && find(options, value) < 0 {
			return fmt.Errorf("internal error: the question %q has no option %q", q.Text, value)
		}
	}
	return nil
}

// find returns the index of the option with the given value, or -1.
func find(options []Option, value string) int {
	return slices.IndexFunc(options, func(o Option) bool { return o.Value == value })
}

// noAnswer returns the error for a question that err left without an answer.
func noAnswer(q Question, err error) error {
	switch {
	case errors.Is(err, ErrInterrupt):
		return ErrInterrupt
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("no answer to %q: %w", q.Text, err)
}
