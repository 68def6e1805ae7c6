// Package gocmd runs the go command on a module as if a plan had been applied. It writes
// nothing to the module.
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

// overlay lets the go command see a module as if a plan had been applied.
type overlay struct {
	root    string            // of the module
	scratch string            // a temporary directory
	replace map[string]string // as in the file of the flag -overlay
}

// newOverlay stages the files that a plan writes. The caller must close the overlay.
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

// abs returns the absolute path of a file of the module.
func (o *overlay) abs(name string) string {
	return filepath.Join(o.root, filepath.FromSlash(name))
}

func (o *overlay) close() error { return os.RemoveAll(o.scratch) }

// goCommand runs a go command with the overlay in the root of the module, and returns
// what it prints. The flag for the overlay comes between command and args. If authgen
// gets a signal to stop, the command is stopped, and the error is prompt.ErrInterrupt.
// Two commands may run at once.
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

// Run runs a program in a directory and returns what it prints. If authgen gets a signal
// to stop, the program is stopped, and the error is [prompt.ErrInterrupt].
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

// Env returns the values of variables, as go env prints them in a directory.
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

// An Error holds the problems that the go command found in the result of a plan.
type Error struct {
	Problems []error
	Hint     string // what to do about it
	Unproven bool   // the result does not build or does not pass its tests
}

// Error returns the messages of the problems, separated by newlines.
func (e *Error) Error() string { return errors.Join(e.Problems...).Error() }

// Unwrap returns the problems.
func (e *Error) Unwrap() []error { return e.Problems }
