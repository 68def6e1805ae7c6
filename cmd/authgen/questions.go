package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator"
)

// question is what is asked next: what to ask depends only on the answers so
// far and on the project.
type question struct {
	key     string
	role    string // for the permissions of one role
	text    string
	help    string
	options []prompt.Option
	many    bool
	def     string // in the form of a flag
}

// survey holds the answers as they come in.
type survey struct {
	project *generator.Project
	answers generator.Answers
	given   map[string]bool // keys that were answered; "permissions editor" for those of a role
}

// newSurvey starts with the defaults, and with the answers that were given as
// flags, by key.
func newSurvey(project *generator.Project, flags map[string]string) (*survey, error) {
	s := &survey{project, generator.DefaultAnswers(), make(map[string]bool)}
	var errs []error
	for _, k := range generator.Keys {
		text, ok := flags[k.Name]
		if !ok {
			continue
		}
		if err := s.answers.Set(k.Name, text); err != nil {
			errs = append(errs, fmt.Errorf("--%s: %w", k.Name, err))
		}
		s.given[k.Name] = true
	}
	s.adjust()
	return s, errors.Join(errs...)
}

// adjust sets the defaults that depend on answers given.
func (s *survey) adjust() {
	if s.given["roles"] && !s.given["features"] {
		// Somebody has to manage the others.
		s.answers.Features.ManageUsers = len(s.answers.Roles) > 1
	}
}

// complete returns the answers with everything that follows from them.
func (s *survey) complete() generator.Answers {
	a := s.answers
	a.Normalize()
	return a
}

// next returns the next question, and false when there is none.
func (s *survey) next() (question, bool) {
	for _, k := range generator.Keys {
		if s.given[k.Name] {
			continue
		}
		switch {
		case k.Name == "permissions":
			for _, r := range s.answers.Roles {
				if !s.given["permissions "+r.Name] {
					return s.askPermissions(r.Name), true
				}
			}
			continue
		case k.Name == "package_name" && s.complete().PackageName != "",
			k.Name == "name" && len(s.project.Instances) == 0,
			k.Name == "default_role" && len(s.answers.Roles) == 1,
			len(k.Values) == 1 && !k.Many:
			continue
		}
		return s.ask(k), true
	}
	return question{}, false
}

func (s *survey) ask(k generator.Key) question {
	q := question{key: k.Name, text: k.Question, help: k.Help, many: k.Many, def: s.complete().Get(k.Name)}
	switch {
	case k.Name == "default_role":
		// The highest role is for nobody who just comes by.
		for _, r := range s.answers.Roles[1:] {
			q.options = append(q.options, prompt.Option{Value: r.Name})
		}
	default:
		for _, v := range k.Values {
			q.options = append(q.options, prompt.Option{Value: v.Name, Help: v.Help})
		}
	}
	return q
}

func (s *survey) askPermissions(role string) question {
	q := question{
		key:  "permissions",
		role: role,
		text: fmt.Sprintf("What may the role %s do, beyond the roles below it?", role),
		help: "permissions such as posts:write, separated by commas; - for none",
		def:  "-",
	}
	for _, r := range s.complete().Roles {
		if r.Name == role && len(r.Permissions) > 0 {
			q.def = strings.Join(r.Permissions, ",")
		}
	}
	return q
}

// check returns what is wrong with an answer to q.
func (s *survey) check(q question, text string) error {
	try := &survey{s.project, s.answers, nil}
	if err := try.set(q, text); err != nil {
		return err
	}
	a := try.complete()
	var problems generator.Problems
	if errors.As(a.Check(), &problems) {
		for _, p := range problems {
			if p.Key() == q.key || q.key == "permissions" && p.Key() == "roles" {
				return errors.New(p.Message)
			}
		}
	}
	return nil
}

func (s *survey) set(q question, text string) error {
	if q.key != "permissions" {
		return s.answers.Set(q.key, text)
	}
	roles := slices.Clone(s.answers.Roles)
	for i := range roles {
		if roles[i].Name != q.role {
			continue
		}
		roles[i].Permissions = nil
		if text = strings.TrimSpace(text); text != "" && text != "-" {
			parsed, err := generator.ParsePermissions(q.role+"="+strings.NewReplacer(" ", "", ",", "+").Replace(text), roles)
			if err != nil {
				return err
			}
			roles[i].Permissions = parsed[i].Permissions
		}
	}
	s.answers.Roles = roles
	return nil
}

// answer takes an answer that check has no objection to.
func (s *survey) answer(q question, text string) error {
	if err := s.set(q, text); err != nil {
		return err
	}
	key := q.key
	if q.role != "" {
		key += " " + q.role
	}
	s.given[key] = true
	s.adjust()
	return nil
}

// put asks q at the terminal and returns the answer in the form of a flag.
func (s *survey) put(p prompt.Prompter, q question) (string, error) {
	ask := prompt.Question{Text: q.text, Help: q.help}
	switch {
	case q.many:
		var def []string
		for name := range strings.SplitSeq(q.def, ",") {
			if !strings.HasPrefix(name, "-") {
				def = append(def, name)
			}
		}
		chosen, err := p.ChooseAny(ask, q.options, def)
		var text []string
		for _, o := range q.options {
			if !slices.Contains(chosen, o.Value) {
				o.Value = "-" + o.Value
			}
			text = append(text, o.Value)
		}
		return strings.Join(text, ","), err
	case len(q.options) > 0:
		return p.Choose(ask, q.options, q.def)
	}
	return p.Line(ask, q.def, func(text string) error { return s.check(q, text) })
}

// unanswered returns the keys that a person would be asked for.
func (s *survey) unanswered() []string {
	var keys []string
	for _, k := range generator.Keys {
		if !s.given[k.Name] && len(k.Values) != 1 && !k.FlagOnly && k.Name != "name" && k.Name != "package_name" && k.Name != "default_role" {
			keys = append(keys, k.Name)
		}
	}
	return keys
}
