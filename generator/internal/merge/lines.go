// Package merge combines two edits of one text.
//
// [Lines] does so line by line, whatever the lines mean. A line ends with its line feed,
// and may have any other bytes, such as a carriage return, a byte order mark, NUL or
// invalid UTF-8. Lines are equal if their bytes are: a caller that wants LF and CRLF, or
// texts with and without a byte order mark, to be equal must normalize the texts.
package merge

import (
	"bytes"
	"iter"
	"slices"
)

// Labels name the sides in conflict markers. Each is a single line.
type Labels struct{ Mine, Base, New string }

// Conflict is one place where both sides changed the same lines, or adjacent lines.
type Conflict struct {
	Line int    // of its first marker in Result.Text, counted from 1
	Name string // the declaration it is in; empty in a merge by lines

	// The texts between the markers. Lines that both sides have at the start or at
	// the end of the conflict are before or after the markers, and are not in Mine
	// and New. Base is complete.
	Base, Mine, New []byte
}

// Result is the result of a merge.
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
// The markers are longer than seven characters if a line of the three texts looks like a
// marker, and end in CRLF if the first line of each text does. A section that ends without
// a line feed gets one, and its label then says "(no newline at end of file)"; [Resolve]
// removes it again.
func Lines(base, mine, new []byte, labels Labels) Result {
	return lines(base, mine, new, markersFor(labels, base, mine, new))
}

// lines is [Lines] with markers that are already chosen.
func lines(base, mine, new []byte, m markers) Result {
	b, mineLines, newLines := split(base), split(mine), split(new)
	ids := make(map[string]int)
	bIDs, mineIDs, newIDs := intern(ids, b), intern(ids, mineLines), intern(ids, newLines)

	var (
		out       bytes.Buffer
		conflicts []Conflict
		at        int // the next line of base
		line      = 1 // where out[counted:] begins
		counted   int
	)
	for c := range chunks(diff(bIDs, mineIDs, len(ids)), diff(bIDs, newIDs, len(ids))) {
		write(&out, b[at:c.lo])
		at = c.hi
		switch {
		case len(c.new) == 0:
			write(&out, c.of(mineLines, c.mine))
		case len(c.mine) == 0:
			write(&out, c.of(newLines, c.new))
		default:
			before, ours, theirs, after := trim(c.of(mineLines, c.mine), c.of(newLines, c.new))
			write(&out, before)
			if len(ours) > 0 || len(theirs) > 0 {
				line += bytes.Count(out.Bytes()[counted:], []byte("\n"))
				counted = out.Len()
				c := Conflict{Line: line, Base: join(b[c.lo:c.hi]), Mine: join(ours), New: join(theirs)}
				m.write(&out, c)
				conflicts = append(conflicts, c)
			}
			write(&out, after)
		}
	}
	write(&out, b[at:])
	return Result{Text: out.Bytes(), Conflicts: conflicts}
}

// A chunk is a run of lines of base that at least one side has changed, with the changes.
// The run may be empty. The lines before and after it are unchanged in both sides.
type chunk struct {
	lo, hi    int
	mine, new []hunk
}

// chunks yields the chunks of base that the hunks of both sides form, in order.
func chunks(mine, new []hunk) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		mine, new := mine, new
		for len(mine) > 0 || len(new) > 0 {
			var c chunk
			if len(new) == 0 || len(mine) > 0 && mine[0].aLo < new[0].aLo {
				c.lo = mine[0].aLo
			} else {
				c.lo = new[0].aLo
			}
			c.hi = c.lo
			for c.take(&mine, &c.mine) || c.take(&new, &c.new) {
			}
			if !yield(c) {
				return
			}
		}
	}
}

// take moves the first of the remaining hunks to the chunk, if it is adjacent to it: then
// there is no unchanged line between the two.
func (c *chunk) take(left, taken *[]hunk) bool {
	if len(*left) == 0 || (*left)[0].aLo > c.hi {
		return false
	}
	c.hi = max(c.hi, (*left)[0].aHi)
	*taken = append(*taken, (*left)[0])
	*left = (*left)[1:]
	return true
}

// of returns the lines of the chunk in the side that has the hunks.
func (c chunk) of(side [][]byte, hunks []hunk) [][]byte {
	first, last := hunks[0], hunks[len(hunks)-1]
	return side[first.bLo-(first.aLo-c.lo) : last.bHi+(c.hi-last.aHi)]
}

// trim splits off the lines that a and b have in common at their starts and ends.
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
