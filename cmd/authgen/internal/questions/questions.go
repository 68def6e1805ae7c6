// Package questions decides which questions about a new package are still open. Its
// functions depend on their arguments alone: they read, write and ask nothing.
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

// A Project is everything that the answers depend on.
type Project struct {
	*project.Project
	Defaults answers.Answers // of a developer who accepts every default
	Others   []Package       // the module's other packages
	Now      time.Time       // for migrations that are numbered by the time

	// Taken returns the problems with existing files where the answers would put new
	// ones. If it is nil, there are none.
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

// With returns the answers with one added: text is the answer to a question.
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

// emptyList returns text without surrounding space, and "" for each of the ways to write
// an empty list.
func emptyList(key, text string) string {
	text = strings.TrimSpace(text)
	if (text == "[]" || text == "-" || text == "none") && answers.KeyNamed(key).Empty {
		return ""
	}
	return text
}

// A Question is an open question.
type Question struct {
	Key     string
	Role    string // for the permissions of one role
	Text    string
	Help    string
	Options []answers.Value // to choose from; none for a line of text
	Many    bool            // any number of options may be chosen
	Default string          // in the form of a flag
	Found   []string        // what the project says about it, a line each
}

// A Resolution is the result of combining a project with the answers given so far.
type Resolution struct {
	Answers  answers.Answers    // complete: an answer not given is found or the default
	Found    map[string]Finding // what the project says about keys that were not given
	Open     []Question         // the open questions, in the order to ask them
	Problems answers.Problems   // of the answers so far

	project Project
	given   Given
}

// Resolve completes the answers given so far. An error is [answers.Problems], for answers
// that are invalid whatever the others are.
func Resolve(project Project, given Given) (Resolution, error) {
	r := Resolution{project: project, given: given, Found: make(map[string]Finding)}
	a, err := given.answers(project.Defaults)
	if err != nil {
		return Resolution{}, err
	}
	for _, k := range answers.Keys { // a finding depends on the answers for earlier keys
		if r.Given(k.Name) {
			continue
		}
		f := r.find(k.Name, a)
		if f.Answer != "" {
			_ = a.Set(k.Name, f.Answer) // an invalid answer is ignored
		}
		if f.Answer != "" || f.Evidence != nil || f.Why != "" {
			r.Found[k.Name] = f
		}
	}
	a.Normalize()
	r.Answers = a
	r.Problems = r.problems()
	r.Open = r.open()
	return r, nil
}

// answers returns a with the given answers set.
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

// problemsOf returns the answers.Problems in an error, nil if there are none.
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
		// The feature needs a role above that of new users and, once all permissions
		// have been given out, one with its permission.
		a.Switch(f.Name, true)
		if _, ok := g.Flags["default_role"]; !ok {
			a.DefaultRole = ""
		}
		a.Normalize()
		return !slices.ContainsFunc(problemsOf(a.Check()), func(p answers.Problem) bool { return p.Path == "features."+f.Name })
	case given:
		return len(a.Roles) > 1 // one role has to manage the others
	}
	return a.Has(f.Name)
}

// isSeparator reports whether a rune may separate permissions.
func isSeparator(c rune) bool { return c == ',' || c == '+' || unicode.IsSpace(c) }

// grant sets the permissions of the roles for which they were given one by one.
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

// Given reports whether a person answered the question for a key.
func (r *Resolution) Given(key string) bool {
	_, ok := r.given.text(key)
	return ok
}

// open returns the open questions.
func (r *Resolution) open() []Question {
	var open []Question
	for _, k := range answers.Keys {
		switch {
		case r.Given(k.Name):
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

// isAsked reports whether a person is asked about a key that was not given.
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
		q.Default = "" // it is only asked if the directory's name is not a valid one
	case "default_role":
		// Nobody should get the highest role by signing up.
		for _, role := range r.Answers.Roles[1:] {
			q.Options = append(q.Options, answers.Value{Name: role.Name})
		}
	}
	return q
}

// Help returns the help for an answer at a prompt or as a flag.
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
