package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/project"
)

// moduleList joins modules by between, and each with its version by at.
func moduleList(modules []project.Module, at, between string) string {
	var list []string
	for _, m := range modules {
		list = append(list, m.Path+at+m.Version)
	}
	return strings.Join(list, between)
}

// nextSteps prints what is left to the developer: the lines to add, and where.
func (c *cli) nextSteps(project *project.Project, a answers.Answers, missing []project.Module, tidied bool) {
	c.say("\nNext:")
	step := 0
	next := func(format string, args ...any) {
		step++
		c.say("\n%d. "+format, append([]any{step}, args...)...)
	}
	if len(missing) > 0 && !tidied {
		next("Add the modules that the package needs:\n\n     go get %s\n     go mod tidy", moduleList(missing, "@", " "))
	}
	if project.Vendored {
		next("Bring vendor up to date:\n\n     go mod vendor")
	}
	if !a.Migrates() {
		next("Apply the migration%s", migrationText(project, a))
	}
	w := emit.Wire(project, a)
	where := "where the application creates its router"
	if w.Mount.Pos.File != "" {
		where = fmt.Sprintf("at %s, after %s", w.Mount.Pos, w.Mount.After)
	}
	if w.First {
		where += ", before any route"
	}
	next("Mount it %s:\n", where)
	c.say("%s", indent(w.Code))
	if w.Serve {
		next("Serve the router through it: where %[2]s was given to the server,\n   give a.Middleware(%[2]s).", w.Mount.Variable)
	}
	self := "authgen"
	if project.Tool {
		self = "go tool authgen"
	}
	next("Set BASE_URL to the URL at which browsers reach it, and AUTH_KEYS to what this\n   prints, which is a secret:\n\n     %s key", self)
	next("Behind a reverse proxy, list its addresses in Config.TrustedProxies; otherwise\n   all visitors share one rate limit.")
	next("Read %s: how to guard a route, how to create the\n   first administrator, and what is yours to edit.", path.Join(a.Package, "doc.go"))
}

// indent indents lines as the other lines to paste are.
func indent(lines string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(lines, "\n"), "\n") {
		if line != "" {
			line = "     " + line
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// migrationText is how the tool that the migration is for applies it, as the end of
// a sentence.
func migrationText(project *project.Project, a answers.Answers) string {
	dir := a.MigrationsDir
	if dir == "" {
		dir = path.Join(a.Package, "migrations")
	}
	quoted := shellQuote(dir)
	var commands []string
	if a.MigrationsDir != "" {
		// The sums of a directory are of all that is in it.
		_, err := os.Stat(filepath.Join(project.Root, filepath.FromSlash(dir), "atlas.sum"))
		switch {
		case a.Migrations == "atlas":
			commands = append(commands, "atlas migrate hash --dir "+shellQuote("file://"+dir))
		case err == nil:
			commands = append(commands, "atlas migrate hash --dir "+shellQuote("file://"+dir+"?format="+a.Migrations))
		}
	}
	switch a.Migrations {
	case "goose":
		dialect := a.Database
		if dialect == "sqlite" {
			dialect = "sqlite3"
		}
		commands = append(commands, "goose -dir "+quoted+" "+dialect+` "$DATABASE_URL" up`)
	case "golang-migrate":
		commands = append(commands, "migrate -path "+quoted+` -database "$DATABASE_URL" up`)
		if a.Database == "mysql" {
			commands = append(commands, "# DATABASE_URL needs the parameter multiStatements=true for that")
		}
	case "tern":
		commands = append(commands, "tern migrate --migrations "+quoted)
	case "dbmate":
		commands = append(commands, "dbmate --migrations-dir "+quoted+" up")
	case "atlas":
		commands = append(commands, "atlas migrate apply --dir "+shellQuote("file://"+dir)+` --url "$DATABASE_URL"`)
	default:
		return " in " + dir + " as the project applies the others there."
	}
	return ", for instance with:\n\n" + indent(strings.Join(commands, "\n"))
}
