//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// acquire takes the lock at name, or fails at once. The system releases the lock when the
// process ends, however it ends. So the process id in the file need not be trusted: ids are
// reused, and every container has its own. The error is fs.ErrNotExist if another run that
// ended meanwhile removed the file.
func acquire(root *os.Root, name string) (release func(), err error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, busy(root, name)
	}
	if err != nil {
		return nil, fmt.Errorf("locking %q: %w", name, err)
	}
	held, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if named, err := root.Stat(name); err != nil || !os.SameFile(held, named) {
		return nil, fs.ErrNotExist
	}
	if err := f.Truncate(0); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintln(f, os.Getpid()); err != nil {
		return nil, err
	}
	return func() { f.Close() }, nil
}
