// Package lock reads and writes authgen.lock, the record of what authgen
// emitted last.
//
// The developer commits the file, so its text is deterministic, diffs by line
// and survives a checkout with CRLF line ends. It comes back from anywhere, so
// nothing in it is trusted: [Parse] accepts only what [Lock.Format] writes.
//
// The file is a line that says what it is, a JSON header with one file a line,
// one section for each base, and a checksum:
//
//	authgen.lock 1: what authgen wrote last; commit it, do not edit
//	{
//	  "version": "v0.1.0",
//	  "answers": "9f86d0…",
//	  "files": [
//	    {"path":"handlers.go","class":"yours","hash":"60303a…"},
//	    {"path":"seal.go","class":"generated","hash":"fd61a0…"}
//	  ]
//	}
//	base handlers.go
//		package auth
//	sha256 2c26b4…
//
// Each line of a base follows one tab, so that it can look like nothing else
// in the file. A line with bytes that git or an editor may not carry faithfully,
// such as a carriage return, is a quoted Go string instead. After a base that
// does not end in a newline stands `\ no final newline`.
package lock

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/semver"
)

// The classes of files: who may change one after authgen wrote it.
const (
	Generated = "generated" // authgen alone; replaced on a rerun
	Yours     = "yours"     // the developer too; merged on a rerun
	Once      = "once"      // the developer alone; written a single time
	Migration = "migration" // nobody; immutable once written
)

// Deleted is the state of a file that the developer deleted and that stays so.
const Deleted = "deleted"

// Lock is what authgen emitted last time.
type Lock struct {
	Version string `json:"version"` // of the authgen that emitted
	Answers string `json:"answers"` // SHA-256, in hex, of the answers in canonical form
	Files   []File `json:"files"`   // sorted by path
}

// File is one emitted file.
type File struct {
	// Path is slash separated and relative to the directory of the lock. It
	// never leads out of that directory. That of a Migration may start with a
	// slash instead, and is relative to the root of the module then, which it
	// never leads out of.
	Path  string `json:"path"`
	Class string `json:"class"`           // Generated, Yours, Once or Migration
	Hash  string `json:"hash"`            // Hash of the file as it was emitted
	State string `json:"state,omitempty"` // Deleted, or empty

	// Base is the file as it was emitted, byte for byte. It is kept for the
	// classes Yours and Once, whatever the state, and is nil for the others.
	Base []byte `json:"-"`
}

// Every error of Parse that is about the text matches one of these or is a
// *SchemaError.
var (
	// ErrDamaged is a lock that authgen did not write like this: it was cut
	// off, edited or made up.
	ErrDamaged = errors.New("authgen.lock is damaged")

	// ErrConflict is a lock that git left with conflict markers in it.
	ErrConflict = errors.New("authgen.lock holds git conflict markers")
)

// SchemaError is a lock written in a newer format than this authgen knows.
type SchemaError struct {
	Schema  int
	Version string // of the authgen that wrote it; empty if it cannot be told
}

func (e *SchemaError) Error() string {
	return fmt.Sprintf("authgen.lock has schema %d and this authgen reads schema %d: install the newer one: "+
		"go get -tool github.com/authgen/authgen/cmd/authgen@%s",
		e.Schema, schema, cmp.Or(e.Version, "latest"))
}

const (
	schema    = 1
	magic     = "authgen.lock 1: what authgen wrote last; commit it, do not edit"
	noNewline = `\ no final newline`

	// maxSize is far above any real lock, which holds a few hundred kilobytes,
	// and keeps a made-up one from taking the memory.
	maxSize = 64 << 20
)

// What later schemas must keep, so that a SchemaError can be told: the first
// line and, somewhere, the line of the version.
var (
	firstLine   = regexp.MustCompile(`\Aauthgen\.lock ([1-9][0-9]{0,8}):`)
	versionLine = regexp.MustCompile(`(?m)^ *"version": "(v[0-9A-Za-z.+-]+)",?$`)
)

var bom = []byte("\ufeff")

// Hash returns the SHA-256 of data in hex, after a byte order mark is taken
// off and CRLF is turned into LF: a checkout changes those, a developer does not.
func Hash(data []byte) string {
	sum := sha256.Sum256(normalise(data))
	return hex.EncodeToString(sum[:])
}

func normalise(data []byte) []byte {
	return bytes.ReplaceAll(bytes.TrimPrefix(data, bom), []byte("\r\n"), []byte("\n"))
}

// Parse reads what Format wrote, also after a checkout with CRLF line ends. The
// error is, or wraps, ErrConflict, ErrDamaged or a *SchemaError.
func Parse(data []byte) (*Lock, error) {
	if len(data) > maxSize {
		return nil, damaged("%d bytes are more than the %d allowed", len(data), maxSize)
	}
	text := normalise(data)
	first := firstLine.FindSubmatch(text)
	if first != nil {
		if n, _ := strconv.Atoi(string(first[1])); n > schema {
			return nil, &SchemaError{Schema: n, Version: writtenBy(text)}
		}
	}
	// No line of a sound lock starts with either character.
	for _, marker := range []string{"<<<<<<<", ">>>>>>>"} {
		if bytes.HasPrefix(text, []byte(marker)) || bytes.Contains(text, []byte("\n"+marker)) {
			return nil, ErrConflict
		}
	}
	if first == nil {
		return nil, damaged("it does not start with %q", magic)
	}

	end := bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n') + 1
	if string(text[end:]) != trailer(text[:end]) {
		return nil, damaged("the checksum in the last line does not fit: the file was edited or cut off")
	}
	l, err := parseBody(text[:end])
	if err != nil {
		return nil, err
	}
	// This proves the rest at once: order, duplicates, paths, hashes, spacing.
	again, err := l.Format()
	if err != nil {
		return nil, damaged("%w", err)
	}
	if !bytes.Equal(again, text) {
		return nil, damaged("it is not written the way authgen writes it")
	}
	return l, nil
}

