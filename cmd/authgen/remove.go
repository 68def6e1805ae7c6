package main

import (
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

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
them.`,
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
	c.say("databases keep their tables; run go mod tidy once nothing imports the package")
	return nil
}

// importers returns where Go files of the project import a package or one below it.
func importers(project *project.Project, imported string) ([]string, error) {
	var found []string
	module := os.DirFS(project.Root)
	err := fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || d.Name() == "vendor" || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(module, name)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.ImportsOnly)
		if err != nil {
			return nil //nolint:nilerr // its imports are unknown
		}
		for _, spec := range file.Imports {
			if p, err := strconv.Unquote(spec.Path.Value); err == nil && (p == imported || strings.HasPrefix(p, imported+"/")) {
				found = append(found, fmt.Sprintf("%s:%d", name, fset.Position(spec.Pos()).Line))
			}
		}
		return nil
	})
	return found, err
}
