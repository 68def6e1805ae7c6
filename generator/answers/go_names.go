package answers

import (
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// initialisms are written in capitals in Go names; the list is the one that
// Go linters share.
var initialisms = func() map[string]bool {
	m := make(map[string]bool)
	for _, s := range strings.Fields(`
		acl api ascii cpu css dns eof guid html http https id ip json qps ram
		rpc sla smtp sql ssh tcp tls ttl udp ui uid uuid uri url utf8 vm xml
		xmpp xsrf xss`) {
		m[s] = true
	}
	return m
}()

// GoName returns the exported Go name for a name of the answers: DisplayName
// for display_name, UsersRead for users:read, ID for id.
func GoName(name string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == ':' }) {
		if initialisms[word] {
			b.WriteString(strings.ToUpper(word))
			continue
		}
		first, size := utf8.DecodeRuneInString(word)
		b.WriteRune(unicode.ToUpper(first))
		b.WriteString(word[size:])
	}
	return b.String()
}

// Member is the name of the unexported struct field in the emitted code: displayName
// for display_name, and typeField for type, which is a word of Go.
func (f Field) Member() string {
	first, rest, _ := strings.Cut(f.Name, "_")
	name := first + GoName(rest)
	if token.IsKeyword(name) || slices.Contains(profileMethods, name) {
		name += "Field"
	}
	return name
}

// profileMethods are the methods of the struct that the fields are in.
var profileMethods = []string{"scan", "values"}
