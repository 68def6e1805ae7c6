//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// acquire takes the lock by creating the file at name, or fails at once. It takes over the
// file of a process that has ended, on systems where FindProcess fails for one, such as
// Windows.
func acquire(root *os.Root, name string) (release func(), err error) {
	for range 2 {
		f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			_, err = fmt.Fprintln(f, os.Getpid())
			return func() {}, errors.Join(err, f.Close())
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		data, _ := root.ReadFile(name)
		pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
		if err != nil {
			break
		}
		p, err := os.FindProcess(pid)
		if err == nil {
			p.Release()
			break
		}
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w, or delete %q if there is no such process", busy(root, name), name)
}
