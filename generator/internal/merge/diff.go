package merge

import "math"

// A hunk is a run of lines of one text, and the lines that replace it in another. Either
// may be empty. Between two hunks, there is at least one line that both texts have.
type hunk struct {
	aLo, aHi int // lines [aLo, aHi) of the first text
	bLo, bHi int // lines [bLo, bHi) of the second text
}

// diff returns the hunks that turn a into b, in order. Equal lines have equal numbers,
// and all numbers are below n.
//
// The edit script is as short as possible, unless the texts are so large and so different
// that finding the shortest one would take too long (see [search.limit]). If a hunk among
// repeated lines can be in several places, settle chooses one.
func diff(a, b []int, n int) []hunk {
	changedA, changedB := mark(a, b, n)
	gapsA, gapsB := gaps(changedA), gaps(changedB)
	settle(a, gapsA, gapsB)
	settle(b, gapsB, gapsA)

	var hunks []hunk
	i, j := 0, 0
	for g := range gapsA {
		h := hunk{aLo: i, aHi: i + gapsA[g], bLo: j, bHi: j + gapsB[g]}
		if h.aLo < h.aHi || h.bLo < h.bHi {
			hunks = append(hunks, h)
		}
		i, j = h.aHi+1, h.bHi+1
	}
	return hunks
}

// mark flags the lines of a and b that are not in their common subsequence.
func mark(a, b []int, n int) (changedA, changedB []bool) {
	changedA, changedB = make([]bool, len(a)), make([]bool, len(b))
	lo := 0
	for lo < len(a) && lo < len(b) && a[lo] == b[lo] {
		lo++
	}
	hiA, hiB := len(a), len(b)
	for hiA > lo && hiB > lo && a[hiA-1] == b[hiB-1] {
		hiA, hiB = hiA-1, hiB-1
	}
	// A line that the other text does not have is changed in any case. Without such
	// lines, the search has much less to do.
	inA, inB := present(a, n), present(b, n)
	s := search{changedA: changedA, changedB: changedB}
	s.a, s.indexA = keep(a, lo, hiA, inB, changedA)
	s.b, s.indexB = keep(b, lo, hiB, inA, changedB)
	// Two texts with ten thousand lines together never reach this limit. It bounds the
	// time for texts of any length to about a second.
	s.run(max(1024, 1<<26/(len(s.a)+len(s.b)+1)))
	return changedA, changedB
}

// present returns, for each line number below n, whether text has the line.
func present(text []int, n int) []bool {
	has := make([]bool, n)
	for _, line := range text {
		has[line] = true
	}
	return has
}

// keep returns the lines from lo to hi that the other text also has, with their indexes
// in the text, and flags the others.
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

	// The furthest x on each diagonal x-y that a path has reached: forward from the
	// start, backward from the end. Diagonal k is at k+origin.
	forward, backward []int
	origin            int

	// limit is the maximum number of edits, at least one, from either end in a search
	// for the middle of a path. If it is reached, middle returns the best point so far.
	// That leads to a common subsequence too, though perhaps not to a longest one.
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

