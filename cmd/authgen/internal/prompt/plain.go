package prompt

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A plainPrompter prints the question and reads a line, which the terminal itself
// lets the person edit. It moves no cursor and uses no color.
type plainPrompter struct {
	console *console
}

const (
	// none is the answer that chooses no option, unless an option has that name.
	none = "none"

	// back is what the person types to go back, where that is possible.
	back = "back"
)

func (p *plainPrompter) Choose(q Question, options []Option, def string) (string, error) {
	if err := checkOptions(q, options, def); err != nil {
		return "", err
	}
	shown := ""
	if def != "" {
		shown = strconv.Itoa(find(options, def) + 1)
	}
	var answer string
	err := p.ask(q, heading(q, options), "Number or name", shown, func(line string) error {
		i, err := pick(options, line)
		if err == nil {
			answer = options[i].Value
		}
		return err
	})
	return answer, err
}

func (p *plainPrompter) ChooseAny(q Question, options []Option, def []string) ([]string, error) {
	if err := checkOptions(q, options, def...); err != nil {
		return nil, err
	}
	var numbers []string
	for i, o := range options {
		if slices.Contains(def, o.Value) {
			numbers = append(numbers, strconv.Itoa(i+1))
		}
	}
	shown := none
	if len(numbers) > 0 {
		shown = strings.Join(numbers, ",")
	}
	var answer []string
	err := p.ask(q, heading(q, options), "Numbers or names, separated by commas, or none", shown, func(line string) error {
		var err error
		answer, err = pickAny(options, line)
		return err
	})
	if errors.Is(err, ErrBack) {
		return def, err
	}
	return answer, err
}

func (p *plainPrompter) Line(q Question, def, typed string, check func(string) error) (string, error) {
	if typed != "" {
		def = typed
	}
	answer := typed
	err := p.ask(q, help(q), q.Text, def, func(line string) error {
		if check != nil {
			if err := check(line); err != nil {
				return err
			}
		}
		answer = line
		return nil
	})
	return answer, err
}

func (p *plainPrompter) Confirm(q Question, def bool) (bool, error) {
	shown := "no"
	if def {
		shown = "yes"
	}
	var answer bool
	err := p.ask(q, help(q), q.Text+" yes or no", shown, func(line string) (err error) {
		answer, err = parseYesNo(line)
		return err
	})
	return answer, err
}

// parseYesNo reads an answer to [Prompter.Confirm].
func parseYesNo(text string) (yes bool, err error) {
	switch strings.ToLower(text) {
	case "y", "yes":
		return true, nil
	case "n", "no":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", text)
}

func (p *plainPrompter) Show(text string) error {
	_, err := io.WriteString(p.console.out, text)
	return err
}

func (p *plainPrompter) Close() error { return p.console.close() }

// ask prints the heading once, and then asks for a line with the given words until
// accept takes it. An empty line stands for def.
func (p *plainPrompter) ask(q Question, heading, words, def string, accept func(string) error) error {
	defer p.console.in.watchSignals()()
	defer p.console.in.watchContinued()()
	if q.Back {
		words += " (" + back + " goes back)"
	}
	if def != "" {
		words += " [" + def + "]"
	}
	words += ": "
	ask := heading + words
	for {
		if _, err := fmt.Fprint(p.console.out, ask); err != nil {
			return noAnswer(q, err)
		}
		line, err := p.console.in.readLine()
		if errors.Is(err, errContinued) {
			ask = words // the terminal has dropped what was typed
			continue
		}
		if err != nil {
			fmt.Fprintln(p.console.out) // the cursor is still on the line of the question
			return noAnswer(q, err)
		}
		line = strings.TrimSpace(line)
		switch {
		case q.Back && strings.EqualFold(line, back):
			return ErrBack
		case line == "":
			line = def
		}
		if strings.ContainsFunc(line, unicode.IsControl) {
			err = errors.New("it holds a key that is not text")
		} else {
			err = accept(line)
		}
		if err == nil {
			return nil
		}
		ask = fmt.Sprintf("Not accepted: %v\n%s", err, words)
	}
}

// heading returns the question, its help and its options, a line each.
func heading(q Question, options []Option) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s", q.Text, help(q))
	for i, o := range options {
		fmt.Fprintf(&b, "%3d. %s", i+1, o.text())
		if o.Help != "" {
			fmt.Fprintf(&b, " - %s", o.Help)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func help(q Question) string {
	if q.Help == "" {
		return ""
	}
	return q.Help + "\n"
}

// pick returns the index of the option with the given number, value or label.
func pick(options []Option, word string) (int, error) {
	if n, err := strconv.Atoi(word); err == nil && n >= 1 && n <= len(options) {
		return n - 1, nil
	}
	for i, o := range options {
		if strings.EqualFold(word, o.Value) || strings.EqualFold(word, o.text()) {
			return i, nil
		}
	}
	if word == "" {
		return 0, fmt.Errorf("give a number from 1 to %d or a name", len(options))
	}
	return 0, fmt.Errorf("%q is not in the list: give a number from 1 to %d or a name", word, len(options))
}

// pickAny returns the values of the options that line lists, separated by commas, in the
// order of options.
func pickAny(options []Option, line string) ([]string, error) {
	words := strings.Split(line, ",")
	picked := make([]bool, len(options))
	for _, word := range words {
		i, err := pick(options, strings.TrimSpace(word))
		if err != nil && len(words) == 1 && strings.EqualFold(line, none) {
			break
		}
		if err != nil {
			return nil, err
		}
		picked[i] = true
	}
	var values []string
	for i, o := range options {
		if picked[i] {
			values = append(values, o.Value)
		}
	}
	return values, nil
}
