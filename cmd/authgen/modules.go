package main

import (
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

// moduleList returns a list of modules separated by between. At separates the path of a
// module from its version.
func moduleList(modules []project.Module, at, between string) string {
	var list []string
	for _, m := range modules {
		list = append(list, m.Path+at+m.Version)
	}
	return strings.Join(list, between)
}

// modules returns the modules that the package imports, at the versions of go.mod or, if it
// lacks them, at those that authgen would add.
func (in *instance) modules() []project.Module {
	paths := project.Modules(in.answers)
	modules, err := in.project.Missing(paths...)
	if err != nil {
		return nil
	}
	for _, path := range paths {
		if !slices.ContainsFunc(modules, func(m project.Module) bool { return m.Path == path }) {
			modules = append(modules, project.Module{Path: path, Version: in.project.Requires[path].Version})
		}
	}
	slices.SortFunc(modules, func(a, b project.Module) int { return strings.Compare(a.Path, b.Path) })
	return modules
}

// goGet returns the command that adds modules to go.mod. It names the packages that the
// plan's files import: for those, go get also adds what they need in turn.
func goGet(plan *plan.Plan, modules []project.Module) string {
	imported := make(map[string]bool)
	for name, data := range plan.Written() {
		if path.Ext(name) != ".go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, data, parser.ImportsOnly)
		if err != nil {
			continue // its imports are unknown
		}
		for _, spec := range file.Imports {
			if p, err := strconv.Unquote(spec.Path.Value); err == nil {
				imported[p] = true
			}
		}
	}
	command := "go get"
	for _, m := range modules {
		found := false
		for _, p := range slices.Sorted(maps.Keys(imported)) {
			if p == m.Path || strings.HasPrefix(p, m.Path+"/") {
				command += " " + p + "@" + m.Version
				found = true
			}
		}
		if !found {
			command += " " + m.Path + "@" + m.Version
		}
	}
	return command
}
