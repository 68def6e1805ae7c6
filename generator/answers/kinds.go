package answers

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// An answerKind has the operations that answers of one kind share.
type answerKind interface {
	// get returns the answer as the text that a flag takes, and set takes that text.
	// On an error, the answers are unchanged.
	get(a Answers) string
	set(a *Answers, k Key, text string) error
	// check adds what is wrong with the answer alone.
	check(c *checker, k Key, a Answers)
}

// A listKind is the kind of an answer that += and -= change.
type listKind interface {
	answerKind
	add(c *answersEdit, k Key, text string) error
	take(c *answersEdit, k Key, text string) error
}

// A fileKind is the kind of an answer that authgen.yaml has.
type fileKind interface {
	answerKind
	decode(d *decoder, k Key, node ast.Node, a *Answers)
	value(a Answers) yamlValue
	schema(k Key, defaults Answers) object
}

// written returns the kind of a key of authgen.yaml.
func (k Key) written() fileKind { return k.answer.(fileKind) }

// singleText is the kind of a single text.
type singleText struct {
	in      func(*Answers) *string
	problem func(k Key, s string) string // what is wrong with it, or nothing
	// missing is what to say in place of problem of a text that is empty, or nothing.
	missing func(a Answers) string
	form    object // what the schema says of it
}

// choice is the kind of an answer that is one of the key's values.
func choice(in func(*Answers) *string) singleText {
	return singleText{in: in, problem: Key.choiceProblem}
}

// plain returns a problem function that does not look at the key.
func plain(problem func(string) string) func(Key, string) string {
	return func(_ Key, s string) string { return problem(s) }
}

// A derivable kind is one whose answer is a single text.
type derivable interface{ field(*Answers) *string }

func (t singleText) field(a *Answers) *string { return t.in(a) }

func (t singleText) get(a Answers) string { return *t.in(&a) }

func (t singleText) set(a *Answers, k Key, s string) error {
	if message := t.problem(k, s); message != "" {
		return Problems{{Path: k.Name, Message: message}}
	}
	*t.in(a) = s
	return nil
}

func (t singleText) check(c *checker, k Key, a Answers) {
	s := t.get(a)
	message := t.problem(k, s)
	if s == "" && t.missing != nil {
		if missing := t.missing(a); missing != "" {
			message = missing
		}
	}
	if message != "" {
		c.add(k.Name, "%s", message)
	}
}

func (t singleText) decode(d *decoder, k Key, node ast.Node, a *Answers) {
	*t.in(a) = d.text(k.Name, node)
}

func (t singleText) value(a Answers) yamlValue { return textValue(t.get(a)) }

func (t singleText) schema(k Key, defaults Answers) object {
	form := slices.Clone(t.form)
	if form == nil {
		form = object{{"oneOf", k.choices()}}
	}
	if k.derived == nil {
		form = append(form, member{"default", t.get(defaults)})
	}
	return form
}

// choiceProblem returns what is wrong with one of the values, or nothing.
func (k Key) choiceProblem(value string) string {
	allowed := namesOf(k.Values)
	switch {
	case slices.Contains(allowed, value):
		return ""
	case slices.Contains(k.planned, value):
		return fmt.Sprintf("%q is not supported yet; choose %s", value, either(allowed))
	}
	return fmt.Sprintf("unknown value %q%s; choose %s", value, DidYouMean(value, allowed), either(allowed))
}

// either joins alternatives.
func either(names []string) string {
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " or " + names[last]
	}
	return strings.Join(names, "")
}

// featureChoice is the kind of a choice that a feature adds. The answer is in
// Answers.Choices.
type featureChoice struct {
	key   string
	usual string // the default
}

func (f featureChoice) get(a Answers) string {
	if s, ok := a.Choices[f.key]; ok {
		return s
	}
	return f.usual
}

func (f featureChoice) set(a *Answers, k Key, s string) error {
	if message := k.choiceProblem(s); message != "" {
		return Problems{{Path: k.Name, Message: message}}
	}
	f.put(a, s)
	return nil
}

