package merge

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// pairs pairs declarations of one file with those of another: by the names that they
// declare, groups by the number of shared names. Declarations without a name, such as init
// and _, are paired if their text is the same.
func pairs(from, to []*decl) map[*decl]*decl {
	found, taken := map[*decl]*decl{}, map[*decl]bool{}
	pair := func(a, b *decl) {
		if found[a] == nil && !taken[b] {
			found[a], taken[b] = b, true
		}
	}

	keys := byKey(to)
	type overlap struct {
		a, b *decl
		n    int
	}
	var overlaps []overlap
	for _, a := range from {
		first := len(overlaps)
		for _, key := range a.keys {
			b := keys[key]
			if b == nil {
				continue
			}
			i := slices.IndexFunc(overlaps[first:], func(o overlap) bool { return o.b == b })
			if i < 0 {
				overlaps = append(overlaps, overlap{a, b, 1})
			} else {
				overlaps[first+i].n++
			}
		}
	}
	slices.SortStableFunc(overlaps, func(x, y overlap) int { return cmp.Compare(y.n, x.n) })
	for _, o := range overlaps {
		pair(o.a, o.b)
	}

	for _, a := range from {
		for _, b := range to {
			if isAlike(a, b) && a.formatted() == b.formatted() {
				pair(a, b)
			}
		}
	}
	return found
}

// pairsInOrder is like pairs, but also pairs the remaining declarations without a name, by
// their order.
func pairsInOrder(from, to []*decl) map[*decl]*decl {
	found := pairs(from, to)
	taken := isTaken(found)
	for _, a := range from {
		for _, b := range to {
			if found[a] == nil && !taken[b] && isAlike(a, b) {
				found[a], taken[b] = b, true
			}
		}
	}
	return found
}

// isAlike reports whether two declarations declare no name and are of the same kind.
func isAlike(a, b *decl) bool { return len(a.keys) == 0 && len(b.keys) == 0 && a.kind == b.kind }

// isTaken returns the declarations that others are paired with.
func isTaken(found map[*decl]*decl) map[*decl]bool {
	taken := make(map[*decl]bool, len(found))
	for _, b := range found {
		taken[b] = true
	}
	return taken
}

// addRenamed adds declarations that were renamed to the result of pairs: they are of the
// same kind and in the same place and, apart from the name, most of their lines are equal.
func addRenamed(found map[*decl]*decl, from, to []*decl) {
	taken := isTaken(found)
	for i, a := range from {
		if found[a] != nil || len(a.keys) != 1 {
			continue
		}
		for j, b := range to {
			if taken[b] || b.kind != a.kind || len(b.keys) != 1 {
				continue
			}
			follows := i == 0 && j == 0 || i > 0 && j > 0 && found[from[i-1]] == to[j-1]
			precedes := i+1 == len(from) && j+1 == len(to) ||
				i+1 < len(from) && j+1 < len(to) && found[from[i+1]] == to[j+1]
			if (follows || precedes) && renamed(a, b) {
				found[a], taken[b] = b, true
				break
			}
		}
	}
}

// renamed reports whether three quarters of the lines of each are in the other, apart
// from the name.
func renamed(a, b *decl) bool {
	oldName := regexp.MustCompile(`\b` + regexp.QuoteMeta(a.name()) + `\b`)
	linesA, n := countLines(oldName.ReplaceAllLiteralString(a.formatted(), b.name()))
	linesB, m := countLines(b.formatted())
	same := 0
	for line, n := range linesA {
		same += min(n, linesB[line])
	}
	return 4*same >= 3*max(n, m)
}

// countLines counts the lines of text that are not blank, ignoring white space.
func countLines(text string) (counts map[string]int, n int) {
	counts = map[string]int{}
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), ""); line != "" {
			counts[line]++
			n++
		}
	}
	return counts, n
}
