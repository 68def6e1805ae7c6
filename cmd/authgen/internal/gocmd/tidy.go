package gocmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator/plan"
	"github.com/authgen/authgen/generator/project"
)

// Tidy adds to the plan of a new module its go.mod and go.sum. It requires the missing
// modules in a given go.mod and runs go mod tidy as if the plan had been applied. It works on
// copies and writes nothing to the module's directory.
func Tidy(root string, mod []byte, missing []project.Module, plan *plan.Plan) error {
	o, err := newOverlay(root, plan)
	if err != nil {
		return err
	}
	defer func() { _ = o.close() }()
	if _, err := writeRequiring(o.scratch, mod, nil, missing, nil); err != nil {
		return err
	}
	copied := filepath.Join(o.scratch, "go.mod")
	// The go command looks for a go.mod before it reads that of -modfile.
	o.replace[o.abs("go.mod")] = copied
	// In a workspace, the go command refuses -modfile.
	at := place{dir: root, overlay: o, env: []string{"GOWORK=off"}}
	out, err := at.goCommand([]string{"mod", "tidy", "-modfile=" + copied})
	switch {
	case errors.Is(err, prompt.ErrInterrupt):
		return err
	case err != nil && out != "":
		return fmt.Errorf("go mod tidy: %w: nothing was written\n%s", err, out)
	case err != nil:
		return fmt.Errorf("go mod tidy: %w: nothing was written", err)
	}
	newMod, err := os.ReadFile(copied)
	if err != nil {
		return err
	}
	newSum, err := readIfThere(filepath.Join(o.scratch, "go.sum"))
	if err != nil {
		return err
	}
	if _, _, err := project.MergeMod(mod, newMod, nil); err != nil {
		return fmt.Errorf("go mod tidy: %w: nothing was written", err)
	}
	plan.AddFile("go.mod", nil, newMod)
	plan.AddFile("go.sum", nil, newSum)
	return nil
}

// readIfThere returns nil for a file that does not exist.
func readIfThere(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
