package emit

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
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
		case a.Users.RoleValues() != nil && (k.Name == "roles" || k.Name == "permissions"):
			// Each role has a value.
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

// exportedName is the name of a function, a type, a field, a variable or a constant where
// it is declared.
var exportedName = regexp.MustCompile(`(?m)^(?:func |type |var |const |\t)([A-Z]\w*)(?: +\S|\()`)

// sharedWords are words of features that other code has as well.
var sharedWords = []string{
	"email_taken",   // applications create users too
	"user_id",       // tables refer to users by it
	"CreatedAt",     // every user has it; only the list and the tests of features use it
	"EmailVerified", // every user has it; only the tests of sign-up look at it
	"StdEncoding",   // keys are in any base64
}

// wordFinder finds the code words of files. It is safe for concurrent use.
type wordFinder struct {
	words sync.Map // of a file, by its text
}

// fileWords are the code words of a file, and the exported names that it declares.
type fileWords struct{ words, declared []string }

func (f *wordFinder) find(file File) fileWords {
	text := string(file.Data)
	if words, ok := f.words.Load(text); ok {
		return words.(fileWords)
	}
	var words fileWords
	if path.Ext(file.Path) == ".go" && !strings.HasSuffix(file.Path, "_test.go") {
		for _, m := range exportedName.FindAllStringSubmatch(text, -1) {
			words.declared = append(words.declared, m[1])
		}
	}
	words.words = slices.Concat(codeWord.FindAllString(text, -1), words.declared)
	slices.Sort(words.words)
	words.words = slices.Compact(words.words)
	f.words.Store(text, words)
	return words
}

// files returns the files that each code word is in, and the exported names.
func (f *wordFinder) files(files []File) (in map[string][]string, declared map[string]bool) {
	in, declared = make(map[string][]string), make(map[string]bool)
	for _, file := range files {
		words := f.find(file)
		for _, w := range words.words {
			in[w] = append(in[w], file.Path)
		}
		for _, w := range words.declared {
			declared[w] = true
		}
	}
	return in, declared
}

// stray returns an error for each code word that is left in one file of a package,
// although others lack it without some of the features, and have it with all of them: a
// directive is missing where it is left. One other file is enough for an exported name.
func (f *wordFinder) stray(all, some []File) error {
	var errs []error
	with, _ := f.files(all)
	without, declared := f.files(some)
	for _, w := range slices.Sorted(maps.Keys(without)) {
		others := len(with[w]) - 1
		if len(without[w]) > 1 || others < 1 || others < 2 && !declared[w] || slices.Contains(sharedWords, w) {
			continue
		}
		if left := without[w][0]; slices.Contains(with[w], left) {
			errs = append(errs, fmt.Errorf("%s: %s is left, and is not in %d other files that have it with all features", left, w, others))
		}
	}
	return errors.Join(errs...)
}
