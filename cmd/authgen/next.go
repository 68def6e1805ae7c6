package main

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/project"
)

// nextSteps prints what the developer has to do next: the lines to add, and where. Applied
// says that the application applies the migration, if it does. Vendor is
// the command that brings the vendor directory up to date, if it is needed.
func (c *cli) nextSteps(project *project.Project, a answers.Answers, missing []project.Module, tidied bool, applied, vendor string) {
	c.say("\nNext:")
	step := 0
	next := func(format string, args ...any) {
		step++
		c.say("\n%d. "+format, append([]any{step}, args...)...)
	}
	if len(missing) > 0 && !tidied {
		next("Add the modules that the package needs:\n\n     go get %s\n     go mod tidy", moduleList(missing, "@", " "))
	}
	if vendor != "" {
		next("Bring vendor up to date:\n\n     %s", vendor)
	}
	switch {
	case a.Migrates():
	case applied != "":
		next("%s.\n   Otherwise, apply the migration%s", applied, migrationText(project, a))
	default:
		next("Apply the migration%s", migrationText(project, a))
	}
	w := emit.Wire(project, a)
	where, unclear := "where the application creates its router", ""
	switch {
	case w.Mount.Pos.File != "":
		where = fmt.Sprintf("at %s, after %s", w.Mount.Pos, w.Mount.After)
	case w.Mount.Unclear != "":
		unclear = "\n\n   Could not tell where that is: " + w.Mount.Unclear + "."
	}
	if w.First {
		where += ", before any route"
	}
	next("Mount it %s:%s\n", where, unclear)
	c.say("%s\n\n   The middleware is for your own routes, too: it opens the session cookie, and refuses\n   unsafe requests (POST and the like) that pages of another origin send. With\n   %s.SessionMiddleware in its place, your routes accept those.", indent(w.Code), w.Auth)
	if w.Serve {
		served, pass := "where it is served", ""
		if w.Mount.Served.Text != "" {
			served = fmt.Sprintf("at %s", w.Mount.Served.Pos)
		}
		if w.Mount.Elsewhere {
			pass = fmt.Sprintf(" That is in another function,\n   so bring %s there, in a field or as a result.", w.Auth)
		}
		next("Serve the router through it: %s, pass on %s.Middleware(%s)\n   instead of %s.%s", served, w.Auth, w.Pass, w.Instead, pass)
	}
	if len(a.Public)+len(a.Protected) > 0 && project.Unanswered(answers.LoginPath) {
		next("Add the page %s, to which the gate redirects, or name another one in Config.LoginPath:\n   no route of the application was found that answers it.", answers.LoginPath)
	}
	self := "authgen"
	if project.Tool {
		self = "go tool authgen"
	}
	next("Set BASE_URL to the URL at which browsers reach it, and AUTH_KEYS to what this\n   prints, which is a secret:\n\n     %s key", self)
	next("Behind a reverse proxy, list its addresses in Config.TrustedProxies; otherwise\n   all visitors share one rate limit.")
	if !w.Mount.Timeouts {
		next("Give the server timeouts, which it does not have by default, such as\n   %s.", answers.RouterNamed(w.Mount.Router).ServerTimeouts())
	}
	if len(a.Roles) > 1 {
		next("Create the first administrator in a command of your own, since everyone who signs up\n   gets the role %s:\n\n     %s.CreateUser(ctx, %s.NewUser{Email: email, Password: password, Role: %s.%s})",
			a.DefaultRole, w.Auth, a.PackageName, a.PackageName, "Role"+answers.GoName(a.Roles[0].Name))
	}
	next("Read %s: how to guard a route, and what is yours to edit.", path.Join(a.Package, "doc.go"))
}

// indent indents the lines of code and commands in the output.
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

// migrationText returns how to apply the migration with its tool, as the end of a
// sentence.
func migrationText(project *project.Project, a answers.Answers) string {
	dir := a.MigrationsDir
	if dir == "" {
		dir = path.Join(a.Package, "migrations")
	}
	var commands []string
	add := func(command, url string) {
		commands = append(commands, strings.NewReplacer("{dir}", shellQuote(dir), "{url}", shellQuote(url)).Replace(command))
	}
	url := "file://" + dir
	for _, t := range answers.MigrationTools {
		if t.Sums == "" || a.MigrationsDir == "" {
			continue
		}
		// The file of checksums covers all files of the directory.
		_, err := os.Stat(filepath.Join(project.Root, filepath.FromSlash(dir), t.Sums))
		switch {
		case a.Migrations == t.Name:
			add(t.Hash, url)
		case err == nil:
			add(t.Hash, url+"?format="+a.Migrations)
		}
	}
	tool := answers.MigrationToolNamed(a.Migrations)
	if tool.Command == "" {
		return " in " + dir + " as the project applies the others there."
	}
	add(strings.ReplaceAll(tool.Command, "{database}", cmp.Or(tool.Names[a.Database], a.Database)), url)
	if note := tool.Notes[a.Database]; note != "" {
		commands = append(commands, note)
	}
	return ", for instance with:\n\n" + indent(strings.Join(commands, "\n"))
}
