package questions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// A Finding is what the project says about one answer.
type Finding struct {
	Answer   string   // the likeliest; empty if the default is as likely
	Sure     bool     // the project leaves no choice, so nobody is asked
	Evidence []string // one line for each piece of evidence
	Why      string   // why a person has to answer, if the project suggests no answer
}

// Unclear reports whether a person has to answer, since the project suggests several
// answers, or has something for which none fits.
func (f Finding) Unclear() bool { return !f.Sure && (len(f.Evidence) > 1 || f.Why != "") }

// find looks for the answer to a key in the project. The answers in a are complete for
// earlier keys, and those for later keys are what was given or the defaults.
func (r *Resolution) find(key string, a answers.Answers) Finding {
	switch p := r.project.Project; key {
	case "router":
		return findRouter(p)
	case "database":
		return findDatabase(p)
	case "driver":
		return findDriver(p, a.Database)
	case "store":
		f := finding(project.Used(p.Stores), nameOf, "", false)
		f.Answer = "" // the database of the users is always available
		return f
	case "users":
		return r.findUsers(a)
	case "migrations", "migrations_dir", "migrations_version":
		return r.findMigrations(key, a)
	}
	return Finding{}
}

func nameOf(c project.Candidate) string { return c.Name }

// finding returns the finding for the candidates in use. Name is the answer that they
// lead to, if they do, and sure is whether it is certain.
func finding(used []project.Candidate, answer func(project.Candidate) string, name string, sure bool) Finding {
	f := Finding{Answer: name, Sure: sure}
	for _, c := range used {
		f.Evidence = append(f.Evidence, evidence(answer(c), c.Evidence[0]))
	}
	if name == "" && len(used) > 0 {
		f.Answer = answer(used[0])
	}
	return f
}

func evidence(answer string, e project.Evidence) string {
	if e.Text == answer {
		return fmt.Sprintf("%s at %s", answer, e.Pos)
	}
	return fmt.Sprintf("%s: %s at %s", answer, e.Text, e.Pos)
}

// findRouter looks for the router. If the program has one without routes, or serves HTTP
// without any that is known, a person has to choose.
func findRouter(p *project.Project) Finding {
	name, sure := p.Router()
	f := finding(project.Used(p.Routers), nameOf, name, sure)
	if sure {
		f.Evidence = f.Evidence[:1]
		return f
	}
	if others := project.Used(p.OtherRouters); len(others) > 0 {
		e := others[0].Evidence[0]
		var names []string
		for _, v := range answers.KeyNamed("router").Values {
			names = append(names, v.Name)
		}
		how := "that can pass all other requests on to it"
		if others[0].Apart {
			how = "that needs a server of its own beside it"
		}
		f.Why = fmt.Sprintf("the program uses %s (%s at %s), and there are only routes for %s; those for %s are on a ServeMux %s",
			others[0].Name, e.Text, e.Pos, strings.Join(names, ", "), names[0], how)
	} else if len(p.Serves) > 0 && len(f.Evidence) == 0 {
		f.Why = fmt.Sprintf("the program serves HTTP (%s at %s), and its router was not found", p.Serves[0].Text, p.Serves[0].Pos)
	}
	return f
}

// findDatabase looks for the database. If the program uses one that cannot be told, or
// that emitted code cannot use, a person has to choose.
func findDatabase(p *project.Project) Finding {
	name, sure := p.Database()
	f := finding(p.UsedDatabases(), nameOf, name, sure)
	if len(f.Evidence) > 0 {
		return f
	}
	if others := project.Used(p.OtherDatabases); len(others) > 0 {
		e := others[0].Evidence[0]
		f.Why = fmt.Sprintf("the program uses %s (%s at %s), which the package cannot use; choose an SQL database to add", others[0].Name, e.Text, e.Pos)
	} else if sql := project.Used(p.SQL); len(sql) > 0 {
		e := sql[0].Evidence[0]
		f.Why = fmt.Sprintf("the program uses a database (%s at %s), and which one was not found", e.Text, e.Pos)
	}
	return f
}

// findDriver looks for the driver of a database.
func findDriver(p *project.Project, database string) Finding {
	name, sure := p.Driver(database)
	drivers := p.DriversFor(database)
	f := finding(drivers, func(c project.Candidate) string { return c.Driver }, name, sure)
	for i, c := range drivers {
		if c.Apart {
			f.Evidence[i] += ", whose connections the package cannot use: it opens its own"
		}
	}
	if sure {
		f.Evidence = f.Evidence[:1]
		return f
	}
	used := p.UsedDatabases()
	i := slices.IndexFunc(used, func(c project.Candidate) bool { return c.Name == database })
	known := answers.DriversFor(database)
	if i >= 0 && len(f.Evidence) == 0 && len(known) > 1 {
		e := used[i].Evidence[0]
		f.Answer = known[0]
		f.Why = fmt.Sprintf("the program uses %s (%s at %s), and its driver was not found", answers.DatabaseNamed(database).Title, e.Text, e.Pos)
	}
	return f
}

// findMigrations looks for the directory of the project's migrations, for what
// applies them, and for the number of the next one.
func (r *Resolution) findMigrations(key string, a answers.Answers) Finding {
	dirs := slices.DeleteFunc(slices.Clone(r.project.Migrations), func(m project.MigrationDir) bool {
		switch {
		case project.NamesOther(m.Dir, a.Database):
			return true
		case key == "migrations":
			// Migrations in the package also suit the tool of the project.
			return r.Given("migrations_dir") && a.MigrationsDir != "" && m.Dir != a.MigrationsDir
		case key == "migrations_dir":
			return m.Tool != a.Migrations
		}
		return m.Tool != a.Migrations || m.Dir != a.MigrationsDir
	})
	if len(dirs) == 0 {
		return Finding{}
	}
	answer := func(m project.MigrationDir) string {
		switch key {
		case "migrations":
			return m.Tool
		case "migrations_dir":
			return m.Dir
		}
		return m.Next(r.project.Now)
	}
	f := Finding{Answer: answer(dirs[0])}
	f.Sure = !slices.ContainsFunc(dirs, func(m project.MigrationDir) bool { return answer(m) != f.Answer })
	for _, m := range dirs {
		f.Evidence = append(f.Evidence, evidence(answer(m), m.Evidence))
	}
	return f
}
