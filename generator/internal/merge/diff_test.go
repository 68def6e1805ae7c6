package merge

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomTexts returns two short texts with few different lines.
func randomTexts(r *rand.Rand) (a, b []int) {
	for _, text := range []*[]int{&a, &b} {
		for range r.IntN(40) {
			*text = append(*text, r.IntN(6))
		}
	}
	return a, b
}

// The hunks turn a into b, are not adjacent, and are as small as possible.
func TestDiff(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		a, b := randomTexts(r)
		hunks := diff(a, b, 6)
		var got []int
		at, kept := 0, 0
		for i, h := range hunks {
			if i > 0 && h.aLo <= at {
				t.Errorf("%v to %v: hunks touch: %v", a, b, hunks)
			}
			if h.aHi == h.aLo && h.bHi == h.bLo {
				t.Errorf("%v to %v: an empty hunk: %v", a, b, hunks)
			}
			got = append(append(got, a[at:h.aLo]...), b[h.bLo:h.bHi]...)
			kept += h.aLo - at
			at = h.aHi
		}
		got = append(got, a[at:]...)
		kept += len(a) - at
		if !slices.Equal(got, b) {
			t.Fatalf("%v to %v: hunks %v make %v", a, b, hunks, got)
		}
		if want := common(a, b); kept != want {
			t.Fatalf("%v to %v: hunks %v keep %d lines, of %d", a, b, hunks, kept, want)
		}
	}
}

// A search that stops early still finds a common subsequence.
func TestSearchLimit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for limit := 1; limit <= 10; limit++ {
		longest := 0
		for range 1000 {
			a, b := randomTexts(r)
			s := search{a: a, b: b, changedA: make([]bool, len(a)), changedB: make([]bool, len(b))}
			for i := range max(len(a), len(b)) {
				s.indexA, s.indexB = append(s.indexA, i), append(s.indexB, i)
			}
			s.run(limit)
			inA, inB := unchanged(a, s.changedA), unchanged(b, s.changedB)
			if !slices.Equal(inA, inB) {
				t.Fatalf("limit %d: %v and %v have %v and %v in common", limit, a, b, inA, inB)
			}
			if len(inA) == common(a, b) {
				longest++
			}
		}
		t.Logf("limit %d: the longest in %d of 1000", limit, longest)
	}
}

func unchanged(text []int, changed []bool) (lines []int) {
	for i, line := range text {
		if !changed[i] {
			lines = append(lines, line)
		}
	}
	return lines
}

// common returns the length of the longest common subsequence, from the definition.
func common(a, b []int) int {
	lengths := make([][]int, len(a)+1)
	lengths[0] = make([]int, len(b)+1)
	for i, x := range a {
		lengths[i+1] = make([]int, len(b)+1)
		for j, y := range b {
			if x == y {
				lengths[i+1][j+1] = lengths[i][j] + 1
			} else {
				lengths[i+1][j+1] = max(lengths[i][j+1], lengths[i+1][j])
			}
		}
	}
	return lengths[len(a)][len(b)]
}

func TestSettle(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b []int
		want []hunk
	}{
		{"down to the end", []int{1, 1}, []int{1, 1, 1}, []hunk{{2, 2, 2, 3}}},
		{"down to another line", []int{1, 1, 2}, []int{1, 1, 1, 2}, []hunk{{2, 2, 2, 3}}},
		{"down by a whole function", []int{1, 2, 3}, []int{1, 2, 1, 2, 3}, []hunk{{2, 2, 2, 4}}},
		{"to the change of the other", []int{1, 1}, []int{6, 1}, []hunk{{0, 1, 0, 1}}},
		{"deleted", []int{1, 2, 1, 2, 3}, []int{1, 2, 3}, []hunk{{2, 4, 2, 2}}},
	} {
		if got := diff(tt.a, tt.b, 7); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