// put stores an answer in a new map, since a copy of a shares the old one.
func (f featureChoice) put(a *Answers, s string) {
	choices := maps.Clone(a.Choices)
	if choices == nil {
		choices = make(map[string]string)
	}
	choices[f.key] = s
	if s == f.usual {
		delete(choices, f.key)
	}
	if len(choices) == 0 {
		choices = nil
	}
	a.Choices = choices
}

func (f featureChoice) check(c *checker, k Key, a Answers) {
	if message := k.choiceProblem(f.get(a)); message != "" {
		c.add(k.Name, "%s", message)
	}
}

func (f featureChoice) decode(d *decoder, k Key, node ast.Node, a *Answers) {
	f.put(a, d.text(k.Name, node))
}

func (f featureChoice) value(a Answers) yamlValue { return textValue(f.get(a)) }

func (f featureChoice) schema(k Key, defaults Answers) object {
	return object{{"oneOf", k.choices()}, {"default", f.get(defaults)}}
}

// digits is the kind of a number that may have zeros in front.
type digits struct{ singleText }

func (t digits) decode(d *decoder, k Key, node ast.Node, a *Answers) {
	if _, quoted := node.(*ast.StringNode); quoted {
		t.singleText.decode(d, k, node, a)
		return
	}
	*t.in(a) = d.digits(k.Name, node)
}

func (t digits) value(a Answers) yamlValue {
	v := t.singleText.value(a)
	if !strings.HasPrefix(v.scalar, "0") { // otherwise the zeros would be lost, or make it octal
		v.written = v.scalar
	}
	return v
}

// paths is the kind of a list of paths for the gate.
type paths struct {
	in func(*Answers) *[]string
}

func (p paths) get(a Answers) string { return strings.Join(*p.in(&a), ",") }

func (p paths) set(a *Answers, k Key, text string) error {
	list, err := parseList(k.Name, text)
	if err == nil {
		*p.in(a) = list
	}
	return err
}

func (p paths) check(c *checker, k Key, a Answers) { c.paths(k.Name, *p.in(&a)) }

func (p paths) add(c *answersEdit, k Key, text string) error {
	more, err := parseList(k.Name, text)
	if err == nil {
		*p.in(&c.to) = union(*p.in(&c.to), more)
	}
	return err
}

func (p paths) take(c *answersEdit, k Key, text string) error {
	list := *p.in(&c.to)
	gone, err := namesIn(k.Name, text, list)
	*p.in(&c.to) = except(list, gone)
	return err
}

func (p paths) decode(d *decoder, k Key, node ast.Node, a *Answers) {
	*p.in(a) = d.texts(k.Name, node)
}

func (p paths) value(a Answers) yamlValue { return listValue(*p.in(&a)) }

func (p paths) schema(Key, Answers) object {
	return append(listForm(patternForm(pathPattern)), member{"default", []string{}})
}

// parseList reads the paths of the gate, "/login,/signup", for a key. An empty
// text means no paths.
func parseList(key, text string) ([]string, error) {
	c := checker{}
	list := c.split(key, text)
	c.paths(key, list)
	if err := c.err(); err != nil {
		return nil, err
	}
	return list, nil
}

// namesIn takes each piece of a text for one of the names, and returns the pieces.
func namesIn(key, text string, known []string) ([]string, error) {
	var c checker
	pieces := c.split(key, text)
	for _, name := range pieces {
		if !slices.Contains(known, name) {
			c.add(key, "there is no %q%s to remove; the list has %s", name, DidYouMean(name, known), orNothing(known))
		}
	}
	return pieces, c.err()
}

// patternForm is the schema of a text that matches.
func patternForm(pattern *regexp.Regexp) object {
	return object{{"type", "string"}, {"pattern", pattern.String()}}
}

// listForm is the schema of a list.
func listForm(items object) object {
	return object{{"type", "array"}, {"uniqueItems", true}, {"items", items}}
}

// choices returns the schemas of the values.
func (k Key) choices() []object {
	var values []object
	for _, v := range k.Values {
		values = append(values, object{{"const", v.Name}, {"description", v.Help}})
	}
	return values
}
