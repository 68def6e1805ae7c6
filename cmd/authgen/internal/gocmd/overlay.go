// Package gocmd runs the go command on a module as a plan would make it, while nothing
// is written to the module.
package gocmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
	"github.com/authgen/authgen/generator/plan"
)

// overlay lets the go command see a module as if a plan had been applied, while
// nothing is written to it.
type overlay struct {
	root    string // of the module
	scratch string // a directory of its own
	replace map[string]string
}

// newOverlay stages what a plan writes. The overlay is to be closed.
func newOverlay(root string, plan *plan.Plan) (*overlay, error) {
	scratch, err := os.MkdirTemp("", "authgen-")
	if err != nil {
		return nil, err
	}
	o := &overlay{root, scratch, make(map[string]string)}
	for name, data := range plan.Written() {
		if data == nil {
			o.replace[o.abs(name)] = ""
		} else if err := o.stage(name, data); err != nil {
			_ = o.close()
			return nil, err
		}
	}
	return o, nil
}

// stage puts a file into the overlay.
func (o *overlay) stage(name string, data []byte) error {
	staged, err := os.CreateTemp(o.scratch, "staged-")
	if err != nil {
		return err
	}
	o.replace[o.abs(name)] = staged.Name()
	_, err = staged.Write(data)
	return errors.Join(err, staged.Close())
}

// abs is where a file of the module is.
func (o *overlay) abs(name string) string {
	return filepath.Join(o.root, filepath.FromSlash(name))
}

func (o *overlay) close() error { return os.RemoveAll(o.scratch) }

// goCommand runs the go command in the root of the module with the overlay, given
// as the last of the flags, and returns what it prints. It is stopped when authgen
// is, and the error is prompt.ErrInterrupt then. Two commands may run at once.
func (o *overlay) goCommand(env []string, command []string, args ...string) (string, error) {
	text, err := json.Marshal(map[string]any{"Replace": o.replace})
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp(o.scratch, "overlay-")
	if err != nil {
		return "", err
	}
	if _, err := file.Write(text); err != nil {
		return "", errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil {
		return "", err
	}
	return Run(o.root, env, "go", append(append(command, "-overlay="+file.Name()), args...)...)
}

// Run runs a program in a directory and returns what it prints. It is stopped when
// authgen is, and the error is [prompt.ErrInterrupt] then.
func Run(dir string, env []string, name string, args ...string) (string, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = prompt.ErrInterrupt
	}
	return strings.TrimSpace(string(out)), err
}

// Env returns the values that go env prints in a directory for some variables.
func Env(dir string, names ...string) ([]string, error) {
	cmd := exec.Command("go", append([]string{"env"}, names...)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	values := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(values) != len(names) {
		return nil, fmt.Errorf("go env prints %q for %s", out, strings.Join(names, " "))
	}
	return values, nil
}

// An Error says what the go command does not accept.
type Error struct {
	Problems []error
	Hint     string // what to do about it
	Unproven bool   // the result does not build or does not pass its tests
}

// Error returns a line a problem, or more.
func (e *Error) Error() string { return errors.Join(e.Problems...).Error() }

// Unwrap returns the problems.
func (e *Error) Unwrap() []error { return e.Problems }
