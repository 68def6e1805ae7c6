package gocmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

// Require adds to the plan a go.mod and a go.sum with all that the package needs: the
// missing modules, those that they need in turn, and the sums. Nothing else in the two
// files changes. Require returns which requirements rise. It works on copies and writes
// nothing to the module.
func Require(pkg Package, missing []project.Module, plan *plan.Plan) ([]project.Raised, error) {
	s, err := readSettings(pkg.Root)
	if err != nil {
		return nil, err
	}
	o, err := newOverlay(pkg.Root, plan)
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.close() }()
	oldMod, err := os.ReadFile(filepath.Join(pkg.Root, "go.mod"))
	if err != nil {
		return nil, err
	}
	oldSum, err := readIfThere(filepath.Join(pkg.Root, "go.sum"))
	if err != nil {
		return nil, err
	}
	siblings, err := writeRequiring(o.scratch, oldMod, oldSum, missing, s.work)
	if err != nil {
		return nil, err
	}
	// With -mod=mod, the go command adds what it misses while it loads the packages. Unlike
	// go mod tidy, it looks at no other packages. In a workspace, it refuses -modfile.
	copied := filepath.Join(o.scratch, "go.mod")
	at := place{
		dir: pkg.Root, overlay: o,
		env:   []string{"GOWORK=off"},
		flags: []string{"-mod=mod", "-modfile=" + copied},
	}
	if err := at.load(pkg, pkg.patterns(plan)); err != nil {
		return nil, err
	}
	newMod, err := os.ReadFile(copied)
	if err != nil {
		return nil, err
	}
	if _, raised, err := project.MergeMod(oldMod, newMod, siblings); err == nil && raised != nil {
		// Other packages of the module use these modules, too, and need their sums.
		if newMod, err = at.loadAll(copied); err != nil {
			return nil, err
		}
	}
	newSum, err := readIfThere(filepath.Join(o.scratch, "go.sum"))
	if err != nil {
		return nil, err
	}
	mod, raised, err := project.MergeMod(oldMod, newMod, siblings)
	if err != nil {
		return nil, &Error{
			Problems: []error{fmt.Errorf("nothing was written: %w", err)},
			Hint:     "raise the go line with go mod edit -go=VERSION, or require other versions of these modules",
		}
	}
	plan.AddFile("go.mod", oldMod, mod)
	plan.AddFile("go.sum", oldSum, project.MergeSum(oldSum, newSum))
	return raised, nil
}

// loadAll has the go command add what all packages of the module need to a copy of go.mod and
// its go.sum, and returns that go.mod. What is wrong with the packages shows when they are
// built.
func (p place) loadAll(mod string) ([]byte, error) {
	if _, err := p.goCommand([]string{"list", "-e", "-deps", "-test", "-buildvcs=false"}, "./..."); errors.Is(err, prompt.ErrInterrupt) {
		return nil, err
	}
	return os.ReadFile(mod)
}

// writeRequiring writes copies of a go.mod and a go.sum to a directory. The copy of go.mod
// requires the missing modules, and replaces the other modules of the workspace, whose paths
// are returned.
func writeRequiring(dir string, mod, sum []byte, missing []project.Module, w *workspace) (siblings map[string]bool, err error) {
	file, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		return nil, err
	}
	for _, m := range missing {
		if err := file.AddRequire(m.Path, m.Version); err != nil {
			return nil, err
		}
	}
	if w != nil {
		if siblings, err = w.replaceIn(file); err != nil {
			return nil, err
		}
	}
	file.Cleanup()
	text, err := file.Format()
	if err != nil {
		return nil, err
	}
	return siblings, writeModules(dir, text, sum)
}

// writeModules writes a go.mod, and a go.sum unless it is nil, to a directory.
func writeModules(dir string, mod, sum []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o600); err != nil {
		return err
	}
	if sum == nil {
		return nil
	}
	return os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600)
}
