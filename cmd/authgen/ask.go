package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/authgen/authgen/cmd/authgen/internal/questions"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// questionsFor returns the project as package questions needs it for a new package.
func questionsFor(project *project.Project, defaults answers.Answers) (questions.Project, error) {
	p := questions.Project{Project: project, Defaults: defaults, Taken: takenIn(project), Now: time.Now()}
	for _, dir := range project.Instances {
		other, err := openInstance(project, dir)
		if err != nil {
			return p, err
		}
		p.Others = append(p.Others, questions.Package{Dir: other.dir, Answers: other.answers})
	}
	return p, nil
}

// resolve is like questions.Resolve, but its errors name flags.
func resolve(p questions.Project, given questions.Given) (questions.Resolution, error) {
	r, err := questions.Resolve(p, given)
	return r, flagProblems(err)
}

// flagProblems returns an error that names the flag of each problem with an answer.
// Other errors are returned unchanged.
func flagProblems(err error) error {
	var problems answers.Problems
	if !errors.As(err, &problems) {
		return err
	}
	var list errorList
	for _, p := range problems {
		list = append(list, fmt.Errorf("%s: %s", dashed(p.Key()), p.Message))
	}
	return list
}

// unclear returns an error if the project suggests several answers to a question that
// nobody has answered.
func unclear(r questions.Resolution) error {
	var problems errorList
	var flags []string
	for _, k := range answers.Keys {
		if f := r.Found[k.Name]; f.Unclear() {
			why := f.Why
			if why == "" {
				why = "there are several to choose from: " + strings.Join(f.Evidence, ", ")
			}
			problems = append(problems, fmt.Errorf("%s: %s", dashed(k.Name), why))
			flags = append(flags, dashed(k.Name)+"="+shellQuote(r.Answers.Get(k.Name)))
		}
	}
	if problems == nil {
		return nil
	}
	return withHint("choose with flags, such as "+strings.Join(flags, " "), problems)
}

// unanswered returns the flags that would answer all open questions.
func unanswered(r questions.Resolution) []string {
	var missing []string
	for _, q := range r.Open {
		if name := dashed(q.Key); !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// found prints what the project says about answers that nobody gave, with the evidence.
func (c *cli) found(project *project.Project, r questions.Resolution) {
	c.say("module %s, go %s", project.Module, project.GoVersion)
	var missing, taken []string
	for _, key := range []string{"router", "database", "driver", "migrations"} {
		f, ok := r.Found[key]
		switch {
		case r.Given(key):
		case ok && len(f.Evidence) > 0:
			c.say("found %s %s", key, f.Evidence[0])
		case !ok && (key == "router" || key == "database"):
			missing = append(missing, "no "+key)
			taken = append(taken, r.Answers.Get(key))
		}
	}
	if len(missing) > 0 {
		c.say("found %s: using %s", strings.Join(missing, " and "), strings.Join(taken, " and "))
	}
	c.say("")
}
