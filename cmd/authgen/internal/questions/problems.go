package questions

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// problems returns all problems of the answers so far.
func (r *Resolution) problems() answers.Problems {
	a := r.Answers
	problems := problemsOf(a.Check())
	add := func(key, format string, args ...any) {
		problems = append(problems, answers.Problem{Path: key, Message: fmt.Sprintf(format, args...)})
	}
	if r.project.Taken != nil {
		for _, p := range r.project.Taken(a) {
			if !hasProblem(problems, p.Key()) {
				problems = append(problems, p)
			}
		}
	}
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
			add("name", "give a prefix: without one, the package would share its cookie and tables with %s", other.Dir)
		default:
			add("name", "%q is the prefix of the cookie and the tables of %s; choose another", a.Name, other.Dir)
		}
		if dir, ok := beside(other.Answers, other.Dir, a.Package); ok {
			add("package", "%s is reserved for a package of %s; choose another directory", dir, other.Dir)
		}
		if _, ok := beside(a, a.Package, other.Dir); ok {
			add("package", "the package would need %s, which belongs to another package; choose another directory", other.Dir)
		}
		if other.Answers.Prefix == a.Prefix {
			add("prefix", "the routes of %s are already below %s; choose another path, such as /%s", other.Dir, a.Prefix, cmp.Or(a.Name, "staff")+a.Prefix)
		}
	}
	return problems
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
