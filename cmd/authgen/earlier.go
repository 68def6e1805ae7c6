package main

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/templates"
)

// takeEarlier lets a new package build on the migrations of an earlier one that was
// removed. Otherwise the database would get each table twice.
func (in *instance) takeEarlier() error {
	if in.base != nil {
		return nil
	}
	target, err := in.target()
	if err != nil {
		return err
	}
	var dirs []string
	for _, m := range in.project.Migrations {
		dirs = append(dirs, m.Dir)
	}
	in.base, err = plan.Earlier(os.DirFS(in.project.Root), in.project.Module, in.answers, dirs, func() ([]emit.File, error) {
		return emit.Package(templates.FS, in.answers, target)
	})
	if misfit, ok := errors.AsType[*plan.EarlierError](err); ok {
		hint := "if no database has them, delete them; otherwise drop their tables first, or give the new package others with --name"
		if misfit.Dir != "" {
			hint = "--migrations_dir=" + shellQuote(misfit.Dir) + " builds on them; if no database has them, delete them"
		}
		return withHint("nothing was written; "+hint, err)
	}
	for name := range in.base.Paths() {
		in.earlier = append(in.earlier, in.inModule(name))
	}
	slices.Sort(in.earlier)
	return err
}

// sayEarlier prints which migrations of an earlier package a new one builds on.
func (c *cli) sayEarlier(in *instance) {
	if in.earlier != nil {
		c.say("an earlier package left %s: databases may have its tables, so these are not created again", strings.Join(in.earlier, ", "))
	}
}
