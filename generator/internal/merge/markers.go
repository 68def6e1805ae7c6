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

// markerSize is the usual length of a conflict marker.
const markerSize = 7

// noNewline ends the label of a section whose text has no line feed at its end.
const noNewline = " (no newline at end of file)"

// markers is the form of conflict markers.
type markers struct {
	labels Labels
	size   int
	eol    string
}

// markersFor chooses markers that differ from all lines of the texts.
//
// The size is the smallest one that is greater than that of every line that looks like a
// first marker, from which [sizeOf] determines the size, and that differs from those of
// all other lines that look like markers.
func markersFor(labels Labels, base, mine, new []byte) markers {
	m := markers{labels: labels, size: markerSize}
	var lf, crlf bool // whether the first line of any text ends in it
	taken := map[int]bool{}
	for _, text := range [][]byte{base, mine, new} {
		if first, _, ok := bytes.Cut(text, []byte("\n")); ok {
			isCRLF := bytes.HasSuffix(first, []byte("\r"))
			lf, crlf = lf || !isCRLF, crlf || isCRLF
		}
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
	m.eol = "\n"
	if crlf && !lf {
		m.eol = "\r\n"
	}
	for taken[m.size] {
		m.size++
	}
	return m
}

// conflict writes c between markers to out, which must be at the start of a line. It
// returns c with its line set.
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

// marker returns the character and the size of a line that is a conflict marker, zeros
// for other lines.
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

// sizeOf returns the size of the conflict markers in text: that of the longest first
// marker.
func sizeOf(text []byte) int {
	size := markerSize
	for line := range bytes.Lines(text) {
		if c, n := marker(line); c == '<' {
			size = max(size, n)
		}
	}
	return size
}

// Markers returns the line numbers, counted from 1, where conflicts begin in text.
//
// A conflict begins with seven or more "<" and a space or the end of the line. If such
// lines have different numbers of "<", only those with the most count, and the others are
// content. A text that shows a conflict as an example cannot be distinguished from one
// that has a conflict.
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

// FirstMarker returns the number of the first line, counted from 1, that looks like a
// conflict marker of any kind, or 0 if there is none.
func FirstMarker(text []byte) int {
	at := 0
	for line := range bytes.Lines(text) {
		at++
		if c, _ := marker(line); c != 0 {
			return at
		}
	}
	return 0
}

// Resolve returns text with every conflict replaced by the text of one side. It
// understands conflicts as [Lines] writes them, and those without a section for the base.
// It returns an error that names the line if markers are nested, missing or out of order.
func Resolve(text []byte, side Side) ([]byte, error) {
	var (
		size    = sizeOf(text)
		middle  = bytes.Repeat([]byte("="), size)
		out     bytes.Buffer
		section bytes.Buffer // the text of the side in the conflict
		added   []byte       // the line ending that the section of the last conflict got from write
		in      byte         // the last marker of a conflict; 0 outside of conflicts
		start   int          // the line of the first marker of the conflict
		at      int
	)
	for line := range bytes.Lines(text) {
		at++
		char, n := marker(line)
		if n != size {
			char = 0
		}
		fail := func(format string, args ...any) ([]byte, error) {
			return nil, fmt.Errorf("line %d: %s "+format, append([]any{at, line[:size]}, args...)...)
		}
		switch {
		case in == 0 && char == '<':
			in, start = char, at
			section.Reset()
			added = nil
			if side == Mine {
				added = addedTo(line)
			}
		case in == 0 && (char == '|' || char == '>'):
			return fail("outside of a conflict")
		case in == 0: // "=======" may underline a heading
			out.Write(line)
			added = nil

		case char == 0:
			if in == '<' && side == Mine || in == '=' && side == New {
				section.Write(line)
			}
		case in == '<' && char == '|', in != '=' && char == '=':
			in = char
		case in == '=' && char == '>':
			in = 0
			out.Write(section.Bytes())
			if side == New {
				added = addedTo(line)
			}
			if section.Len() == 0 {
				added = nil
			}

		case char == '<':
			return fail("within the conflict that begins at line %d", start)
		case char == in:
			return fail("again in the conflict that begins at line %d", start)
		case char == '|':
			return fail("after the %s of the conflict that begins at line %d", middle, start)
		default:
			return fail("before the %s of the conflict that begins at line %d", middle, start)
		}
	}
	if in != 0 {
		return nil, fmt.Errorf("line %d: the conflict that begins here has no %s", start, bytes.Repeat([]byte(">"), size))
	}
	return bytes.TrimSuffix(out.Bytes(), added), nil
}

// addedTo returns the line ending that was added to the section of a marker, if any.
func addedTo(marker []byte) []byte {
	line := bytes.TrimRight(marker, "\r\n")
	if !bytes.HasSuffix(line, []byte(noNewline)) {
		return nil
	}
	return marker[len(line):]
}
