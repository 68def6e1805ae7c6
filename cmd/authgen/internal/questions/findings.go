package questions

import (
	"fmt"
	"slices"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// A Finding is what the project says about one answer.
type Finding struct {
	Answer   string   // the likeliest; empty if the default is as likely
	Sure     bool     // the project leaves no choice, so nobody is asked
	Evidence []string // one line for each piece of evidence
}

// Unclear reports whether the project suggests several answers.
func (f Finding) Unclear() bool { return !f.Sure && len(f.Evidence) > 1 }

// find looks for the answer to a key in the project. The answers in a are complete for
// earlier keys, and those for later keys are what was given or the defaults.
func (r *Resolution) find(key string, a answers.Answers) Finding {
	switch p := r.project.Project; key {
	case "router":
		name, sure := p.Router()
		return finding(project.Used(p.Routers), nameOf, name, sure)
	case "database":
		name, sure := p.Database()
		return finding(project.Used(p.Drivers), func(c project.Candidate) string { return c.Database }, name, sure)
	case "driver":
		fit := slices.DeleteFunc(project.Used(p.Drivers), func(c project.Candidate) bool { return c.Database != a.Database })
		known := answers.DriversFor(a.Database)
		drivers := slices.DeleteFunc(slices.Clone(fit), func(c project.Candidate) bool { return !slices.Contains(known, c.Name) })
		if len(drivers) == 0 && len(fit) > 0 {
			// A dialect of GORM wraps a driver that the application does not import.
			return Finding{Answer: known[0], Sure: true}
		}
		name, sure := p.Driver(a.Database)
		return finding(drivers, nameOf, name, sure)
	case "store":
		f := finding(project.Used(p.Stores), nameOf, "", false)
		f.Answer = "" // the database of the users is always available
		return f
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

// findMigrations looks for the directory of the project's migrations, for what
// applies them, and for the number of the next one.
func (r *Resolution) findMigrations(key string, a answers.Answers) Finding {
	dirs := slices.DeleteFunc(slices.Clone(r.project.Migrations), func(m project.MigrationDir) bool {
		switch {
		case key == "migrations":
			// Migrations in the package also suit the tool of the project.
			return r.isGiven("migrations_dir") && a.MigrationsDir != "" && m.Dir != a.MigrationsDir
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
