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
	Profile     []string          // at the terminal, to the questions about the profile
	Users       []string          // at the terminal: which table has the users, and how its columns are used
}

// With returns the answers with one added: text is the answer to a question.
func (g Given) With(q Question, text string) Given {
	switch {
	case q.Role != "":
		g.Permissions = with(g.Permissions, q.Role, text)
	case q.Key == "profile":
		g.Profile = append(slices.Clone(g.Profile), text)
	case q.Key == "users":
		g.Users = append(slices.Clone(g.Users), text)
	default:
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
	if key == "users" && !ok && g.usersComplete() {
		text, ok = g.Users[len(g.Users)-1], true
	}
	return emptyList(key, text), ok
}

// emptyList returns text without surrounding space, and "" for each of the ways to write
// an empty list.
func emptyList(key, text string) string {
	text = strings.TrimSpace(text)
	if (text == "[]" || text == "-" || text == None) && answers.KeyNamed(key).Empty {
		return ""
	}
	return text
}

// A Question is an open question.
type Question struct {
	Key     string
	Role    string // for the permissions of one role
	Table   string // of the users, for the mapping of its columns
	Step    int    // which one it is of the questions about the profile
	Text    string
	Help    string          // what the text and the options leave out
	Options []answers.Value // to choose from; none for a line of text
	Many    bool            // any number of options may be chosen
	Default string          // in the form of a flag
	Typed   string          // what a line of text begins with
	Found   []string        // what the project says about it, a line each

	// Must says why a person has to answer: no answer can be recommended. It is empty if
	// the default will do.
	Must string
}

// id tells the question from all others.
func (q Question) id() string { return fmt.Sprintf("%s %s%s %d", q.Key, q.Role, q.Table, q.Step) }

// Chosen returns the options that the answer to a question with many has.
func (q Question) Chosen(text string) []string {
	return slices.DeleteFunc(chosen(text), func(name string) bool { return !q.offers(name) })
}

// offers reports whether an answer is one of the options.
func (q Question) offers(name string) bool {
	return slices.ContainsFunc(q.Options, func(o answers.Value) bool { return o.Name == name })
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
			g.switchByUsers(&a)
		}
		var err error
		if text, ok := g.text(k.Name); ok {
			err = a.Set(k.Name, text)
		} else if k.Name == "permissions" && len(g.Permissions) > 0 {
			err = g.grant(&a)
		} else if k.Name == "profile" {
			a.Profile = draftProfile(g.usualProfile(a.Profile, a.Users), g.Profile).fields
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

// switchByUsers sets the defaults of the features for people who have passwords already,
// unless a flag names them.
func (g Given) switchByUsers(a *answers.Answers) {
	for _, f := range answers.Features {
		if f.Adopted && g.chosenTable(a.Users) && a.Users.Has("password") && !strings.Contains(g.Flags["features"], f.Name) {
			a.Switch(f.Name, true)
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
	return ok || key == "profile" && r.profile().stage == profileComplete
}

// givenInPart reports whether a person answered a question, or one of several about the
// same key.
func (r *Resolution) givenInPart(key string) bool {
	switch key {
	case "permissions":
		return r.Given(key) || len(r.given.Permissions) > 0
	case "profile":
		return r.Given(key) || len(r.given.Profile) > 0
	case "users":
		return r.Given(key) || len(r.given.Users) > 0
	}
	return r.Given(key)
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
		case k.Name == "profile":
			open = append(open, r.askProfile())
		case k.Name == "users":
			if len(r.tables()) > 0 {
				open = append(open, r.askUsers())
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
		return len(r.project.Instances) > 0 || hasProblem(r.Problems, k.Name)
	case "migrations_dir":
		return r.Found[k.Name].Unclear()
	}
	return k.IsAsked(r.Answers) && !r.Found[k.Name].Sure && (k.Many || len(k.ValuesFor(r.Answers)) != 1)
}

// ask returns the question for a key.
func (r *Resolution) ask(k answers.Key) Question {
	q := Question{
		Key: k.Name, Text: k.Question, Help: k.More, Options: k.ValuesFor(r.Answers), Many: k.Many,
		Default: r.Answers.Get(k.Name), Found: r.Found[k.Name].Evidence, Must: r.must(k.Name),
	}
	if k.Empty && q.Default == "" {
		q.Default = None
	}
	if hasProblem(r.Problems, k.Name) && len(q.Options) == 0 {
		q.Default = r.suggestion(k.Name)
	}
	switch k.Name {
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
		Help:    answers.KeyNamed("permissions").More,
		Default: None,
	}
	if lowest := r.Answers.Roles[len(r.Answers.Roles)-1]; role.Name != lowest.Name {
		q.Text = fmt.Sprintf("What may %s do beyond the roles below it?", role.Name)
	}
	if len(role.Permissions) > 0 {
		q.Default = strings.Join(role.Permissions, ",")
	}
	return q
}
