package merge

import "math"

// A hunk is a run of lines of a text and what another text has in its place. Either
// may be empty. Between two hunks there is at least one line that both texts have.
type hunk struct {
	aLo, aHi int // the lines [aLo, aHi) of the one text
	bLo, bHi int // the lines [bLo, bHi) of the other
}

// diff returns what turns a into b, in order. Equal numbers are equal lines, and
// all are below n.
//
// The edit script is a shortest one, unless the texts are so large and so different
// that one would take too long to find (see [search.limit]). Of the places where a
// hunk among repeated lines can be, it has the one that settle chooses.
func diff(a, b []int, n int) []hunk {
	// A flag more than there are lines ends the last run of changed lines.
	changedA, changedB := make([]bool, len(a)+1), make([]bool, len(b)+1)
	mark(a, b, n, changedA, changedB)
	settle(a, changedA, changedB)
	settle(b, changedB, changedA)

	var hunks []hunk
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if !changedA[i] && !changedB[j] {
			i, j = i+1, j+1
			continue
		}
		h := hunk{aLo: i, bLo: j}
		for changedA[i] {
			i++
		}
		for changedB[j] {
			j++
		}
		h.aHi, h.bHi = i, j
		hunks = append(hunks, h)
	}
	return hunks
}

// mark flags the lines of a and b that are not in their common subsequence.
func mark(a, b []int, n int, changedA, changedB []bool) {
	lo := 0
	for lo < len(a) && lo < len(b) && a[lo] == b[lo] {
		lo++
	}
	hiA, hiB := len(a), len(b)
	for hiA > lo && hiB > lo && a[hiA-1] == b[hiB-1] {
		hiA, hiB = hiA-1, hiB-1
	}
	// A line that the other text does not have is changed whatever else is. Without
	// those lines the search has much less to do.
	inA, inB := present(a, n), present(b, n)
	s := search{changedA: changedA, changedB: changedB}
	s.a, s.indexA = keep(a, lo, hiA, inB, changedA)
	s.b, s.indexB = keep(b, lo, hiB, inA, changedB)
	// This is beyond all that two texts of together ten thousand lines can take, and
	// bounds the time for two of any length to about a second.
	s.run(max(1024, 1<<26/(len(s.a)+len(s.b)+1)))
}

// present returns for each line below n whether text has it.
func present(text []int, n int) []bool {
	has := make([]bool, n)
	for _, line := range text {
		has[line] = true
	}
	return has
}

// keep returns the lines from lo to hi that the other text has too, with their
// places in the text, and flags the rest.
func keep(text []int, lo, hi int, other, changed []bool) (lines, index []int) {
	for i := lo; i < hi; i++ {
		if !other[text[i]] {
			changed[i] = true
			continue
		}
		lines = append(lines, text[i])
		index = append(index, i)
	}
	return lines, index
}

// A search finds the common subsequence of a and b by the linear space refinement
// in Eugene W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
type search struct {
	a, b               []int
	indexA, indexB     []int  // where the lines are in the whole texts
	changedA, changedB []bool // of the whole texts

	// The furthest x on each diagonal x-y that a path from the start, and one from
	// the end, has reached. Diagonal k is at k+origin.
	forward, backward []int
	origin            int

	// limit is how many edits a search for the middle of a path may go from either
	// end. Beyond it the best that was reached is taken, which leads to a common
	// subsequence all the same, if perhaps not to a longest one.
	limit int
}

// run flags what is not in the common subsequence.
func (s *search) run(limit int) {
	n := len(s.a) + len(s.b) + 3
	s.forward, s.backward = make([]int, n), make([]int, n)
	s.origin = len(s.b) + 1
	s.limit = limit
	s.box(0, len(s.a), 0, len(s.b))
}

// box compares a[aLo:aHi] with b[bLo:bHi].
func (s *search) box(aLo, aHi, bLo, bHi int) {
	for {
		for aLo < aHi && bLo < bHi && s.a[aLo] == s.b[bLo] {
			aLo, bLo = aLo+1, bLo+1
		}
		for aLo < aHi && bLo < bHi && s.a[aHi-1] == s.b[bHi-1] {
			aHi, bHi = aHi-1, bHi-1
		}
		if aLo == aHi || bLo == bHi {
			break
		}
		x, y := s.middle(aLo, aHi, bLo, bHi)
		s.box(aLo, x, bLo, y)
		aLo, bLo = x, y
	}
	for _, i := range s.indexA[aLo:aHi] {
		s.changedA[i] = true
	}
	for _, i := range s.indexB[bLo:bHi] {
		s.changedB[i] = true
	}
}

