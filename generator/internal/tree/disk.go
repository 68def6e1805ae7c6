package tree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// disk makes one change at a time below root.
type disk struct {
	root *os.Root

	// step, if any, is called before each change. Tests let it fail or panic.
	step func(op, name string) error

	// unsynced turns off syncing, which matters only after a power failure. Tests with
	// thousands of runs set it.
	unsynced bool
}

func (d disk) do(op, name string, f func() error) error {
	if d.step != nil {
		if err := d.step(op, name); err != nil {
			return err
		}
	}
	return f()
}

func (d disk) rename(from, to string) error {
	return d.do("rename", to, func() error { return d.root.Rename(from, to) })
}

func (d disk) remove(name string) error {
	return d.do("remove", name, func() error { return d.root.Remove(name) })
}

// chmod sets the mode if it differs.
func (d disk) chmod(name string, mode fs.FileMode) error {
	info, err := d.root.Lstat(name)
	if err != nil || info.Mode() == mode {
		return err
	}
	return d.do("chmod", name, func() error { return d.root.Chmod(name, mode) })
}

// create writes a new file and syncs it. The umask applies unless exact is set.
func (d disk) create(name string, data []byte, mode fs.FileMode, exact bool) error {
	var f *os.File
	err := d.do("create", name, func() (err error) {
		f, err = d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode.Perm())
		return err
	})
	if err != nil {
		return err
	}
	defer f.Close()
	err = d.do("write", name, func() error {
		_, err := f.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	if err := d.do("sync", name, func() error { return d.sync(f) }); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if exact {
		return d.chmod(name, mode)
	}
	return nil
}

// mkdirs creates missing directories, and returns those that it created, even with an
// error.
func (d disk) mkdirs(dirs []string) (made []string, err error) {
	for _, dir := range dirs {
		if _, err := d.root.Lstat(dir); err == nil {
			continue
		}
		err := d.do("mkdir", dir, func() error { return d.root.Mkdir(dir, 0o755) })
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return made, err
		}
		made = append(made, dir)
	}
	return made, nil
}

// prune removes the empty ones of the directories, which are in order, parents first.
func (d disk) prune(dirs []string) error {
	for _, dir := range slices.Backward(dirs) {
		names, err := d.list(dir)
		if errors.Is(err, fs.ErrNotExist) || len(names) > 0 {
			continue
		}
		if err != nil {
			return err
		}
		if err := d.remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (d disk) list(dir string) ([]string, error) {
	f, err := d.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

func (d disk) sync(f *os.File) error {
	if d.unsynced {
		return nil
	}
	return f.Sync()
}

// syncDir makes renames in dir survive a power failure, if the file system can sync
// directories.
func (d disk) syncDir(dir string) {
	if f, err := d.root.Open(dir); err == nil {
		_ = d.sync(f)
		f.Close()
	}
}

// look reads the file at name. Info is nil if there is none.
func (d disk) look(name string) (data []byte, info fs.FileInfo, err error) {
	info, err = d.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%q is in the way: it is not a regular file", name)
	}
	f, err := d.root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	data, err = io.ReadAll(f)
	return data, info, err
}

// resolve follows the symbolic links in name, so that a rename replaces the target of a
// link and not the link. Elements that do not exist are kept.
func (d disk) resolve(name string) (string, error) {
	at, todo := ".", strings.Split(name, "/")
	for links := 0; len(todo) > 0; {
		elem := todo[0]
		todo = todo[1:]
		if elem == "" || elem == "." {
			continue
		}
		if elem == ".." {
			if at == "." {
				return "", fmt.Errorf("%q leads out of the project by a symbolic link", name)
			}
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, elem)
		info, err := d.root.Lstat(next)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		target, err := d.root.Readlink(next)
		if err != nil {
			return "", err
		}
		if target = filepath.ToSlash(target); path.IsAbs(target) || filepath.IsAbs(target) {
			return "", fmt.Errorf("%q leads out of the project by a symbolic link", name)
		}
		if links++; links > 40 {
			return "", fmt.Errorf("%q leads through too many symbolic links", name)
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	if at == "." {
		return "", fmt.Errorf("%q leads to the root directory by a symbolic link", name)
	}
	return at, nil
}

// parents returns the directories above name, outermost first, without the root.
func parents(name string) []string {
	var dirs []string
	for i, c := range name {
		if c == '/' {
			dirs = append(dirs, name[:i])
		}
	}
	return dirs
}
