package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

var removeCommand = command{
	name:    "remove",
	args:    "[flags]",
	summary: "remove what authgen wrote",
	detail: `Removes the files that authgen wrote, authgen.yaml and authgen.lock. If you edited
any, nothing is removed unless --force is given. Your own files in the directory
stay, and so do migrations in a directory of the project, since databases may have
them: it says how to remove the tables. A later authgen init builds on these
migrations. go.mod and go.sum are as before after go mod tidy, but for versions of
other modules that the package raised.`,
	lists: true,
	register: func(flags *flag.FlagSet) func(*cli, []string) error {
		sel := selectionFlag(flags)
		force := flags.Bool("force", false, "also remove files that you edited")
		return func(c *cli, args []string) error {
			if err := noArgs("remove", args); err != nil {
				return err
			}
			return c.remove(sel, *force)
		}
	},
}

// remove removes a package.
func (c *cli) remove(sel *selection, force bool) error {
	in, err := sel.openOne("remove")
	if err != nil {
		return err
	}
	if in.base == nil {
		return failf("authgen restore authgen.lock recovers it; otherwise delete the directory", "%s: there is no %s that says what authgen wrote", in.dir, plan.LockFile)
	}
	plan, err := plan.NewRemoval(os.DirFS(in.project.Root), in.answers, in.base, force)
	if err != nil {
		return err
	}
	var edited errorList
	for _, s := range plan.Blocked() {
		edited = append(edited, fmt.Errorf("%s: it has your edits", plan.InModule(s)))
	}
	if edited != nil {
		return withHint("nothing was removed; move them elsewhere, or give --force", edited)
	}
	if err := in.apply(plan); err != nil {
		return err
	}
	c.list(plan)
	users, err := importers(in.project, path.Join(in.project.Module, in.dir))
	if err != nil {
		return err
	}
	for _, at := range users {
		c.say("%s still imports it", at)
	}
	c.tablesLeft(in, plan)
	c.say("\nOnce nothing imports the package, run go mod tidy. Versions of other modules that\nrose for it stay.")
	return nil
}

// tablesLeft prints how to remove the tables that databases have of a removed package,
// and why files of it stay.
func (c *cli) tablesLeft(in *instance, p *plan.Plan) {
	tool := answers.MigrationToolNamed(in.answers.Migrations)
	var names, statements []string
	stay := false
	for _, s := range slices.Backward(p.Steps) { // the latest migration first
		if s.Class != emit.Migration || s.Old() == nil || tool.Pair && !strings.HasSuffix(s.Path, ".down.sql") {
			continue
		}
		stay = stay || s.Action == plan.Keep
		names = append(names, p.InModule(s))
		statements = append(statements, downStatements(tool, s.Old()))
	}
	if in.answers.Migrates() {
		statements = append(statements, "DROP TABLE "+emit.TablePrefix(in.answers)+"migrations;\n")
	}
	list := strings.Join(names, ", then of ")
	switch {
	case names == nil:
	case tool.OneWay:
		c.say("\nDatabases keep their tables. To remove them, drop those of %s.", list)
	case !stay:
		c.say("\nDatabases keep their tables. These statements remove them:\n\n%s", indent(strings.Join(statements, "")))
	case tool.Pair:
		c.say("\nDatabases keep their tables. To remove them, apply %s.", strings.Join(names, ", then "))
	default:
		c.say("\nDatabases keep their tables. To remove them, apply the down part of %s.", list)
	}
	if stay {
		c.say("The migrations stay, since the tool that applies them expects each that a database\n" +
			"has. Delete them once no database has their tables. Until then, authgen init builds\n" +
			"on them.")
	}
}

// downStatements returns the statements of a migration that revert it.
func downStatements(tool answers.MigrationTool, text []byte) string {
	down := string(text)
	if !tool.Pair {
		_, down, _ = strings.Cut(down, strings.TrimSpace(tool.Down))
	}
	var b strings.Builder
	for line := range strings.Lines(down) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, "--") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// importers returns where Go files of the project import a package or one below it.
func importers(project *project.Project, imported string) ([]string, error) {
	var found []string
	err := goFiles(project, parser.ImportsOnly, func(file *ast.File, at func(token.Pos) string) {
		for _, spec := range file.Imports {
			if p, err := strconv.Unquote(spec.Path.Value); err == nil && (p == imported || strings.HasPrefix(p, imported+"/")) {
				found = append(found, at(spec.Pos()))
			}
		}
	}, nil)
	return found, err
}
