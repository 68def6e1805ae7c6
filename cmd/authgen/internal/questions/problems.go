package questions

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// problems returns all problems of the answers so far.
func (r *Resolution) problems() answers.Problems {
	problems := problemsOf(r.Answers.Check())
	for _, p := range r.clashes(r.Answers) {
		free := r.suggestion(p.Key())
		if noun := another[p.Key()]; noun != "" && (free != "" || p.Key() == "package") {
			p.Message += "; choose another " + noun
			if free != "" {
				p.Message += ", such as " + free
			}
		}
		problems = append(problems, p)
	}
	return problems
}

// another is what a person chooses another of if an answer clashes with the project, by
// key.
var another = map[string]string{"package": "directory", "name": "prefix", "prefix": "path", "migrations_version": "number"}

// clashes returns the problems of answers with what the project has already. Existing
// files are only looked at for answers that are valid themselves.
func (r *Resolution) clashes(a answers.Answers) answers.Problems {
	var problems answers.Problems
	add := func(key, format string, args ...any) {
		problems = append(problems, answers.Problem{Path: key, Message: fmt.Sprintf(format, args...)})
	}
	if r.project.Taken != nil {
		invalid := problemsOf(a.Check())
		for _, p := range r.project.Taken(a) {
			if !hasProblem(invalid, p.Key()) {
				problems = append(problems, p)
			}
		}
	}
	problems = append(problems, r.project.CheckUsers(a)...)
	// Whoever names the driver as well means a second database.
	if r.Given("database") && !r.Given("driver") {
		if used, ok := r.project.Contradicts(a.Database); ok && !hasProblem(problems, "database") {
			e := used.Evidence[0]
			add("database", "the program uses %s (%s at %s) and not %s; leave the flag out or, to add a second database, give --driver too, such as --driver=%s",
				answers.DatabaseNamed(used.Name).Title, e.Text, e.Pos, answers.DatabaseNamed(a.Database).Title, a.Driver)
		}
	}
	for _, other := range r.project.Others {
		switch {
		case other.Answers.Name != a.Name:
		case a.Name == "":
			add("name", "without a prefix, the package would share its cookie and tables with %s", other.Dir)
		default:
			add("name", "%q is the prefix of the cookie and the tables of %s", a.Name, other.Dir)
		}
		if dir, ok := beside(other.Answers, other.Dir, a.Package); ok {
			add("package", "%s is reserved for a package of %s", dir, other.Dir)
		}
		if _, ok := beside(a, a.Package, other.Dir); ok {
			add("package", "the package would need %s, which belongs to another package", other.Dir)
		}
		if other.Answers.Prefix == a.Prefix {
			add("prefix", "the routes of %s are already below %s", other.Dir, a.Prefix)
		}
	}
	return problems
}

// suggestion returns an answer that has no problem, for a key whose answer has one. It
// returns "" if it knows none.
func (r *Resolution) suggestion(key string) string {
	a := r.Answers
	for _, text := range r.candidates(key) {
		b := a
		if b.Set(key, text) != nil {
			continue
		}
		if !r.Given("package_name") && key == "package" {
			b.PackageName = "" // it follows from the directory
		}
		b.Normalize()
		if !hasProblem(slices.Concat(problemsOf(b.Check()), r.clashes(b)), key) {
			return text
		}
	}
	return ""
}

// must returns why a person has to answer the question for a key, "" if the answer that
// the resolution has will do.
func (r *Resolution) must(key string) string {
	if i := slices.IndexFunc(r.Problems, func(p answers.Problem) bool { return p.Key() == key }); i >= 0 {
		return r.Problems[i].Message
	}
	switch f := r.Found[key]; {
	case !f.Unclear():
		return ""
	case f.Why != "":
		return f.Why
	}
	return "there are several to choose from"
}

// hasProblem reports whether one of the problems is with the answer for a key.
func hasProblem(problems answers.Problems, key string) bool {
	return slices.ContainsFunc(problems, func(p answers.Problem) bool { return p.Key() == key })
}

// beside returns the directory of a package that belongs to the core in dir, if the
// directory other is that directory or in it.
func beside(a answers.Answers, dir, other string) (string, bool) {
	for _, name := range []string{a.WebName(), a.TestName()} {
		if taken := path.Join(dir, name); other == taken || strings.HasPrefix(other, taken+"/") {
			return taken, true
		}
	}
	return "", false
}

// Check returns an error if an answer to a question is invalid, alone or together with
// the answers given before it.
func (r Resolution) Check(q Question, text string) error {
	with, err := Resolve(r.project, r.given.With(q, text))
	problems := with.Problems
	if err != nil {
		problems = problemsOf(err)
	}
	lowest := r.Answers.Roles[len(r.Answers.Roles)-1].Name
	for _, p := range problems {
		switch key := p.Key(); {
		case key == q.Key, key == "roles" && q.Key == "permissions",
			// Otherwise no new user could have a role.
			key == "default_role" && q.Key == "permissions" && q.Role == lowest:
			return errors.New(p.Message)
		case r.Given(key) && key != "features":
			// Roles may still get the permission that the feature needs.
			return fmt.Errorf("it does not go with --%s: %s", key, p.Message)
		}
	}
	return nil
}
