package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/authgen/authgen/cmd/authgen/internal/questions"
	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
	"github.com/authgen/authgen/templates"
)

// clashes finds what in a project a package would clash with: routes, tables and cookies.
// It remembers what it found, since it is asked for many answers that are alike.
type clashes struct {
	project *project.Project
	known   map[string]string // messages, by what they depend on
	rows    map[string][]project.Row
	// had are the answers of the package as it is, whose routes and names do not clash.
	// It is nil for a new package.
	had *answers.Answers
}

func clashesIn(p *project.Project) *clashes {
	return &clashes{project: p, known: make(map[string]string), rows: make(map[string][]project.Row)}
}

// once returns a message that depends on these texts alone.
func (c *clashes) once(message func() string, on ...string) string {
	key := strings.Join(on, "\x00")
	text, ok := c.known[key]
	if !ok {
		text = message()
		c.known[key] = text
	}
	return text
}

// prefix returns why the package cannot have its routes where the answers put them, or "".
func (c *clashes) prefix(a answers.Answers) string {
	if a.Check() != nil {
		return ""
	}
	rows := c.routes(a)
	if c.had != nil {
		before := c.routes(*c.had)
		rows = slices.DeleteFunc(rows, func(r project.Row) bool { return slices.Contains(before, r) })
	}
	return c.once(func() string {
		found := c.project.RouteClashes(a.Router, a.Prefix, rows)
		if len(found) == 0 {
			return ""
		}
		text := fmt.Sprintf("%s at %s %s", found[0].Route, found[0].Route.Pos, found[0].Why)
		return text + more(len(found)-1, "of the application's routes clashes", "of the application's routes clash")
	}, "prefix", a.Router, a.Prefix, fmt.Sprint(rows))
}

// routes returns the routes of a package for these answers, which are valid. An error is
// also that of a plan, so it is not returned here.
func (c *clashes) routes(a answers.Answers) []project.Row {
	key := a.Prefix + fmt.Sprint(a.Tags())
	rows, ok := c.rows[key]
	if !ok {
		rows, _ = emit.Routes(templates.FS, a)
		c.rows[key] = rows
	}
	return slices.Clone(rows)
}

// more returns how many others there are, as the end of a sentence.
func more(n int, one, several string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return ", and one more " + one
	}
	return fmt.Sprintf(", and %d more %s", n, several)
}

// name returns why the package cannot have the names for its tables and its cookie that
// the answers give, or "".
func (c *clashes) name(a answers.Answers) string {
	relations, cookies := emit.Relations(a), emit.Cookies(a)
	if c.had != nil {
		relations = without(relations, emit.Relations(*c.had))
		cookies = without(cookies, emit.Cookies(*c.had))
	}
	return c.once(func() string {
		var texts []string
		if text := c.relation(a.Database, relations); text != "" {
			texts = append(texts, text)
		}
		if text := c.cookie(cookies); text != "" {
			texts = append(texts, text)
		}
		return strings.Join(texts, "; ")
	}, "name", a.Database, strings.Join(relations, " "), strings.Join(cookies, " "))
}

func without(list, drop []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(drop, s) })
}

// relation returns which tables of the application have one of these names, or "". Those of
// an earlier package of authgen are left to what builds on its migrations.
func (c *clashes) relation(database string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	found := c.project.Relations(database, names)
	header := []byte("-- " + emit.Header(emit.Migration))
	for _, r := range found {
		text, err := os.ReadFile(filepath.Join(c.project.Root, filepath.FromSlash(r.Pos.File)))
		if err == nil && bytes.HasPrefix(text, header) {
			return ""
		}
	}
	if len(found) == 0 {
		return ""
	}
	text := fmt.Sprintf("the %s %s exists already, at %s", found[0].Kind, found[0].Name, found[0].Pos)
	if found[0].Kind == "model" {
		text = fmt.Sprintf("the table %s exists already, by the model at %s", found[0].Name, found[0].Pos)
	}
	return text + more(len(found)-1, "of the package's tables and indexes does", "of the package's tables and indexes do")
}

// cookie returns where the application sets a cookie with one of these names, or "".
func (c *clashes) cookie(names []string) string {
	for _, set := range c.project.Cookies() {
		i := slices.Index(names, set.Name)
		if i < 0 {
			continue
		}
		when := ""
		if !strings.HasPrefix(set.Name, "__") {
			when = " in development"
		}
		return fmt.Sprintf("the application sets a cookie %q (%s at %s), as the package does%s", set.Name, set.Text, set.Pos, when)
	}
	return ""
}

// instead adds to the error for problems with answers the command whose answers have none,
// if it is known.
func (o *initOptions) instead(r questions.Resolution, err error) error {
	if fixed, ok := r.Fixed(); ok {
		return withHint("to avoid this: "+o.commandLine(fixed, o.tidy.on || !o.tidy.given), err)
	}
	return err
}

