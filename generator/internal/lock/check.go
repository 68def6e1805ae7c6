package lock

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// check returns an error if the lock is invalid. The files are those of the lock, sorted
// by path.
func (l *Lock) check(files []File) error {
	switch {
	case !semver.IsValid(l.Version):
		return fmt.Errorf("version %q is not a version", l.Version)
	case !isHash(l.Templates):
		return fmt.Errorf("templates: %q is not a SHA-256 in hex", l.Templates)
	case l.Inputs != "" && !isHash(l.Inputs):
		return fmt.Errorf("inputs: %q is not a SHA-256 in hex", l.Inputs)
	case len(l.Answers) == 0:
		return errors.New("the answers are missing")
	}
	if err := module.CheckImportPath(l.Import); err != nil {
		return err
	}
	places := make(map[string]string) // in lower case, since some file systems ignore case
	place := func(at, name string) error {
		if other, ok := places[strings.ToLower(at)]; ok {
			return fmt.Errorf("files %q and %q are both at %q", other, name, at)
		}
		places[strings.ToLower(at)] = name
		return nil
	}
	for i := range files {
		if err := files[i].check(); err != nil {
			return fmt.Errorf("file %q: %w", files[i].Path, err)
		}
		if i > 0 && files[i].Path <= files[i-1].Path {
			return fmt.Errorf("file %q is listed twice", files[i].Path)
		}
		if err := place(files[i].Path, files[i].Path); err != nil {
			return err
		}
		if at := files[i].At; at != "" && !strings.EqualFold(at, files[i].Path) {
			if err := place(at, files[i].Path); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *File) check() error {
	name := f.Path
	if f.Class == Migration {
		name = strings.TrimPrefix(name, "/")
	}
	if !isInside(name) {
		return errors.New("the path does not stay below the directory of the lock on every system")
	}
	switch f.Class {
	case Generated, Yours, Once, Migration:
	default:
		return fmt.Errorf("unknown class %q", f.Class)
	}
	switch {
	case f.State == "" || f.State == Deleted:
	case f.State != Conflict:
		return fmt.Errorf("unknown state %q", f.State)
	case f.Class != Yours:
		return fmt.Errorf("a file of class %q is never in conflict", f.Class)
	}
	if f.At != "" && (!isInside(f.At) || f.At == f.Path) {
		return fmt.Errorf("it cannot be moved to %q", f.At)
	}
	if len(f.Adds) > 0 && f.Class != Migration {
		return fmt.Errorf("a file of class %q adds nothing to the schema", f.Class)
	}
	for i, part := range f.Adds {
		if !partPattern.MatchString(part) {
			return fmt.Errorf("%q is not a part of a schema", part)
		}
		if i > 0 && part <= f.Adds[i-1] {
			return fmt.Errorf("the parts %q and %q of the schema are not in order", f.Adds[i-1], part)
		}
	}
	if f.Owned && f.Class != Yours {
		return fmt.Errorf("a file of class %q is not owned", f.Class)
	}
	if !isHash(f.Hash) {
		return fmt.Errorf("hash %q is not a SHA-256 in hex", f.Hash)
	}
	if !hasBase(f.Class) && f.Base != nil {
		return fmt.Errorf("class %q keeps no base", f.Class)
	}
	if hasBase(f.Class) && Hash(f.Base) != f.Hash {
		return errors.New("the hash is not that of the base")
	}
	if f.State != Conflict && f.New != nil {
		return errors.New("it has a new text and is not in conflict")
	}
	return nil
}

// isInside reports whether a path stays below the directory that it is relative to, on
// every system. On Windows, a colon marks a drive or a stream.
func isInside(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, "\\:") && isPrintable(name)
}

func hasBase(class Class) bool { return class == Yours || class == Once }

func isHash(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}

// isPrintable reports whether s is UTF-8 without control characters.
func isPrintable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// isPlain reports whether s has only characters that every tool and every encoding leave
// unchanged: printable ASCII and tabs.
func isPlain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r != '\t' && (r < ' ' || r > '~') })
}

// partPattern matches the name of a part of the schema.
var partPattern = regexp.MustCompile(`^[a-z][a-z0-9_.:]*$`)
