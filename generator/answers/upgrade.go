package answers

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// ParseEmitted reads answers that a version of authgen, this or an older one, wrote with
// [Answers.Canonical]. A key that the older version did not have is answered so that the
// package stays what it was: see [Key.Kept].
func ParseEmitted(file string, data []byte) (Answers, error) { return parse(file, data, kept()) }

// ParseOlder is [Parse] for the file of a package that an older version of authgen wrote
// for other answers, which are those of keys that the file does not have.
func ParseOlder(file string, data []byte, emitted Answers) (Answers, error) {
	return parse(file, data, emitted)
}

// kept returns the answers of a package that is older than all keys.
func kept() Answers {
	a := normalDefault()
	for _, k := range Keys {
		if k.Kept == "" {
			continue
		}
		if err := a.Set(k.Name, k.Kept); err != nil {
			panic("internal error: " + err.Error())
		}
	}
	a.Features = 0
	return a
}

// An Addition is a key or a feature that authgen.yaml did not have.
type Addition struct {
	Key     string
	Feature string // empty for a whole key
	Value   string // what it was answered with, as a flag or as true and false
	Default string // what a new package has; empty if that is the same
}

// String returns the addition as it is written in the file.
func (a Addition) String() string {
	if a.Feature != "" {
		return fmt.Sprintf("%s.%s: %s", a.Key, a.Feature, a.Value)
	}
	return fmt.Sprintf("%s: %s", a.Key, cmp.Or(a.Value, `""`))
}

// Assignment returns the assignment by which [Answers.Apply] chooses the default of new
// packages.
func (a Addition) Assignment() string {
	switch {
	case a.Feature == "":
		return a.Key + "=" + a.Default
	case a.Default == "true":
		return a.Key + "=" + a.Feature
	}
	return a.Key + "=-" + a.Feature
}

// Complete returns the text of authgen.yaml with the keys and features that it does not
// have, answered as in to, and what these are. Each is put in its place in question
// order; all other bytes stay. What is there must say the same as to.
func Complete(file string, data []byte, to Answers) ([]byte, []Addition, error) {
	if err := to.Check(); err != nil {
		return nil, nil, err
	}
	s, err := readDocument(data)
	if err != nil {
		return nil, nil, err
	}
	var added []Addition
	for _, k := range Keys {
		if k.FlagOnly || k.OmitDefault && to.Get(k.Name) == normalDefault().Get(k.Name) {
			continue
		}
		list := s.additions(k, to)
		if list == nil {
			continue
		}
		before := s
		if s, err = before.with(k, &to, func(s *document) { s.complete(k, to) }); err != nil && before.pair(k.Name) != nil {
			s, err = before.with(k, &to, func(s *document) { s.replaceKey(k, to) })
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s cannot be added: %w; write %s", file, k.Name, err, to.Get(k.Name))
		}
		added = append(added, list...)
	}
	if now, err := Parse(file, s.data); err != nil || now.Hash() != to.Hash() {
		return nil, nil, fmt.Errorf("internal error: %s does not say what it was completed to: %w", file, cmp.Or(err, errors.New("the answers differ")))
	}
	return s.data, added, nil
}

// additions returns the parts of a key that the text lacks.
func (s *document) additions(k Key, to Answers) []Addition {
	pair := s.pair(k.Name)
	if k.Name == "features" {
		return s.newFeatures(k, pair, to)
	}
	if pair != nil {
		return nil
	}
	a := Addition{Key: k.Name, Value: to.Get(k.Name)}
	if d := normalDefault().Get(k.Name); k.Kept == a.Value && d != a.Value {
		a.Default = d
	}
	return []Addition{a}
}

// newFeatures returns the features that the text lacks.
func (s *document) newFeatures(k Key, pair *ast.MappingValueNode, to Answers) []Addition {
	var members []*ast.MappingValueNode
	if pair != nil {
		members = pairsOf(pair.Value)
	}
	defaults := Default().Features
	var added []Addition
	for _, v := range k.Values {
		if slices.ContainsFunc(members, func(m *ast.MappingValueNode) bool { return keyText(m.Key) == v.Name }) {
			continue
		}
		on, def := to.Has(v.Name), defaults.Has(v.Name)
		a := Addition{Key: k.Name, Feature: v.Name, Value: truthValue(on).written}
		if on != def {
			a.Default = truthValue(def).written
		}
		added = append(added, a)
	}
	return added
}

// complete adds the parts of a key that the text lacks.
func (s *document) complete(k Key, to Answers) {
	pair := s.pair(k.Name)
	if pair == nil {
		s.insertKey(k, to)
		return
	}
	want := k.written().value(to)
	for i := range want.members {
		want.members[i].byDefault = false // it is written out all the same
	}
	s.change(pair, want)
}

// FormatLike is [Answers.Format] with only those keys and features that a file has, which
// may be all that an older version knows.
func (a Answers) FormatLike(data []byte) ([]byte, error) {
	s, err := readDocument(data)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(versionLine + "\n")
	for _, k := range Keys {
		pair := s.pair(k.Name)
		if pair == nil {
			continue
		}
		v := k.written().value(a)
		if k.Name == "features" {
			there := pairsOf(pair.Value)
			v.members = slices.DeleteFunc(v.members, func(m yamlPair) bool {
				return !slices.ContainsFunc(there, func(p *ast.MappingValueNode) bool { return keyText(p.Key) == m.name })
			})
		}
		b.WriteString(v.entry(k.Name))
	}
	return b.Bytes(), nil
}
