package answers

import (
	"fmt"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

func packageNameProblem(name string) string {
	another := fmt.Sprintf("choose another name, such as %q", strings.TrimRight(name, "_")+"auth")
	switch {
	case name == "":
		return `give a name, such as "auth"`
	case token.IsKeyword(name):
		return fmt.Sprintf("%q is a Go keyword; %s", name, another)
	case !packageNamePattern.MatchString(name):
		return wordProblem("a package name", name, packageNamePattern, maxPackage)
	case len(name) > maxPackage:
		return fmt.Sprintf("the name is longer than %d bytes", maxPackage)
	case name == "main":
		return fmt.Sprintf("%q is for commands, and cannot be imported; %s", name, another)
	case name == "init" || types.Universe.Lookup(name) != nil:
		return fmt.Sprintf("%q has a meaning of its own in Go; %s", name, another)
	case strings.HasSuffix(name, "_test"):
		return fmt.Sprintf("%q: _test at the end is for test packages; choose another name", name)
	case strings.HasSuffix(name, "_"):
		return fmt.Sprintf("%q: the package of the test kit would be %q, and _test at the end is for test packages; %s",
			name, Answers{PackageName: name}.TestName(), another)
	case slices.Contains(importedNames, name):
		return fmt.Sprintf("%q is the name of a package that the generated code imports; %s", name, another)
	case name == besideAuth.WebName() || name == besideAuth.TestName():
		return fmt.Sprintf("%q is what the package beside %q is called; choose another name", name, besideAuth.PackageName)
	}
	return ""
}

// wordProblem returns what is wrong with a name that must match pattern, and
// which name would be right if that can be guessed. What says what the name
// is: "a role name".
func wordProblem(what, word string, pattern *regexp.Regexp, longest int) string {
	snake := snakeCase(word)
	switch {
	case pattern.MatchString(word) && len(word) <= longest:
		return ""
	case word == "":
		return what + " must not be empty"
	case !isASCII(word):
		return fmt.Sprintf("%q: %s is ASCII, since it becomes part of Go and SQL names: a-z, 0-9 and _", word, what)
	case len(word) > longest:
		return fmt.Sprintf("%q: %s has at most %d characters", word, what, longest)
	case strings.ToLower(word) != word && pattern.MatchString(snake):
		return fmt.Sprintf("%q: %s is lower case (did you mean %q?)", word, what, snake)
	case pattern.MatchString(snake):
		return fmt.Sprintf("%q: %s consists of a-z, 0-9 and single _ (did you mean %q?)", word, what, snake)
	}
	return fmt.Sprintf("%q: %s starts with a-z and continues with a-z, 0-9 and _", word, what)
}

// snakeCase guesses what was meant by a name in another style.
func snakeCase(word string) string {
	var b strings.Builder
	for i, r := range word {
		switch {
		case r >= 'A' && r <= 'Z':
			if i > 0 && word[i-1] >= 'a' && word[i-1] <= 'z' {
				b.WriteByte('_')
			}
			b.WriteRune(r - 'A' + 'a')
		case r == '-' || r == ' ' || r == '.':
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	words := strings.FieldsFunc(b.String(), func(r rune) bool { return r == '_' })
	return strings.Join(words, "_")
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

func fieldNameProblem(name string) string {
	if message := wordProblem("a field name", name, fieldPattern, maxField); message != "" {
		return message
	}
	if slices.Contains(sqlWords, name) {
		return fmt.Sprintf("%q: a field becomes a column, and this is a reserved word of SQL; choose another name, such as %q", name, "user_"+name)
	}
	for _, reserved := range reservedFields {
		if name == reserved || GoName(name) == GoName(reserved) {
			return fmt.Sprintf("%q: users or requests already have %q; choose another name", name, reserved)
		}
	}
	return ""
}
