package answers

import (
	"strconv"
	"strings"
)

// A yamlValue is an answer, or a part of one, as YAML has it: a scalar, a list or a
// mapping.
type yamlValue struct {
	scalar  string // what it means
	written string // how it is written
	list    bool
	items   []yamlValue
	members []yamlPair
}

// A yamlPair is a member of a mapping.
type yamlPair struct {
	name  string
	value yamlValue

	// byDefault is whether the file says the same without it.
	byDefault bool
}

func textValue(s string) yamlValue { return yamlValue{scalar: s, written: yamlText(s)} }

func truthValue(b bool) yamlValue {
	if b {
		return yamlValue{scalar: "true", written: "true"}
	}
	return yamlValue{scalar: "false", written: "false"}
}

func listValue(texts []string) yamlValue {
	v := yamlValue{list: true}
	for _, s := range texts {
		v.items = append(v.items, textValue(s))
	}
	return v
}

// id returns what tells an item of a list from the others.
func (v yamlValue) id() string {
	if v.members != nil {
		return v.members[0].value.scalar // the name
	}
	return v.scalar
}

// A context is what a value on one line is part of.
type context int

const (
	inBlock  context = iota
	inBraces         // of a mapping: there, the library takes text:text for a key with a value
)

// flow returns the value on one line.
func (v yamlValue) flow(c context) string {
	var parts []string
	switch {
	case v.list:
		for _, item := range v.items {
			parts = append(parts, item.flow(c))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case v.members != nil:
		for _, m := range v.members {
			parts = append(parts, m.name+": "+m.value.flow(inBraces))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case c == inBraces && v.written == v.scalar && strings.Contains(v.scalar, ":"):
		return strconv.Quote(v.scalar)
	}
	return v.written
}

// block returns the lines of an item of a list.
func (v yamlValue) block(indent string) string {
	if v.members == nil {
		return indent + "- " + v.flow(inBlock) + "\n"
	}
	var b strings.Builder
	before := "- "
	for _, m := range v.members {
		b.WriteString(indent + before + m.name + ": " + m.value.flow(inBlock) + "\n")
		before = "  "
	}
	return b.String()
}
