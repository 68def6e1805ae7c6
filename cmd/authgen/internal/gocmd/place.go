package gocmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
)

// A place is a directory in which the go command sees the module, or its part that matters.
type place struct {
	dir     string
	overlay *overlay // nil if the directory has all files
	env     []string
	flags   []string // for every command
}

// args returns the arguments of a go command. The flags come between command and args.
func (p place) args(command, args []string) ([]string, error) {
	all := slices.Concat(command, p.flags)
	if p.overlay != nil {
		flag, err := p.overlay.flag()
		if err != nil {
			return nil, err
		}
		all = append(all, flag)
	}
	return append(all, args...), nil
}

// goCommand runs a go command and returns what it prints, with the names that files have
// in the module. Two commands may run at once.
func (p place) goCommand(command []string, args ...string) (string, error) {
	all, err := p.args(command, args)
	if err != nil {
		return "", err
	}
	out, err := Run(p.dir, p.env, "go", all...)
	return p.inModule(out), err
}

// inModule returns the output of a command with the names that files have in the module.
func (p place) inModule(out string) string {
	if p.overlay != nil {
		out = p.overlay.realNames(out)
	}
	return strings.ReplaceAll(out, p.dir+string(filepath.Separator), "")
}

// A listed package is what go list says about a package.
type listed struct {
	ImportPath string
	Module     *struct{ Main bool }
	Error      *struct{ Err string }
}

// load returns an error if the go command does not find all packages of other modules that
// the package and its tests import. Everything else that is wrong shows when they are
// built.
func (p place) load(pkg Package, patterns []string) error {
	flags := []string{"-e", "-deps", "-test", "-buildvcs=false", "-json=ImportPath,Module,Error"}
	args, err := p.args([]string{"list"}, append(flags, patterns...))
	if err != nil {
		return err
	}
	var stdout, stderr bytes.Buffer
	err = run(p.dir, p.env, &stdout, &stderr, "go", args...)
	switch {
	case errors.Is(err, prompt.ErrInterrupt):
		return err
	case err != nil && stderr.Len() == 0:
		return modulesError(err.Error())
	case err != nil:
		return modulesError(p.inModule(strings.TrimSpace(stderr.String())))
	}
	var problems []string
	for packages := json.NewDecoder(&stdout); ; {
		var l listed
		if err := packages.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("go list: %w", err)
		}
		if l.Error == nil || l.Module != nil && l.Module.Main || !pkg.elsewhere(l.ImportPath) {
			continue
		}
		text := p.inModule(l.Error.Err)
		if !strings.Contains(text, l.ImportPath) {
			text = l.ImportPath + ": " + text
		}
		if !slices.Contains(problems, text) {
			problems = append(problems, text)
		}
	}
	if problems == nil {
		return nil
	}
	return modulesError(strings.Join(problems, "\n"))
}

// elsewhere reports whether a package is of another module, and not of the standard
// library.
func (pkg Package) elsewhere(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(first, ".") && importPath != pkg.Module && !strings.HasPrefix(importPath, pkg.Module+"/")
}

// modulesError returns the error for modules that the go command does not find.
func modulesError(text string) *Error {
	return &Error{
		Problems: []error{fmt.Errorf("nothing was written: the go command cannot load what the package needs:\n%s", text)},
		Modules:  true,
	}
}
