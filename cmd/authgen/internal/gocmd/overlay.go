// Package gocmd runs the go command on a module as if a plan had been applied. It writes
// nothing to the module.
package gocmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
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

// flag returns the flag that makes the go command use the overlay as it is now.
func (o *overlay) flag() (string, error) {
	text, err := json.Marshal(map[string]any{"Replace": o.replace})
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp(o.scratch, "overlay-")
	if err != nil {
		return "", err
	}
	_, err = file.Write(text)
	return "-overlay=" + file.Name(), errors.Join(err, file.Close())
}

// realNames replaces, in the output of a command, the names of staged files with those of
// the files of the module.
func (o *overlay) realNames(out string) string {
	if !strings.Contains(out, filepath.Base(o.scratch)) {
		return out
	}
	for name, staged := range o.replace {
		rel, err := filepath.Rel(o.root, name)
		if err != nil || staged == "" {
			continue
		}
		out = strings.ReplaceAll(out, staged, rel)
		// The go command shortens a name if it is shorter from where it runs.
		if short, err := filepath.Rel(o.root, staged); err == nil {
			out = strings.ReplaceAll(out, short, rel)
		}
	}
	return out
}

// Run runs a program in a directory, which must be absolute, and returns what it prints. If
// authgen gets a signal to stop, the program is stopped, and the error is
// [prompt.ErrInterrupt].
func Run(dir string, env []string, name string, args ...string) (string, error) {
	var out bytes.Buffer
	err := run(dir, env, &out, &out, name, args...)
	return strings.TrimSpace(out.String()), err
}

// run is Run with separate outputs.
func run(dir string, env []string, stdout, stderr io.Writer, name string, args ...string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, stdout, stderr
	// With PWD, the go command calls the directory by the same name as the overlay does,
	// even if symbolic links lead there.
	cmd.Env = slices.Concat(os.Environ(), []string{"PWD=" + dir}, env)
	err := cmd.Run()
	if ctx.Err() != nil {
		return prompt.ErrInterrupt
	}
	return err
}

// Env returns the values of variables, as go env prints them in a directory.
func Env(dir string, names ...string) ([]string, error) {
	cmd := exec.Command("go", append([]string{"env"}, names...)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && len(failed.Stderr) > 0 {
		return nil, errors.New(strings.TrimSpace(string(failed.Stderr)))
	}
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
	Hint     string // what to do about it, "" if the caller knows better
	Unproven bool   // the result does not build or does not pass its tests
	Modules  bool   // the go command does not find a module that the package needs
}

// Error returns the messages of the problems, separated by newlines.
func (e *Error) Error() string { return errors.Join(e.Problems...).Error() }

// Unwrap returns the problems.
func (e *Error) Unwrap() []error { return e.Problems }
