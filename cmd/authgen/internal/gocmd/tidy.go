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

// Tidy requires the missing modules, runs go mod tidy as if the plan had been applied,
// and adds the resulting go.mod and go.sum to the plan. Mod is the go.mod to start from,
// nil for that of the project. Tidy works on copies, and writes nothing to the project.
func Tidy(root string, mod []byte, missing []project.Module, plan *plan.Plan) error {
	o, err := newOverlay(root, plan)
	if err != nil {
		return err
	}
	defer func() { _ = o.close() }()

	oldMod, err := readIfThere(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	if mod == nil {
		mod = oldMod
	}
	file, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		return err
	}
	for _, m := range missing {
		if err := file.AddRequire(m.Path, m.Version); err != nil {
			return err
		}
	}
	required, err := file.Format()
	if err != nil {
		return err
	}
	oldSum, err := readIfThere(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	modCopy, sumCopy := filepath.Join(o.scratch, "go.mod"), filepath.Join(o.scratch, "go.sum")
	if err := os.WriteFile(modCopy, required, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(sumCopy, oldSum, 0o600); err != nil {
		return err
	}
	if err := goModTidy(o, modCopy); err != nil {
		return err
	}
	newMod, err := os.ReadFile(modCopy)
	if err != nil {
		return err
	}
	newSum, err := readIfThere(sumCopy)
	if err != nil {
		return err
	}
	if err := checkTidied(mod, newMod); err != nil {
		return err
	}
	plan.AddFile("go.mod", oldMod, newMod)
	plan.AddFile("go.sum", oldSum, newSum)
	return nil
}

// checkTidied returns an error if tidying changed what the developer chose: the go line,
// or a direct requirement. For go mod tidy drops modules that nothing imports yet, and
// adds the newest versions of those that go.mod lacks.
func checkTidied(before, after []byte) error {
	old, err := modfile.Parse("go.mod", before, nil)
	if err != nil {
		return err
	}
	tidied, err := modfile.Parse("go.mod", after, nil)
	if err != nil {
		return err
	}
	var changes []error
	if old.Go != nil && (tidied.Go == nil || tidied.Go.Version != old.Go.Version) {
		changes = append(changes, fmt.Errorf("go mod tidy would change go %s to go %s", old.Go.Version, tidied.Go.Version))
	}
	versions := make(map[string]string)
	for _, r := range tidied.Require {
		versions[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range old.Require {
		switch now := versions[r.Mod.Path]; {
		case r.Indirect || now == r.Mod.Version:
		case now == "":
			changes = append(changes, fmt.Errorf("go mod tidy would drop %s, which nothing imports", r.Mod.Path))
		default:
			changes = append(changes, fmt.Errorf("go mod tidy would change %s from %s to %s", r.Mod.Path, r.Mod.Version, now))
		}
	}
	if changes == nil {
		return nil
	}
	return &Error{
		Problems: changes,
		Hint:     "nothing was written; run go mod tidy yourself and look at what it does, or leave go.mod alone with --tidy=false",
	}
}

// readIfThere returns nil for a file that does not exist.
func readIfThere(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// goModTidy runs go mod tidy on a copy of go.mod, as if the plan had been
// applied.
func goModTidy(o *overlay, modCopy string) error {
	gomod := filepath.Join(o.root, "go.mod")
	if _, err := os.Stat(gomod); err != nil {
		// A new module has no go.mod yet, and the go command looks for one before it
		// reads that of -modfile.
		o.replace[gomod] = modCopy
	}
	// In a workspace, the go command refuses -modfile.
	out, err := o.goCommand([]string{"GOWORK=off"}, []string{"mod", "tidy", "-modfile=" + modCopy})
	switch {
	case errors.Is(err, prompt.ErrInterrupt):
		return err
	case err != nil && out != "":
		return fmt.Errorf("go mod tidy: %w: nothing was written\n%s", err, out)
	case err != nil:
		return fmt.Errorf("go mod tidy: %w: nothing was written", err)
	}
	return nil
}