// middle returns a point inside the box that a shortest path through it passes
// about half way. The box is empty on neither side and has no equal lines at its
// corners.
func (s *search) middle(aLo, aHi, bLo, bHi int) (x, y int) {
	kLo, kHi := aLo-bHi, aHi-bLo // the diagonals of the box
	start, end := aLo-bLo, aHi-bHi
	odd := (start-end)&1 != 0
	fLo, fHi, rLo, rHi := start, start, end, end
	a, b, forward, backward, o := s.a, s.b, s.forward, s.backward, s.origin
	forward[o+start], backward[o+end] = aLo, aHi

	for edits := 1; ; edits++ {
		// The diagonals in use grow by one on either side, and shrink again where
		// they would leave the box.
		if fLo > kLo {
			fLo--
			forward[o+fLo-1] = -1
		} else {
			fLo++
		}
		if fHi < kHi {
			fHi++
			forward[o+fHi+1] = -1
		} else {
			fHi--
		}
		for k := fHi; k >= fLo; k -= 2 {
			x := max(forward[o+k-1]+1, forward[o+k+1])
			for x < aHi && x-k < bHi && a[x] == b[x-k] {
				x++
			}
			forward[o+k] = x
			if odd && rLo <= k && k <= rHi && backward[o+k] <= x {
				return x, x - k
			}
		}

		if rLo > kLo {
			rLo--
			backward[o+rLo-1] = math.MaxInt
		} else {
			rLo++
		}
		if rHi < kHi {
			rHi++
			backward[o+rHi+1] = math.MaxInt
		} else {
			rHi--
		}
		for k := rHi; k >= rLo; k -= 2 {
			x := min(backward[o+k-1], backward[o+k+1]-1)
			for x > aLo && x-k > bLo && a[x-1] == b[x-k-1] {
				x--
			}
			backward[o+k] = x
			if !odd && fLo <= k && k <= fHi && x <= forward[o+k] {
				return x, x - k
			}
		}

		if edits >= s.limit {
			return s.furthest(aLo, aHi, bLo, bHi, fLo, fHi, rLo, rHi)
		}
	}
}

// furthest returns the point of those reached that is the furthest from the corner
// that its path began at.
func (s *search) furthest(aLo, aHi, bLo, bHi, fLo, fHi, rLo, rHi int) (x, y int) {
	best := 0
	for k := fHi; k >= fLo; k -= 2 {
		fx := min(s.forward[s.origin+k], aHi, bHi+k)
		if way := fx - aLo + fx - k - bLo; way > best {
			best, x, y = way, fx, fx-k
		}
	}
	for k := rHi; k >= rLo; k -= 2 {
		rx := max(s.backward[s.origin+k], aLo, bLo+k)
		if way := aHi - rx + bHi - (rx - k); way > best {
			best, x, y = way, rx, rx-k
		}
	}
	return x, y
}

// settle chooses among the places where a run of changed lines can be. A run that
// begins with the line that follows it can as well be one line further down: of two
// equal functions in a row, either may be the new one. Two texts that were edited
// alike have to choose alike, so each run goes down as far as it can, or else to the
// last place where the other text has a change too, so that the two become one hunk.
// Runs that meet on the way become one.
func settle(text []int, changed, other []bool) {
	g := gap{text: text, changed: changed, other: other}
	for g.next() {
		both := -1
		for {
			size := g.hi - g.lo
			for g.up() {
			}
			both = -1
			if g.otherHi > g.otherLo {
				both = g.hi
			}
			for g.down() {
				if g.otherHi > g.otherLo {
					both = g.hi
				}
			}
			if g.hi-g.lo == size {
				break
			}
		}
		for both >= 0 && g.hi > both {
			g.up()
		}
	}
}

// A gap is what is between two neighbouring lines that both texts have: a run of
// changed lines in each text, either or both of which may be empty.
type gap struct {
	text           []int
	changed, other []bool

	begun            bool
	lo, hi           int // changed[lo:hi]
	otherLo, otherHi int // other[otherLo:otherHi]
}

// next moves to the next gap where text has changed lines.
func (g *gap) next() bool {
	for {
		if g.begun {
			if g.hi >= len(g.text) {
				return false
			}
			g.lo, g.otherLo = g.hi+1, g.otherHi+1
		}
		g.begun = true
		g.hi, g.otherHi = g.lo, g.otherLo
		g.extend()
		if g.hi > g.lo {
			return true
		}
	}
}

// extend moves the ends of the gap to the next lines that both texts have.
func (g *gap) extend() {
	for g.changed[g.hi] {
		g.hi++
	}
	for g.other[g.otherHi] {
		g.otherHi++
	}
}

// down moves the changed lines one line down, if they are then the same lines.
func (g *gap) down() bool {
	if g.hi >= len(g.text) || g.text[g.lo] != g.text[g.hi] {
		return false
	}
	g.changed[g.lo], g.changed[g.hi] = false, true
	g.lo, g.hi = g.lo+1, g.hi+1
	g.otherLo = g.otherHi + 1
	g.otherHi = g.otherLo
	g.extend()
	return true
}

// up moves the changed lines one line up, if they are then the same lines.
func (g *gap) up() bool {
	if g.lo == 0 || g.text[g.lo-1] != g.text[g.hi-1] {
		return false
	}
	g.lo, g.hi = g.lo-1, g.hi-1
	g.changed[g.lo], g.changed[g.hi] = true, false
	for g.lo > 0 && g.changed[g.lo-1] {
		g.lo--
	}
	g.otherHi = g.otherLo - 1
	g.otherLo = g.otherHi
	for g.otherLo > 0 && g.other[g.otherLo-1] {
		g.otherLo--
	}
	return true
}