// newClashes returns an error if the answers of a package give it routes, tables or cookies
// that it did not have before and that clash with the application. Args are the assignments
// that changed the answers; there are none if somebody edited them.
func (in *instance) newClashes(args []string) error {
	before, ok := in.base.Answers()
	if !ok || bytes.Equal(before.Canonical(), in.answers.Canonical()) {
		return nil
	}
	if err := in.project.Survey(); err != nil {
		return err
	}
	// What was wrong with the table of users before does not prevent a change.
	known := in.project.CheckUsers(before)
	wrong := slices.DeleteFunc(in.project.CheckUsers(in.answers), func(p answers.Problem) bool { return slices.Contains(known, p) })
	if len(wrong) > 0 {
		return wrong
	}
	found := clashesIn(in.project)
	found.had = &before
	r, err := questions.Resolve(questions.Project{
		Project: in.project, Defaults: in.answers, Now: time.Now(),
		Taken: func(a answers.Answers) answers.Problems {
			var problems answers.Problems
			for _, p := range []answers.Problem{{Path: "name", Message: found.name(a)}, {Path: "prefix", Message: found.prefix(a)}} {
				// To suggest the answer that was changed would not help.
				if p.Message != "" || a.Get(p.Path) == before.Get(p.Path) && a.Get(p.Path) != in.answers.Get(p.Path) {
					problems = append(problems, p)
				}
			}
			return problems
		},
	}, questions.Given{})
	if err != nil {
		return err
	}
	var problems errorList
	for _, p := range r.Problems {
		if p.Key() == "name" || p.Key() == "prefix" {
			problems = append(problems, p)
		}
	}
	if problems == nil {
		return nil
	}
	free := r.Free()
	if len(free) == 0 {
		return problems
	}
	kept := slices.DeleteFunc(slices.Clone(args), func(arg string) bool {
		return slices.ContainsFunc(free, func(f questions.Flag) bool { return strings.HasPrefix(arg, f.Key+"=") })
	})
	for _, f := range free {
		kept = append(kept, f.Key+"="+f.Text)
	}
	for i, arg := range kept {
		kept[i] = shellQuote(arg)
	}
	return withHint("to avoid this: "+in.command("set "+strings.Join(kept, " ")), problems)
}

// applied says which new migration the application applies or embeds, since it is among its
// own, or returns "".
func (in *instance) applied(p *plan.Plan) string {
	if in.answers.MigrationsDir == "" || in.project.Survey() != nil {
		return ""
	}
	for _, s := range p.Steps {
		name := p.InModule(s)
		if s.Class != emit.Migration || s.Action != plan.Create || strings.HasSuffix(name, ".down.sql") {
			continue
		}
		for _, by := range in.project.Applies(name) {
			if by.Kind == project.ByConfig {
				return fmt.Sprintf("%s: the application embeds it (%s at %s), and applies it where it applies its own migrations", name, by.Text, by.Pos)
			}
			return fmt.Sprintf("%s: the application applies it with its own migrations (%s at %s)", name, by.Text, by.Pos)
		}
	}
	return ""
}

// otherUsers returns the table of the application with users that the package will not know,
// false if there is none.
func (in *instance) otherUsers() (project.UsersTable, bool) {
	if in.answers.Users.Adopted() || in.project.Survey() != nil {
		return project.UsersTable{}, false
	}
	tables := in.project.UsersTables(in.answers.Database)
	if len(tables) == 0 {
		return project.UsersTable{}, false
	}
	return tables[0], true
}

// others says which table of the application has users that the package will not know, or
// returns "".
func (in *instance) others() string {
	t, ok := in.otherUsers()
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s: the application has users in the table %s, with their passwords in %s; the package has a table of its own, %s", t.Pos, t.Name, t.Password(), emit.Relations(in.answers)[0])
}

// sayOthers prints which users the package will not know, as [instance.others] says it, and
// what to do about it: the flag with which the package uses their table, and what a person has
// to decide before.
func (c *cli) sayOthers(in *instance) {
	t, ok := in.otherUsers()
	if !ok {
		return
	}
	c.say("%s; docs/import.md says how to copy them, with their passwords", in.others())
	a := in.answers
	users, doubts := t.Mapping(a)
	if a.Users = users; users.Adopted() {
		c.say("to use that table instead: %s=%s", dashed("users"), shellQuote(a.Get("users")))
	}
	for _, d := range doubts {
		c.say("  %s", d)
	}
}

// sayApplied prints which new migration the application applies, as [instance.applied] says
// it, and how to prevent that.
func (c *cli) sayApplied(in *instance, text string) {
	if text != "" {
		c.say("%s; %s keeps it in %s", text, dashed("migrations_dir")+"=", path.Join(in.dir, "migrations"))
	}
}
