package answers

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var versionLine = fmt.Sprintf("version: %d", answersVersion)

// Format returns the file: every answer, in question order, each below a
// comment. It depends on nothing but the answers, and Parse returns
// them unchanged if Check accepts them.
func (a Answers) Format() []byte {
	var b bytes.Buffer
	b.WriteString("# What this package is generated from. After a change, run authgen generate.\n")
	b.WriteString(versionLine + "\n")
	for _, k := range a.writtenKeys() {
		fmt.Fprintf(&b, "\n# %s\n%s", k.comment(), a.entry(k))
	}
	return b.Bytes()
}

// Canonical returns what Format does without the comments. Hash is that of it.
func (a Answers) Canonical() []byte {
	var b bytes.Buffer
	b.WriteString(versionLine + "\n")
	for _, k := range a.writtenKeys() {
		b.WriteString(a.entry(k))
	}
	return b.Bytes()
}

// writtenKeys returns the keys that the file has for these answers.
func (a Answers) writtenKeys() []Key {
	defaults := Default()
	return slices.DeleteFunc(slices.Clone(Keys), func(k Key) bool {
		return k.FlagOnly || k.OmitDefault && a.Get(k.Name) == defaults.Get(k.Name)
	})
}

// entry returns the lines that say the answer to one question.
func (a Answers) entry(k Key) string { return a.value(k.Name).entry(k.Name) }

// entry returns the lines that say the value of a key.
func (v yamlValue) entry(key string) string {
	var b bytes.Buffer
	switch {
	case v.members != nil:
		b.WriteString(key + ":\n")
		for _, m := range v.members {
			fmt.Fprintf(&b, "  %s: %s\n", m.name, m.value.flow(inBlock))
		}
	case len(v.items) > 0:
		b.WriteString(key + ":\n")
		for _, item := range v.items {
			b.WriteString(item.block("  "))
		}
	default:
		fmt.Fprintf(&b, "%s: %s\n", key, v.flow(inBlock))
	}
	return b.String()
}

// comment returns what the key is and, where there is a choice, which values
// it may have.
func (k Key) comment() string {
	if len(k.Values) == 0 || k.Many {
		return k.Help
	}
	names := make([]string, len(k.Values))
	for i, v := range k.Values {
		names[i] = v.Name
	}
	return k.Help + ": " + strings.Join(names, ", ")
}

// plainText is what can stand without quotes, in a list with brackets too.
var plainText = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9._~/-]*(:[A-Za-z0-9._~/-]+)*$`)

// yamlWords are plain words that some version of YAML does not read as text.
var yamlWords = strings.Fields("true false yes no on off y n null")

func yamlText(s string) string {
	if plainText.MatchString(s) && !slices.Contains(yamlWords, strings.ToLower(s)) {
		return s
	}
	return strconv.Quote(s)
}
