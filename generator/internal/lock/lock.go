// Package lock reads and writes authgen.lock, the record of what authgen
// emitted last.
//
// The developer commits the file, so its text is deterministic, diffs by line
// and survives a checkout with CRLF line ends. It comes back from anywhere, so
// nothing in it is trusted: [Parse] accepts only what [Lock.Format] writes.
//
// The file is a line that says what it is, a JSON header with one file a line,
// the answers, one section for each base, and a checksum:
//
//	authgen.lock 2: what authgen wrote last; commit it, do not edit
//	{
//	  "version": "v0.1.0",
//	  "import": "example.com/shop/internal/auth",
//	  "files": [
//	    {"path":"handlers.go","class":"yours","hash":"60303a…"},
//	    {"path":"seal.go","class":"generated","hash":"fd61a0…"}
//	  ]
//	}
//	answers
//		version: 1
//	base handlers.go
//		package auth
//	sha256 2c26b4…
//
// Each line of a section follows one tab, so that it can look like nothing else
// in the file. A line with bytes that git or an editor may not carry faithfully,
// such as a carriage return, is a quoted Go string instead. After a text that
// does not end in a newline stands `\ no final newline`. What is emitted now for
// a file in conflict is a section "new", after its base.
//
// Schema 1 had the hash of the answers in the header, and no answers. It is
// read still, and written no more.
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

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Class says who may change a file after authgen wrote it.
type Class string

// The classes of files.
const (
	Generated Class = "generated" // authgen alone; replaced on a rerun
	Yours     Class = "yours"     // the developer too; merged on a rerun
	Once      Class = "once"      // the developer alone; written a single time
	Migration Class = "migration" // nobody; immutable once written
)

// The states of a file that is not simply there.
const (
	Deleted  = "deleted"  // the developer deleted it, and it stays so
	Conflict = "conflict" // what is emitted now is not merged yet
)

// Lock is what authgen emitted last time.
type Lock struct {
	Version string // of the authgen that emitted
	Import  string // import path of the package when it was emitted; empty in a lock of schema 1

	// Answers are those it was emitted for, in canonical form; nil in a lock
	// of schema 1. AnswersHash is their Hash. Format computes it where it is
	// empty.
	Answers     []byte
	AnswersHash string

	Files []File // sorted by path
}

// File is one emitted file.
type File struct {
	// Path is slash separated and relative to the directory of the lock. It
	// never leads out of that directory. That of a Migration may start with a
	// slash instead, and is relative to the root of the module then, which it
	// never leads out of.
	Path  string `json:"path"`
	Class Class  `json:"class"`
	Hash  string `json:"hash"`            // Hash of the base: the file that the developer's copy was made from
	State string `json:"state,omitempty"` // Deleted, Conflict, or empty

	// At is where the developer moved the file, as a Path without a slash in
	// front; empty if it is at Path.
	At string `json:"at,omitempty"`

	// Adds names the parts of the schema that a Migration makes, sorted. In a
	// lock of schema 1 it is nil.
	Adds []string `json:"adds,omitempty"`

	// Owned is whether the developer took over a file that is Generated
	// otherwise. Its Class is Yours.
	Owned bool `json:"owned,omitempty"`

	// Base is the file as it was emitted, byte for byte. It is kept for the
	// classes Yours and Once, whatever the state, and is nil for the others.
	Base []byte `json:"-"`

	// New is what is emitted now for a file of class Yours and state Conflict;
	// nil for the others.
	New []byte `json:"-"`
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
	schema    = 2 // that is written; the earlier ones are read too
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

// partPattern is what a part of the schema may be called.
var partPattern = regexp.MustCompile(`^[a-z][a-z0-9_.:]*$`)

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
	n, err := schemaOf(text)
	if n > schema {
		return nil, err
	}
	// No line of a sound lock starts with either character.
	for _, marker := range []string{"<<<<<<<", ">>>>>>>"} {
		if bytes.HasPrefix(text, []byte(marker)) || bytes.Contains(text, []byte("\n"+marker)) {
			return nil, ErrConflict
		}
	}
	if err != nil {
		return nil, err
	}

	end := bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n') + 1
	if string(text[end:]) != trailer(text[:end]) {
		return nil, damaged("the checksum in the last line does not fit: the file was edited or cut off")
	}
	l, err := parseBody(text[:end], n)
	if err != nil {
		return nil, err
	}
	// This proves the rest at once: order, duplicates, paths, hashes, spacing.
	again, err := l.format(n)
	if err != nil {
		return nil, damaged("%w", err)
	}
	if !bytes.Equal(again, text) {
		return nil, damaged("it is not written the way authgen writes it")
	}
	return l, nil
}

// schemaOf returns the schema that the first line states. One that is too new
// comes with a *SchemaError.
func schemaOf(text []byte) (int, error) {
	first := firstLine.FindSubmatch(text)
	if first == nil {
		return 0, damaged("it does not start with %q", magic(schema))
	}
	n, err := strconv.Atoi(string(first[1]))
	if err != nil {
		return 0, damaged("%w", err)
	}
	if n > schema {
		return n, &SchemaError{Schema: n, Version: WrittenBy(text)}
	}
	return n, nil
}

func magic(schema int) string {
	return fmt.Sprintf("authgen.lock %d: what authgen wrote last; commit it, do not edit", schema)
}

