package answers

import (
	"fmt"
	"strings"
)

// DidYouMean returns ` (did you mean "x"?)`, where x is the known word that
// is closest to word, or nothing if none is close enough to be a slip of the
// fingers. Of equally close words the first wins.
func DidYouMean(word string, known []string) string {
	const longest = 64 // nobody mistypes more than that; it bounds the work
	if len(word) > longest {
		return ""
	}
	lower := strings.ToLower(word)
	best, bestDistance := "", max(1, len(word)/3)+1
	for _, k := range known {
		if k == word || len(k) > longest {
			continue
		}
		if d := editDistance(lower, strings.ToLower(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbors that turn a into b, by bytes (the optimal string alignment
// distance).
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
