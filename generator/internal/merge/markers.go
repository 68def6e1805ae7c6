package merge

import (
	"bytes"
	"fmt"
)

// Side is one of the two edits of a text.
type Side int

// The sides of a merge.
const (
	Mine Side = iota
	New
)

// markerSize is the length of a conflict marker, where nothing calls for another.
const markerSize = 7

// noNewline ends the label of a section whose text has no line feed at its end.
const noNewline = " (no newline at end of file)"

// markers is how conflicts are written.
type markers struct {
	labels Labels
	size   int
	eol    string
}

// markersFor chooses markers that no line of the texts can be taken for.
//
// The size is the shortest that is longer than whatever could be taken for a first
// marker, by which the size is found again (see [sizeOf]), and that no other
// marker-like line has.
func markersFor(labels Labels, base, mine, new []byte) markers {
	m := markers{labels: labels, size: markerSize, eol: "\n"}
	for _, text := range [][]byte{mine, new, base} {
		if first, _, ok := bytes.Cut(text, []byte("\n")); ok {
			if bytes.HasSuffix(first, []byte("\r")) {
				m.eol = "\r\n"
			}
			break
		}
	}
	taken := map[int]bool{}
	for _, text := range [][]byte{base, mine, new} {
		for line := range bytes.Lines(text) {
			switch c, n := marker(line); c {
			case 0:
			case '<':
				m.size = max(m.size, n+1)
			default:
				taken[n] = true
			}
		}
	}
	for taken[m.size] {
		m.size++
	}
	return m
}

// conflict writes c between markers to the end of out, which is at the begin of a
// line, and returns c with its line.
func (m markers) conflict(out *bytes.Buffer, c Conflict) Conflict {
	c.Line = 1 + bytes.Count(out.Bytes(), []byte("\n"))
	m.write(out, c)
	return c
}

// write writes c between markers.
func (m markers) write(out *bytes.Buffer, c Conflict) {
	m.marker(out, '<', m.labels.Mine, c.Mine)
	m.section(out, c.Mine)
	m.marker(out, '|', m.labels.Base, c.Base)
	m.section(out, c.Base)
	m.marker(out, '=', "", nil)
	m.section(out, c.New)
	m.marker(out, '>', m.labels.New, c.New)
}

func (m markers) marker(out *bytes.Buffer, char byte, label string, section []byte) {
	out.Write(bytes.Repeat([]byte{char}, m.size))
	if label != "" {
		out.WriteString(" " + label)
	}
	if unfinished(section) {
		out.WriteString(noNewline)
	}
	out.WriteString(m.eol)
}

func (m markers) section(out *bytes.Buffer, text []byte) {
	out.Write(text)
	if unfinished(text) {
		out.WriteString(m.eol)
	}
}

// unfinished reports whether text ends within a line.
func unfinished(text []byte) bool {
	return len(text) > 0 && text[len(text)-1] != '\n'
}

// marker returns of what character and size a line is a conflict marker, or zeros.
func marker(line []byte) (char byte, size int) {
	if len(line) < markerSize {
		return 0, 0
	}
	char = line[0]
	switch char {
	case '<', '|', '=', '>':
	default:
		return 0, 0
	}
	rest := bytes.TrimLeft(line, string(line[:1]))
	size = len(line) - len(rest)
	if size < markerSize {
		return 0, 0
	}
	switch rest := bytes.TrimRight(rest, "\r\n"); {
	case len(rest) == 0:
		return char, size
	case rest[0] == ' ' && char != '=':
		return char, size
	}
	return 0, 0
}

// sizeOf returns the size of the conflict markers in text: that of the longest line
// that can begin a conflict.
func sizeOf(text []byte) int {
	size := markerSize
	for line := range bytes.Lines(text) {
		if c, n := marker(line); c == '<' {
			size = max(size, n)
		}
	}
	return size
}

// Markers returns the lines, from 1, at which conflicts begin in text.
//
// A conflict begins with seven or more "<" and a space or the end of the line. If
// such lines differ in length, only the longest count, the rest being content. A
// text that shows a conflict as an example cannot be told from one that has it.
func Markers(text []byte) []int {
	size := sizeOf(text)
	var starts []int
	at := 0
	for line := range bytes.Lines(text) {
		at++
		if c, n := marker(line); c == '<' && n == size {
			starts = append(starts, at)
		}
	}
	return starts
}

// Resolve returns text with every conflict replaced by what the side has there. It
// knows conflicts as [Lines] writes them, and also without the section of the base.
// It fails, naming the line, where markers are nested, missing or in no order.
func Resolve(text []byte, side Side) ([]byte, error) {
	var (
		size    = sizeOf(text)
		out     bytes.Buffer
		section bytes.Buffer // what the side has in the conflict
		at      int
		in      byte   // the last marker; 0 outside of a conflict
		start   int    // the line of the conflict's first marker
		added   []byte // the end of line that the last section does not have itself
	)
	for line := range bytes.Lines(text) {
		at++
		char, n := marker(line)
		if n != size {
			char = 0
		}
		switch {
		case in == 0 && (char == 0 || char == '='): // "=======" may underline a heading
			out.Write(line)
			added = nil
		case in == 0 && char == '<':
			in, start, added = char, at, nil
			section.Reset()
			if side == Mine {
				added = addedTo(line)
			}
		case in == 0:
			return nil, fmt.Errorf("line %d: %s is in no conflict", at, bytes.Repeat(line[:1], size))
		case char == 0:
			if in == '<' && side == Mine || in == '=' && side == New {
				section.Write(line)
			}
		case in == '<' && (char == '|' || char == '='), in == '|' && char == '=':
			in = char
		case in == '=' && char == '>':
			in = 0
			if side == New {
				added = addedTo(line)
			}
			out.Write(section.Bytes())
			if section.Len() == 0 {
				added = nil
			}
		case char == '<':
			return nil, fmt.Errorf("line %d: a conflict begins within that of line %d", at, start)
		default:
			return nil, fmt.Errorf("line %d: %s is out of place in the conflict of line %d",
				at, bytes.Repeat(line[:1], size), start)
		}
	}
	if in != 0 {
		return nil, fmt.Errorf("line %d: the conflict that begins here does not end", start)
	}
	return bytes.TrimSuffix(out.Bytes(), added), nil
}

// addedTo returns the end of line that the section of a marker was given, if any.
func addedTo(marker []byte) []byte {
	line := bytes.TrimRight(marker, "\r\n")
	if !bytes.HasSuffix(line, []byte(noNewline)) {
		return nil
	}
	return marker[len(line):]
}
