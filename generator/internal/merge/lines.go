// Package merge combines two edits of one text.
//
// [Lines] does so line by line and knows nothing of what the lines mean. A line is
// everything up to and with its line feed; all else are bytes like others, be they
// a carriage return, a byte order mark, NUL or no UTF-8 at all. Lines are equal if
// their bytes are: a caller who wants LF and CRLF, or a text with a byte order mark
// and one without, to be the same makes them so before.
package merge

import (
	"bytes"
	"slices"
)

// Labels name the sides in conflict markers. Each is a single line.
type Labels struct{ Mine, Base, New string }

// Conflict is one place where both sides changed the same lines, or lines that
// touch.
type Conflict struct {
	Line int    // of its first marker in Result.Text, from 1
	Name string // the declaration it is in; empty in a merge by lines

	// What stands between the markers. The lines that Mine and New begin or end
	// with alike stand before and after the markers and are in neither; those of
	// Base are all here.
	Base, Mine, New []byte
}

// Result is what a merge came to.
type Result struct {
	Text      []byte     // with markers where there are conflicts
	Conflicts []Conflict // none if the merge is clean
}

// Lines merges mine and new (both made from base) by lines.
//
// It is the three-way merge that Khanna, Kunal and Pierce describe in "A Formal
// Investigation of Diff3" (2007): between lines that all three texts have, a change
// of one side is taken, the same change of both is taken once, and two different
// changes are a conflict.
//
// A conflict is written as git does in its zdiff3 style:
//
//	<<<<<<< labels.Mine
//	what mine has
//	||||||| labels.Base
//	what base has
//	=======
//	what new has
//	>>>>>>> labels.New
//
// The markers are longer than seven characters where a line of the three texts
// could be taken for one, and end in CRLF where the first line of mine does. A
// section that ends without a line feed gets one, and its label then says "(no
// newline at end of file)"; [Resolve] takes it off again.
func Lines(base, mine, new []byte, labels Labels) Result {
	return lines(base, mine, new, markersFor(labels, base, mine, new))
}

func lines(base, mine, new []byte, m markers) Result {
	t := texts{base: split(base), mine: split(mine), new: split(new)}
	ids := make(map[string]int)
	baseIDs := intern(ids, t.base)
	ours := diff(baseIDs, intern(ids, t.mine))
	theirs := diff(baseIDs, intern(ids, t.new))

	var (
		out       bytes.Buffer
		conflicts []Conflict
		at        int // the line of base up to which all is written
	)
	for len(ours) > 0 || len(theirs) > 0 {
		c := chunk{lo: len(t.base), hi: -1}
		if len(ours) > 0 {
			c.lo = ours[0].aLo
		}
		if len(theirs) > 0 {
			c.lo = min(c.lo, theirs[0].aLo)
		}
		c.hi = c.lo
		// Hunks that touch belong together: there is no line between them of which
		// one could say that neither side changed it.
		var m1, n1 int
		for {
			if m1 < len(ours) && ours[m1].aLo <= c.hi {
				c.hi = max(c.hi, ours[m1].aHi)
				m1++
			} else if n1 < len(theirs) && theirs[n1].aLo <= c.hi {
				c.hi = max(c.hi, theirs[n1].aHi)
				n1++
			} else {
				break
			}
		}
		write(&out, t.base[at:c.lo])
		at = c.hi
		switch {
		case n1 == 0:
			write(&out, c.in(t.mine, ours[:m1]))
		case m1 == 0:
			write(&out, c.in(t.new, theirs[:n1]))
		default:
			mineLines, newLines := c.in(t.mine, ours[:m1]), c.in(t.new, theirs[:n1])
			before, mineLines, newLines, after := trim(mineLines, newLines)
			write(&out, before)
			if len(mineLines) > 0 || len(newLines) > 0 {
				conflicts = append(conflicts, m.conflict(&out, Conflict{
					Base: join(t.base[c.lo:c.hi]),
					Mine: join(mineLines),
					New:  join(newLines),
				}))
			}
			write(&out, after)
		}
		ours, theirs = ours[m1:], theirs[n1:]
	}
	write(&out, t.base[at:])
	return Result{Text: out.Bytes(), Conflicts: conflicts}
}

type texts struct{ base, mine, new [][]byte }

// A chunk is a run of lines of base, perhaps an empty one, in which at least one
// side has changes.
type chunk struct{ lo, hi int }

// in returns what a side with these hunks in the chunk has in its place.
func (c chunk) in(side [][]byte, hunks []hunk) [][]byte {
	first, last := hunks[0], hunks[len(hunks)-1]
	return side[first.bLo-(first.aLo-c.lo) : last.bHi+(c.hi-last.aHi)]
}

// trim cuts off what a and b begin and end with alike.
func trim(a, b [][]byte) (before, aRest, bRest, after [][]byte) {
	n := 0
	for n < len(a) && n < len(b) && bytes.Equal(a[n], b[n]) {
		n++
	}
	before, a, b = a[:n], a[n:], b[n:]
	n = 0
	for n < len(a) && n < len(b) && bytes.Equal(a[len(a)-1-n], b[len(b)-1-n]) {
		n++
	}
	return before, a[:len(a)-n], b[:len(b)-n], a[len(a)-n:]
}

// split returns the lines of text, each with its line feed if it has one.
func split(text []byte) [][]byte {
	return slices.Collect(bytes.Lines(text))
}

func join(lines [][]byte) []byte { return bytes.Join(lines, nil) }

func write(out *bytes.Buffer, lines [][]byte) {
	for _, line := range lines {
		out.Write(line)
	}
}

// intern gives equal lines equal numbers.
func intern(ids map[string]int, lines [][]byte) []int {
	numbers := make([]int, len(lines))
	for i, line := range lines {
		id, ok := ids[string(line)]
		if !ok {
			id = len(ids)
			ids[string(line)] = id
		}
		numbers[i] = id
	}
	return numbers
}
