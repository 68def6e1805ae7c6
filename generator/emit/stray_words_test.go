package emit

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/authgen/authgen/generator/answers"
)

// everything returns the answers with all that such a package can have.
func everything(t *testing.T, a answers.Answers) answers.Answers {
	t.Helper()
	all := answers.Default()
	for _, k := range answers.Keys {
		text := a.Get(k.Name)
		switch {
		case k.Many || k.Name == "default_role":
			continue
		case slices.Contains([]string{"roles", "permissions", "profile", "public", "protected"}, k.Name):
			// The richest of those that are tried.
			text = slices.MaxFunc(tried[k.Name], func(a, b string) int { return len(a) - len(b) })
		}
		if text == all.Get(k.Name) {
			continue
		}
		if err := all.Set(k.Name, text); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range answers.FeatureNames() {
		all.Switch(name, true)
	}
	all.Normalize()
	return all
}

// codeWord is a word that is not part of a sentence, such as CheckSignUp or email_taken.
var codeWord = regexp.MustCompile(`[A-Za-z]*(?:[a-z][A-Z]|[A-Za-z]_[A-Za-z])\w*`)

// sharedWords are words of features that other code has as well.
var sharedWords = []string{
	"email_taken", // applications and administrators create users too
}

// wordFinder finds the code words of files. It is safe for concurrent use.
type wordFinder struct {
	words sync.Map // of a file, by its text
}

// files returns the files that each code word is in.
func (f *wordFinder) files(files []File) map[string][]string {
	in := make(map[string][]string)
	for _, file := range files {
		text := string(file.Data)
		words, ok := f.words.Load(text)
		if !ok {
			all := codeWord.FindAllString(text, -1)
			slices.Sort(all)
			words = slices.Compact(all)
			f.words.Store(text, words)
		}
		for _, w := range words.([]string) {
			in[w] = append(in[w], file.Path)
		}
	}
	return in
}

// stray returns an error for each code word that is left in one file of a package,
// although two or more others lack it without some of the features, and have it with
// all of them: a directive is missing where it is left.
func (f *wordFinder) stray(all, some []File) error {
	var errs []error
	with, without := f.files(all), f.files(some)
	for _, w := range slices.Sorted(maps.Keys(without)) {
		if len(without[w]) > 1 || len(with[w]) < 3 || slices.Contains(sharedWords, w) {
			continue
		}
		if left := without[w][0]; slices.Contains(with[w], left) {
			errs = append(errs, fmt.Errorf("%s: %s is left, and is not in %d other files that have it with all features", left, w, len(with[w])-1))
		}
	}
	return errors.Join(errs...)
}
