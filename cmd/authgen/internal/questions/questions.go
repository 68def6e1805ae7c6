// Package questions decides what is still to be asked about a new package. Its
// functions depend on their arguments alone: nothing is read, written or asked here.
package questions

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// A Project is what answers depend on.
type Project struct {
	*project.Project
	Defaults answers.Answers // of a developer who accepts every default
	Others   []Package       // the module's other packages
	Now      time.Time       // for migrations that are numbered by the time

	// Taken returns what is on disk where the answers would put files. Nil stands
	// for a disk with nothing in the way.
	Taken func(answers.Answers) answers.Problems
}

// A Package is one that authgen wrote.
type Package struct {
	Dir     string // from the module root
	Answers answers.Answers
}

// Given are the answers that a person gave, in the form of flags.
type Given struct {
	Flags       map[string]string // on the command line, by key
	Asked       map[string]string // at the terminal, by key
	Permissions map[string]string // at the terminal, of single roles
}

// With returns the answers with one more, to a question.
func (g Given) With(q Question, text string) Given {
	if q.Role != "" {
		g.Permissions = with(g.Permissions, q.Role, text)
	} else {
		g.Asked = with(g.Asked, q.Key, text)
	}
	return g
}

func with(texts map[string]string, key, text string) map[string]string {
	more := make(map[string]string, len(texts)+1)
	maps.Copy(more, texts)
	more[key] = text
	return more
}

// text returns the answer to a question, and whether it was given.
func (g Given) text(key string) (text string, ok bool) {
	if text, ok = g.Flags[key]; !ok {
		text, ok = g.Asked[key]
	}
	return emptyList(key, text), ok
}

// emptyList returns nothing for the ways to write that a list is empty.
func emptyList(key, text string) string {
	text = strings.TrimSpace(text)
	if (text == "[]" || text == "-" || text == "none") && answers.KeyNamed(key).Empty {
		return ""
	}
	return text
}

// A Question is one that has no answer yet.
type Question struct {
	Key     string
	Role    string // for the permissions of one role
	Text    string
	Help    string
	Options []answers.Value // with what each gives and costs; none for a line of text
	Many    bool            // any number of options may be chosen
	Default string          // in the form of a flag
	Found   []string        // what the project says about it, a line each
}

// A Resolution is what a project and the answers given so far come to.
type Resolution struct {
	Answers  answers.Answers    // complete: what was not given is found or the default
	Found    map[string]Finding // what the project says about keys that were not given
	Open     []Question         // what a person is asked, the next question first
	Problems answers.Problems   // what is wrong with the answers as they stand

	project Project
	given   Given
}

// Resolve completes the answers given so far. An error is [answers.Problems]:
// answers that cannot be understood, whatever the others are.
func Resolve(project Project, given Given) (Resolution, error) {
	r := Resolution{project: project, given: given, Found: make(map[string]Finding)}
	a, err := given.answers(project.Defaults)
	if err != nil {
		return Resolution{}, err
	}
	for _, k := range answers.Keys { // a finding depends on the answers for earlier keys
		if r.isGiven(k.Name) {
			continue
		}
		f := r.find(k.Name, a)
		if f.Answer != "" {
			_ = a.Set(k.Name, f.Answer) // what cannot be an answer is not taken for one
		}
		if f.Answer != "" || f.Evidence != nil {
			r.Found[k.Name] = f
		}
	}
	a.Normalize()
	r.Answers = a
	r.Problems = r.problems()
	r.Open = r.open()
	return r, nil
}

// answers returns the defaults with what was given instead.
func (g Given) answers(a answers.Answers) (answers.Answers, error) {
	var problems answers.Problems
	for _, k := range answers.Keys {
		if k.Name == "features" {
			g.switchByRoles(&a)
		}
		var err error
		if text, ok := g.text(k.Name); ok {
			err = a.Set(k.Name, text)
		} else if k.Name == "permissions" && len(g.Permissions) > 0 {
			err = g.grant(&a)
		}
		problems = append(problems, problemsOf(err)...)
	}
	if problems != nil {
		return a, problems
	}
	return a, nil
}

// problemsOf returns the problems that an error of answers is.
func problemsOf(err error) answers.Problems {
	var problems answers.Problems
	errors.As(err, &problems)
	return problems
}

// switchByRoles sets the defaults of the features that need permissions, unless a flag
// names them.
func (g Given) switchByRoles(a *answers.Answers) {
	for _, f := range answers.Features {
		if len(f.Permissions) > 0 && !strings.Contains(g.Flags["features"], f.Name) {
			a.Switch(f.Name, g.isUsable(f, *a))
		}
	}
}

