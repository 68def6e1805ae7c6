// Package prompt asks a person questions at the terminal.
//
// There are two ways of asking. The usual one, with survey, draws lists in which the user
// moves a cursor. The plain one prints numbered choices and reads a line, for screen
// readers and for terminals that cannot move the cursor. Both take the same questions,
// give the same answers, and write nothing to standard output.
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
	// ErrInterrupt reports that the person pressed Ctrl-C, or that the process got a
	// signal to stop, during a question.
	ErrInterrupt = errors.New("interrupted")

	// ErrBack reports that the person wants to go back to the question before.
	ErrBack = errors.New("back to the question before")

	// ErrNoTerminal reports that there is no terminal to ask at.
	ErrNoTerminal = errors.New("no terminal to ask at")
)

// A Prompter asks a person. Each method that asks waits for the answer. It returns
// [ErrInterrupt] on Ctrl-C, [ErrBack] if the question allows going back and the person
// does so, and an error that wraps [io.ErrUnexpectedEOF] when the input ends: it never
// takes a default unless the person presses a key. When a method returns, the terminal is
// in the same mode as before.
//
// A Prompter must not be used by several goroutines at once.
type Prompter interface {
	// Choose asks for one of the options and returns its value. The option with
	// the value def is the default. If def is empty, there is none, though a list
	// still starts at its first option.
	Choose(q Question, options []Option, def string) (string, error)

	// ChooseAny asks for any number of the options and returns their values in
	// the order of options. Those with a value in def are the default. With ErrBack,
	// it returns what is chosen so far.
	ChooseAny(q Question, options []Option, def []string) ([]string, error)

	// Line asks for a line of text, and returns it without the white space around
	// it; an empty line stands for def. The line starts with the text typed, which
	// the person can edit; where they cannot, typed replaces def. If check is not nil
	// and returns an error, Line shows the error and asks again, with the text still
	// in the line. With ErrBack, it returns the text that is in the line.
	Line(q Question, def, typed string, check func(string) error) (string, error)

	// Confirm asks for yes or no.
	Confirm(q Question, def bool) (bool, error)

	// Show shows lines of text, above the next question.
	Show(text string) error

	// Close releases the terminal.
	Close() error
}

// A Question is what a person is asked.
type Question struct {
	Text string // the question itself, without a colon
	Help string // what else there is to know, shown with the question or when '?' is typed
	Back bool   // whether there is a question before, to which the person can go back
}

// An Option is one of the answers that a question offers.
type Option struct {
	Value string // for the program; unique in its question
	Label string // what the person reads; Value if empty
	Help  string // one line on what it gives and costs
}

// text returns what the person reads.
func (o Option) text() string {
	if o.Label == "" {
		return o.Value
	}
	return o.Label
}

// Open returns a Prompter at the controlling terminal. If there is none, it returns one
// at standard input and standard error if these are a terminal. Otherwise the error is
// [ErrNoTerminal].
//
// The Prompter asks in the plain way if plain is set, if the environment variable
// ACCESSIBLE is set to anything but a false value, or if TERM is dumb. NO_COLOR turns
// colors off.
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

// checkOptions returns an error for a question without options, or with a default that is
// not one of them. Both are mistakes of the program, not of the person.
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

// noAnswer returns the error for a question that was not answered because of err.
func noAnswer(q Question, err error) error {
	switch {
	case errors.Is(err, ErrInterrupt):
		return ErrInterrupt
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("no answer to %q: %w", q.Text, err)
}
