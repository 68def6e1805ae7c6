package answers

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// What a person reads who asks for more is more than the question, the help of the flag
// and the values say.
func TestMore(t *testing.T) {
	words := func(text string) []string {
		return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) })
	}
	for _, k := range Keys {
		if k.Unasked || len(k.Values) == 1 {
			continue // it is never asked
		}
		known := words(k.Question + " " + k.Help)
		for _, v := range k.Values {
			known = append(known, words(v.Help)...)
		}
		fresh := make(map[string]bool)
		for _, word := range words(k.More) {
			if len(word) > 4 && !slices.Contains(known, word) {
				fresh[word] = true
			}
		}
		if len(fresh) < 5 {
			t.Errorf("%s: %q says little that is new", k.Name, k.More)
		}
		if !strings.HasSuffix(k.More, ".") || len(k.More) > 220 {
			t.Errorf("%s: %q is not one or two short sentences", k.Name, k.More)
		}
	}
}