// parseBody reads everything but the checksum. Only the layout is checked.
func parseBody(body []byte, schema int) (*Lock, error) {
	_, rest, _ := bytes.Cut(body, []byte("\n"))
	text, rest, ok := bytes.Cut(rest, []byte("\n}\n"))
	if !ok {
		return nil, damaged("the header does not end")
	}
	var header struct {
		Version string `json:"version"`
		Import  string `json:"import"`
		Answers string `json:"answers"` // the hash, in schema 1
		Files   []File `json:"files"`
	}
	dec := json.NewDecoder(strings.NewReader(string(text) + "\n}"))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&header); err != nil {
		return nil, damaged("header: %w", err)
	}
	l := &Lock{Version: header.Version, Import: header.Import, AnswersHash: header.Answers, Files: header.Files}

	var err error
	section := func(name string) (content []byte) {
		if err != nil {
			return nil
		}
		if rest, ok = bytes.CutPrefix(rest, []byte(name+"\n")); !ok {
			err = damaged("the section %q is missing", name)
		} else if content, rest, err = cutBase(rest); err != nil {
			err = damaged("section %q: %w", name, err)
		}
		return content
	}
	if schema > 1 {
		l.Answers = section("answers")
		l.AnswersHash = Hash(l.Answers)
	}
	for i := range l.Files {
		f := &l.Files[i]
		if hasBase(f.Class) {
			f.Base = section("base " + f.Path)
		}
		if f.State == Conflict {
			f.New = section("new " + f.Path)
		}
	}
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		return nil, damaged("unexpected line %.80q", line)
	}
	return l, nil
}

// cutBase reads the lines of one section and returns what follows them.
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
// content always gives the same bytes. It is an error if the answers are missing,
// if a path is unsafe or occurs twice, if a class, state or hash is none, or if
// a base does not have the hash that its file states.
func (l *Lock) Format() ([]byte, error) { return l.format(schema) }

func (l *Lock) format(schema int) ([]byte, error) {
	files := slices.SortedFunc(slices.Values(l.Files), func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	if err := l.check(files, schema); err != nil {
		return nil, err
	}
	second := fmt.Sprintf("\"import\": %s", marshal(l.Import))
	if schema == 1 {
		second = fmt.Sprintf("\"answers\": %s", marshal(l.AnswersHash))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n{\n  \"version\": %s,\n  %s,\n  \"files\": [", magic(schema), marshal(l.Version), second)
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
	if schema > 1 {
		writeSection(&b, "answers", l.Answers)
	}
	for i := range files {
		f := &files[i]
		if hasBase(f.Class) {
			writeSection(&b, "base "+f.Path, f.Base)
		}
		if f.State == Conflict {
			writeSection(&b, "new "+f.Path, f.New)
		}
	}
	b.WriteString(trailer(b.Bytes()))
	if b.Len() > maxSize {
		return nil, fmt.Errorf("the lock would have %d bytes, more than the %d allowed", b.Len(), maxSize)
	}
	return b.Bytes(), nil
}

func writeSection(b *bytes.Buffer, name string, content []byte) {
	b.WriteString(name + "\n")
	for line := range bytes.Lines(content) {
		text, complete := bytes.CutSuffix(line, []byte("\n"))
		if s := string(text); printable(s) {
			b.WriteString("\t" + s + "\n")
		} else {
			b.WriteString(strconv.Quote(s) + "\n")
		}
		if !complete {
			b.WriteString(noNewline + "\n")
		}
	}
}

// check returns why the lock, whose files are these in order, is none that can
// be written.
func (l *Lock) check(files []File, schema int) error {
	switch {
	case !semver.IsValid(l.Version):
		return fmt.Errorf("version %q is not a version", l.Version)
	case schema == 1 && !isHash(l.AnswersHash):
		return fmt.Errorf("answers: %q is not a SHA-256 in hex", l.AnswersHash)
	case schema > 1 && len(l.Answers) == 0:
		return errors.New("the answers are missing")
	case schema > 1 && l.AnswersHash != "" && l.AnswersHash != Hash(l.Answers):
		return errors.New("the answers do not have the hash that is stated")
	}
	if l.Import != "" {
		if err := module.CheckImportPath(l.Import); err != nil {
			return err
		}
	}
	places := make(map[string]string) // in lower case, since some file systems do not tell
	place := func(at, name string) error {
		if other, ok := places[strings.ToLower(at)]; ok {
			return fmt.Errorf("files %q and %q are both at %q", other, name, at)
		}
		places[strings.ToLower(at)] = name
		return nil
	}
	for i := range files {
		if err := files[i].check(schema); err != nil {
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

func (f *File) check(schema int) error {
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
	case f.State != Conflict || schema == 1:
		return fmt.Errorf("unknown state %q", f.State)
	case f.Class != Yours:
		return fmt.Errorf("a file of class %q is never in conflict", f.Class)
	}
	if schema == 1 && (f.At != "" || len(f.Adds) > 0 || f.Owned) {
		return errors.New("schema 1 does not know of files that are moved or owned, nor of what a migration adds")
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
		return errors.New("the base does not have the hash that is stated")
	}
	if f.State != Conflict && f.New != nil {
		return errors.New("it has a new text and is not in conflict")
	}
	return nil
}

// isInside reports whether a path stays below the directory that it is relative
// to, on every system. A colon is a drive or a stream on Windows.
func isInside(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, "\\:\t") && printable(name)
}

func hasBase(class Class) bool { return class == Yours || class == Once }

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

// WrittenBy returns the version of authgen that a lock says it is from, whatever else
// is wrong with it; "" if it says none. The text has LF line ends.
func WrittenBy(text []byte) string {
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
