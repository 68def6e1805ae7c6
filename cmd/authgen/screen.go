package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/questions"
)

// sections are the parts of the screen, in their order.
var sections = []struct {
	source questions.Source
	title  string
}{
	{questions.Missing, "To be answered"},
	{questions.FromProject, "Found"},
	{questions.FromPerson, "Your answers"},
	{questions.Recommended, "Recommended"},
}

// screen returns all answers, and what they lead to or what prevents that.
func screen(title string, r questions.Resolution, d *draft, problems error) string {
	var b strings.Builder
	b.WriteString("\n" + title + "\n")
	rows := r.Overview()
	wide := 0
	for _, row := range rows {
		wide = max(wide, len(row.Key))
	}
	for _, section := range sections {
		var part []questions.Row
		var empty []string // keys without anything
		for _, row := range rows {
			switch {
			case row.Source != section.source:
			case row.Source == questions.Recommended && row.Answer == questions.None:
				empty = append(empty, row.Key)
			default:
				part = append(part, row)
			}
		}
		if empty != nil {
			part = append(part, questions.Row{Key: questions.None, Answer: strings.Join(empty, ", ")})
		}
		if part != nil {
			b.WriteString(section.title + "\n")
			writeRows(&b, part, wide)
		}
	}
	switch {
	case problems != nil:
		b.WriteString("This cannot be written\n")
		for _, text := range explained(problems) {
			wrap(&b, "  ", text)
		}
	case d != nil:
		wrap(&b, "", amount(r.Answers, d.plan))
		for _, text := range []string{d.in.applied(d.plan), d.in.others()} {
			if text != "" {
				wrap(&b, "", text)
			}
		}
		if len(d.missing) > 0 {
			wrap(&b, "", "modules to add: "+moduleList(d.missing, " ", ", "))
		}
	}
	b.WriteString("\n")
	return b.String()
}

// explained returns the messages of an error, and the hint what to do about it if it has
// one.
func explained(err error) []string {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		return messages(err)
	}
	texts := messages(f.err)
	if f.hint != "" {
		texts = append(texts, f.hint)
	}
	return texts
}

// writeRows writes rows with keys that are up to that wide. The notes of short answers are
// in a column of their own, as far as they fit.
func writeRows(b *strings.Builder, rows []questions.Row, wide int) {
	const columns = 80
	column := 0
	for _, row := range rows {
		if len(row.Notes) > 0 && len(row.Answer) <= 24 {
			column = max(column, len(row.Answer))
		}
	}
	below := strings.Repeat(" ", 2+wide+2)
	for _, row := range rows {
		line := fmt.Sprintf("  %-*s  %s", wide, row.Key, row.Answer)
		notes := row.Notes
		switch {
		case len(notes) == 0:
		case row.Answer == "":
			line += notes[0]
			notes = notes[1:]
		default:
			if beside := fmt.Sprintf("%-*s  %s", len(below)+column, line, notes[0]); len(beside) <= columns {
				line = beside
				notes = notes[1:]
			}
		}
		b.WriteString(line + "\n")
		for _, note := range notes {
			wrap(b, below, note)
		}
	}
}

// lines returns each of the texts in a line of its own.
func lines(texts []string) string {
	var b strings.Builder
	for _, text := range texts {
		b.WriteString(text + "\n")
	}
	return b.String()
}

// count returns a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