// middle returns a point about halfway on a shortest path through the box: where the
// paths from its two corners, each extended by one edit at a time, meet. Neither side of
// the box may be empty, and it must have no equal lines at its corners.
func (s *search) middle(aLo, aHi, bLo, bHi int) (x, y int) {
	kLo, kHi := aLo-bHi, aHi-bLo // the diagonals of the box
	start, end := aLo-bLo, aHi-bHi
	odd := (start-end)%2 != 0 // whether they meet in a forward step
	a, b, forward, backward, o := s.a, s.b, s.forward, s.backward, s.origin
	for k := kLo - 1; k <= kHi+1; k++ {
		forward[o+k], backward[o+k] = unreachedForward, unreachedBackward
	}
	forward[o+start], backward[o+end] = aLo, aHi

	for edits := 1; edits <= s.limit; edits++ {
		lo, hi := diagonals(start, edits, kLo, kHi)
		for k := hi; k >= lo; k -= 2 {
			x := max(forward[o+k-1]+1, forward[o+k+1])
			for x < aHi && x-k < bHi && a[x] == b[x-k] {
				x++
			}
			forward[o+k] = x
			if odd && x >= backward[o+k] {
				return x, x - k
			}
		}
		lo, hi = diagonals(end, edits, kLo, kHi)
		for k := hi; k >= lo; k -= 2 {
			x := min(backward[o+k-1], backward[o+k+1]-1)
			for x > aLo && x-k > bLo && a[x-1] == b[x-k-1] {
				x--
			}
			backward[o+k] = x
			if !odd && x <= forward[o+k] {
				return x, x - k
			}
		}
	}

	// Take the point that is furthest from the corner where its path began.
	best := 0
	for k := kHi; k >= kLo; k-- {
		if x1 := forward[o+k]; x1 != unreachedForward {
			x1 = min(x1, aHi, bHi+k)
			if way := x1 - aLo + x1 - k - bLo; way > best {
				best, x, y = way, x1, x1-k
			}
		}
		if x1 := backward[o+k]; x1 != unreachedBackward {
			x1 = max(x1, aLo, bLo+k)
			if way := aHi - x1 + bHi - (x1 - k); way > best {
				best, x, y = way, x1, x1-k
			}
		}
	}
	return x, y
}

// Values that are further back than any point, including those just outside of a box.
const (
	unreachedForward  = math.MinInt
	unreachedBackward = math.MaxInt
)

// diagonals returns the first and the last diagonal, from lo to hi, on which a path with
// this many edits from diagonal k can end. It can end on every second one between them.
func diagonals(k, edits, lo, hi int) (first, last int) {
	first, last = k-edits, k+edits
	if first < lo {
		first = lo + (lo-first)%2
	}
	if last > hi {
		last = hi - (last-hi)%2
	}
	return first, last
}

// gaps returns the number of changed lines before the first unchanged line, between it
// and the second, and so on to the end.
func gaps(changed []bool) []int {
	n := []int{0}
	for _, c := range changed {
		if c {
			n[len(n)-1]++
		} else {
			n = append(n, 0)
		}
	}
	return n
}

// settle chooses a place for each run of changed lines. A run whose first line equals the
// line after it may as well be one line further down: of two equal functions in a row,
// either may be the new one. For texts with the same edit, the choice must be the same. So
// each run moves down as far as possible or, if the other text has a change in one of
// these places, to the last such place, where the two form one hunk. Runs that meet become
// one.
func settle(text []int, gaps, other []int) {
	r := run{text: text, gaps: gaps}
	for ; r.gap < len(gaps); r.gap++ {
		r.n = gaps[r.gap]
		if r.n > 0 {
			top := 0
			for n := 0; n != r.n; {
				n = r.n
				for r.up() {
				}
				top = r.gap
				for r.down() {
				}
			}
			for g := r.gap; g >= top; g-- {
				if other[g] > 0 {
					for r.gap > g {
						r.up()
					}
					break
				}
			}
		}
		r.at += r.n + 1
	}
}

// A run is the changed lines in a gap.
type run struct {
	text, gaps []int
	gap        int
	at, n      int // it is text[at:at+n]
}

// down moves the run into the next gap, if the text allows it.
func (r *run) down() bool {
	if r.gap+1 == len(r.gaps) || r.text[r.at] != r.text[r.at+r.n] {
		return false
	}
	r.gaps[r.gap] = 0
	r.gap++
	r.at++
	r.n += r.gaps[r.gap]
	r.gaps[r.gap] = r.n
	return true
}

// up moves the run into the previous gap, if the text allows it.
func (r *run) up() bool {
	if r.gap == 0 || r.text[r.at-1] != r.text[r.at+r.n-1] {
		return false
	}
	r.gaps[r.gap] = 0
	r.gap--
	r.at -= 1 + r.gaps[r.gap]
	r.n += r.gaps[r.gap]
	r.gaps[r.gap] = r.n
	return true
}
