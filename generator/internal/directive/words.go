package directive

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// words replaces whole words. It searches for all of them in one pass, the longest first,
// so no replacement is ever replaced itself.
type words struct {
	old []string
	new map[string]string
}

func newWords(m map[string]string) words {
	old := sortedKeys(m)
	slices.SortStableFunc(old, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return words{old: old, new: m}
}

// find calls f for every word in s. before and after are the characters around s, which
// determine whether a word at the edge of s is a whole word.
func (w words) find(s string, before, after rune, f func(start, end int, text string)) {
	prev := before
	for i := 0; i < len(s); {
		if old := w.at(s[i:], prev, after); old != "" {
			f(i, i+len(old), w.new[old])
			i += len(old)
			prev, _ = utf8.DecodeLastRuneInString(old)
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		prev = r
		i += size
	}
}

// at returns the word that s starts with, or "".
func (w words) at(s string, before, after rune) string {
	for _, old := range w.old {
		if !strings.HasPrefix(s, old) {
			continue
		}
		first, _ := utf8.DecodeRuneInString(old)
		last, _ := utf8.DecodeLastRuneInString(old)
		next := after
		if len(s) > len(old) {
			next, _ = utf8.DecodeRuneInString(s[len(old):])
		}
		if !(inWord(before) && inWord(first)) && !(inWord(last) && inWord(next)) {
			return old
		}
	}
	return ""
}

// replace returns s with its words replaced.
func (w words) replace(s string) string {
	if len(w.old) == 0 {
		return s
	}
	var e edits
	w.find(s, 0, 0, e.Replace)
	return string(e.apply([]byte(s)))
}

// literal makes the edits for the Go string literal lit, which is at offset.
func (w words) literal(lit string, offset int, e *edits) {
	if lit[0] == '`' {
		w.find(lit, 0, 0, func(start, end int, text string) {
			e.Replace(offset+start, offset+end, text)
		})
		return
	}
	// Between escapes, the source is the content. An escape counts as the character that
	// it stands for: the n of \n is not part of a word.
	s := lit[1 : len(lit)-1]
	offset++
	before := rune(0)
	for i := 0; i < len(s); {
		run := strings.IndexByte(s[i:], '\\')
		if run < 0 {
			run = len(s) - i
		}
		after, size := rune(0), 0
		if rest := s[i+run:]; rest != "" {
			r, _, tail, err := strconv.UnquoteChar(rest, '"')
			if err != nil {
				return
			}
			after, size = r, len(rest)-len(tail)
		}
		w.find(s[i:i+run], before, after, func(start, end int, text string) {
			quoted := strconv.Quote(text)
			e.Replace(offset+i+start, offset+i+end, quoted[1:len(quoted)-1])
		})
		before = after
		i += run + size
	}
}

func inWord(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