// parseBody reads everything but the checksum.
func parseBody(body []byte) (*Lock, error) {
	_, rest, _ := bytes.Cut(body, []byte("\n"))
	header, rest, ok := bytes.Cut(rest, []byte("\n}\n"))
	if !ok {
		return nil, damaged("the header does not end")
	}
	dec := json.NewDecoder(strings.NewReader(string(header) + "\n}"))
	dec.DisallowUnknownFields()
	l := new(Lock)
	if err := dec.Decode(l); err != nil {
		return nil, damaged("header: %w", err)
	}
	for i := range l.Files {
		f := &l.Files[i]
		if !hasBase(f.Class) {
			continue
		}
		if rest, ok = bytes.CutPrefix(rest, []byte("base "+f.Path+"\n")); !ok {
			return nil, damaged("the base of %q is missing", f.Path)
		}
		var err error
		if f.Base, rest, err = cutBase(rest); err != nil {
			return nil, damaged("base of %q: %w", f.Path, err)
		}
	}
	if len(rest) > 0 {
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		return nil, damaged("unexpected line %.80q", line)
	}
	return l, nil
}

// cutBase reads the lines of one base and returns what follows them.
func cutBase(text []byte) (base, rest []byte, err error) {
	base = []byte{}
	for len(text) > 0 {
		line, next, _ := bytes.Cut(text, []byte("\n"))
		switch {
		case bytes.HasPrefix(line, []byte("\t")):
			base = append(base, line[1:]...)
		case bytes.HasPrefix(line, []byte(`"`)):
			s, err := strconv.Unquote(string(line))
			if err != nil {
				return nil, nil, fmt.Errorf("the line %.80q is not a quoted string", line)
			}
			base = append(base, s...)
		case string(line) == noNewline && len(base) > 0:
			return base[:len(base)-1], next, nil
		default:
			return base, text, nil
		}
		base = append(base, '\n')
		text = next
	}
	return base, nil, nil
}

// Format returns the text of the lock. Files may be in any order; the same
// content always gives the same bytes. It is an error if a path is unsafe or
// occurs twice, if a class, state or hash is none, or if a base does not have
// the hash that its file states.
func (l *Lock) Format() ([]byte, error) {
	if l.Version == "" || !printable(l.Version) {
		return nil, fmt.Errorf("version %q is not a version", l.Version)
	}
	if !isHash(l.Answers) {
		return nil, fmt.Errorf("answers: %q is not a SHA-256 in hex", l.Answers)
	}
	files := slices.SortedFunc(slices.Values(l.Files), func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	for i := range files {
		if err := files[i].check(); err != nil {
			return nil, fmt.Errorf("file %q: %w", files[i].Path, err)
		}
		if i > 0 && files[i].Path == files[i-1].Path {
			return nil, fmt.Errorf("file %q is listed twice", files[i].Path)
		}
	}

	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n{\n  \"version\": %s,\n  \"answers\": %s,\n  \"files\": [",
		magic, marshal(l.Version), marshal(l.Answers))
	for i := range files {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n    %s", marshal(files[i]))
	}
	if len(files) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("]\n}\n")
	for i := range files {
		if hasBase(files[i].Class) {
			b.WriteString("base " + files[i].Path + "\n")
			writeBase(&b, files[i].Base)
		}
	}
	b.WriteString(trailer(b.Bytes()))
	if b.Len() > maxSize {
		return nil, fmt.Errorf("the lock would have %d bytes, more than the %d allowed", b.Len(), maxSize)
	}
	return b.Bytes(), nil
}

func writeBase(b *bytes.Buffer, base []byte) {
	for line := range bytes.Lines(base) {
		content, complete := bytes.CutSuffix(line, []byte("\n"))
		if s := string(content); printable(s) {
			b.WriteString("\t" + s + "\n")
		} else {
			b.WriteString(strconv.Quote(s) + "\n")
		}
		if !complete {
			b.WriteString(noNewline + "\n")
		}
	}
}

func (f *File) check() error {
	name := f.Path
	if f.Class == Migration {
		name = strings.TrimPrefix(name, "/")
	}
	// A colon is a drive or a stream on Windows.
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\:\t") || !printable(name) {
		return errors.New("the path does not stay below the directory of the lock on every system")
	}
	switch f.Class {
	case Generated, Yours, Once, Migration:
	default:
		return fmt.Errorf("unknown class %q", f.Class)
	}
	if f.State != "" && f.State != Deleted {
		return fmt.Errorf("unknown state %q", f.State)
	}
	if !isHash(f.Hash) {
		return fmt.Errorf("hash %q is not a SHA-256 in hex", f.Hash)
	}
	if !hasBase(f.Class) && f.Base != nil {
		return fmt.Errorf("class %q keeps no base", f.Class)
	}
	if hasBase(f.Class) && Hash(f.Base) != f.Hash {
		return errors.New("the base does not have the hash that is stated")
	}
	return nil
}

func hasBase(class string) bool { return class == Yours || class == Once }

func isHash(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}

// printable reports whether s is UTF-8 without control characters other than
// tabs: a line that every tool carries as it is.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\t' })
}

func trailer(body []byte) string {
	return fmt.Sprintf("sha256 %x\n", sha256.Sum256(body))
}

func writtenBy(text []byte) string {
	if m := versionLine.FindSubmatch(text); m != nil && semver.IsValid(string(m[1])) {
		return string(m[1])
	}
	return ""
}

// marshal is json.Marshal without the escapes for HTML. Neither a string nor a
// File can fail.
func marshal(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("internal error: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
}