// isUsable reports whether some role can have the permissions that a feature needs.
func (g Given) isUsable(f answers.Feature, a answers.Answers) bool {
	_, asked := g.Asked["roles"]
	_, given := g.Flags["roles"]
	switch {
	case asked, len(g.Permissions) > 0:
		// It takes a role above that of new users, and the permission if all have
		// been given out.
		a.Switch(f.Name, true)
		if _, ok := g.Flags["default_role"]; !ok {
			a.DefaultRole = ""
		}
		a.Normalize()
		return !slices.ContainsFunc(problemsOf(a.Check()), func(p answers.Problem) bool { return p.Path == "features."+f.Name })
	case given:
		return len(a.Roles) > 1 // somebody has to manage the others
	}
	return a.Has(f.Name)
}

// isSeparator reports whether a rune may stand between permissions.
func isSeparator(c rune) bool { return c == ',' || c == '+' || unicode.IsSpace(c) }

// grant gives roles the permissions that were given for each of them alone.
func (g Given) grant(a *answers.Answers) error {
	a.Roles = slices.Clone(a.Roles)
	var problems answers.Problems
	for i, role := range a.Roles {
		text, ok := g.Permissions[role.Name]
		if !ok {
			continue
		}
		a.Roles[i].Permissions = nil
		words := strings.FieldsFunc(emptyList("permissions", text), isSeparator)
		if len(words) == 0 {
			continue
		}
		granted, err := answers.ParsePermissions(role.Name+"="+strings.Join(words, "+"), a.Roles)
		if err != nil {
			problems = append(problems, problemsOf(err)...)
			continue
		}
		a.Roles[i].Permissions = granted[i].Permissions
	}
	if problems != nil {
		return problems
	}
	return nil
}

// isGiven reports whether a person answered a question.
func (r *Resolution) isGiven(key string) bool {
	_, ok := r.given.text(key)
	return ok
}

// open returns the questions that are left.
func (r *Resolution) open() []Question {
	var open []Question
	for _, k := range answers.Keys {
		switch {
		case r.isGiven(k.Name):
		case k.Name == "permissions":
			for _, role := range r.Answers.Roles {
				if _, ok := r.given.Permissions[role.Name]; !ok {
					open = append(open, r.askPermissions(role))
				}
			}
		case r.isAsked(k):
			open = append(open, r.ask(k))
		}
	}
	return open
}

// isAsked reports whether a person is asked a question that was not answered.
func (r *Resolution) isAsked(k answers.Key) bool {
	switch k.Name {
	case "package_name", "migrations_version":
		return hasProblem(r.Problems, k.Name)
	case "name":
		return len(r.project.Instances) > 0
	case "migrations_dir":
		return r.Found[k.Name].Unclear()
	}
	return k.IsAsked(r.Answers) && !r.Found[k.Name].Sure && (k.Many || len(k.ValuesFor(r.Answers)) != 1)
}

// ask returns the question for a key.
func (r *Resolution) ask(k answers.Key) Question {
	q := Question{
		Key: k.Name, Text: k.Question, Help: Help(k), Options: k.ValuesFor(r.Answers), Many: k.Many,
		Default: r.Answers.Get(k.Name), Found: r.Found[k.Name].Evidence,
	}
	switch k.Name {
	case "package_name":
		q.Default = "" // it is asked since the directory's name cannot be it
	case "default_role":
		// The highest role is for nobody who just comes by.
		for _, role := range r.Answers.Roles[1:] {
			q.Options = append(q.Options, answers.Value{Name: role.Name})
		}
	}
	return q
}

// Help is the help for an answer as text, which is shorter than in the file.
func Help(k answers.Key) string {
	if k.Example != "" {
		return k.Help + "; such as " + k.Example
	}
	return k.Help
}

// askPermissions returns the question for the permissions of a role.
func (r *Resolution) askPermissions(role answers.Role) Question {
	q := Question{
		Key:     "permissions",
		Role:    role.Name,
		Text:    fmt.Sprintf("What may %s do?", role.Name),
		Help:    "permissions such as posts:write, separated by commas; users:read and users:write are for managing users; none for none",
		Default: "none",
	}
	if lowest := r.Answers.Roles[len(r.Answers.Roles)-1]; role.Name != lowest.Name {
		q.Help = "what it may do beyond the roles below it; " + q.Help
	}
	if len(role.Permissions) > 0 {
		q.Default = strings.Join(role.Permissions, ",")
	}
	return q
}
