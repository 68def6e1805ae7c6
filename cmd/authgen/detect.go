package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// found says what was found out about the project and settles a question, before
// the others are asked.
func (c *cli) found(s *survey) {
	c.say("module %s, go %s", s.project.Module, s.project.GoVersion)
	for _, key := range []string{"router", "database", "migrations"} {
		if d := s.detect(key); d.sure {
			c.say("found %s", d.evidence[0])
		}
	}
	c.say("")
}

// detection is what the project tells about one answer.
type detection struct {
	value    string   // the likeliest answer; empty if nothing was found
	sure     bool     // the project leaves no choice, so nobody is asked
	evidence []string // a line for each thing that was found
}

// unclear reports whether the project speaks for several answers.
func (d detection) unclear() bool { return !d.sure && len(d.evidence) > 1 }

// detect looks for the answer to a key. It goes by the answers for earlier keys.
func detect(p *project.Project, key string, a answers.Answers, given map[string]bool, now time.Time) detection {
	switch key {
	case "router":
		used := project.Used(p.Routers)
		name, sure := p.Router()
		return detectionOf(used, func(c project.Candidate) string { return c.Name }, name, sure)
	case "database":
		used := project.Used(p.Drivers)
		name, sure := p.Database()
		return detectionOf(used, func(c project.Candidate) string { return c.Database }, name, sure)
	case "driver":
		fit := slices.DeleteFunc(project.Used(p.Drivers), func(c project.Candidate) bool { return c.Database != a.Database })
		drivers := slices.DeleteFunc(slices.Clone(fit), func(c project.Candidate) bool {
			return !slices.Contains(answers.DriversFor(a.Database), c.Name)
		})
		name, sure := p.Driver(a.Database)
		if len(drivers) == 0 && len(fit) > 0 {
			// A dialect of GORM wraps a driver that the application does not see.
			return detection{value: answers.DriversFor(a.Database)[0], sure: true}
		}
		return detectionOf(drivers, func(c project.Candidate) string { return c.Name }, name, sure)
	case "store":
		d := detectionOf(project.Used(p.Stores), func(c project.Candidate) string { return c.Name }, "", false)
		d.value = "" // the users' database is there in any case
		return d
	case "migrations", "migrations_dir", "migrations_version":
		return detectMigrations(p, key, a, given, now)
	}
	return detection{}
}

// detectionOf is what candidates tell; name and sure are the verdict on them.
func detectionOf(used []project.Candidate, answer func(project.Candidate) string, name string, sure bool) detection {
	d := detection{value: name, sure: sure}
	for _, c := range used {
		d.evidence = append(d.evidence, evidence(answer(c), c.Evidence[0]))
	}
	if name == "" && len(used) > 0 {
		d.value = answer(used[0])
	}
	return d
}

func evidence(answer string, e project.Evidence) string {
	if e.Text == answer {
		return fmt.Sprintf("%s at %s", answer, e.Pos)
	}
	return fmt.Sprintf("%s: %s at %s", answer, e.Text, e.Pos)
}

// detectMigrations looks for the directory of the project's migrations, for what
// applies them, and for the number of the next one.
func detectMigrations(p *project.Project, key string, a answers.Answers, given map[string]bool, now time.Time) detection {
	dirs := slices.DeleteFunc(slices.Clone(p.Migrations), func(m project.MigrationDir) bool {
		switch {
		case key == "migrations":
			// In the package, the tool is the project's all the same.
			return given["migrations_dir"] && a.MigrationsDir != "" && m.Dir != a.MigrationsDir
		case key == "migrations_dir":
			return m.Tool != a.Migrations
		}
		return m.Tool != a.Migrations || m.Dir != a.MigrationsDir
	})
	if len(dirs) == 0 {
		return detection{}
	}
	answer := func(m project.MigrationDir) string {
		switch key {
		case "migrations":
			return m.Tool
		case "migrations_dir":
			return m.Dir
		}
		return m.Next(now)
	}
	d := detection{value: answer(dirs[0])}
	d.sure = !slices.ContainsFunc(dirs, func(m project.MigrationDir) bool { return answer(m) != d.value })
	for _, m := range dirs {
		d.evidence = append(d.evidence, evidence(answer(m), m.Evidence))
	}
	return d
}
