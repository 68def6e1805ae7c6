package gocmd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/authgen/authgen/cmd/authgen/internal/prompt"
)

// RunProgram runs the program in a directory of a module as if some files, by their names
// in the module, were there, and returns what it prints to standard output. It writes
// nothing to the module. The error has what the go command prints if the program does not
// build or fails.
func RunProgram(root, dir string, files map[string][]byte, env []string) ([]byte, error) {
	scratch, err := os.MkdirTemp("", "authgen-")
	if err != nil {
		return nil, err
	}
	o := &overlay{root, scratch, make(map[string]string)}
	defer func() { _ = o.close() }()
	for name, data := range files {
		if err := o.stage(name, data); err != nil {
			return nil, err
		}
	}
	flag, err := o.flag()
	if err != nil {
		return nil, err
	}
	var stdout, stderr bytes.Buffer
	err = run(root, env, &stdout, &stderr, "go", "run", flag, "./"+dir)
	switch {
	case err == nil || errors.Is(err, prompt.ErrInterrupt):
		return stdout.Bytes(), err
	case stderr.Len() > 0:
		return nil, fmt.Errorf("go run: %s", strings.TrimSpace(o.realNames(stderr.String())))
	}
	return nil, fmt.Errorf("go run: %w", err)
}
