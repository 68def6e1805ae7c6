// Package lock reads and writes authgen.lock, the record of what authgen
// emitted last.
//
// The developer commits the file, so its text is deterministic and diffs by line. It may
// come back changed by anybody, so nothing in it is trusted: [Parse] accepts only what
// [Lock.Format] writes.
//
// The file has a line that says what it is, a JSON header with one line for each file,
// the answers, one section for each base, and a checksum:
//
//	authgen.lock 1: what authgen wrote last; commit it, do not edit
//	{
//	  "version": "v0.1.0",
//	  "templates": "9f1c07…",
//	  "inputs": "4e07b2…",
//	  "import": "example.com/shop/internal/auth",
//	  "files": [
//	    {"path":"handlers.go","class":"yours","hash":"60303a…"},
//	    {"path":"seal.go","class":"generated","hash":"fd61a0…"}
//	  ]
//	}
//	answers
//	|version: 1|
//	base handlers.go
//	|package auth|
//	||
//	|func hook() {}|
//	\ no final newline
//	sha256 2c26b4…
//
// Each line of a section is between two bars. So it cannot be mistaken for anything else
// in the file, and has no blank at its end. A line that is not printable ASCII, or that
// looks like a conflict marker of git, is a quoted Go string instead. A text that does not
// end in a newline is followed by the line `\ no final newline`. For a file in conflict,
// the text that is emitted now is in a section "new" after the base.
//
// Git, and hooks that run before a commit, change bytes that a reader does not see. These
// have no meaning here: a byte order mark, the kind of line endings, blanks and tabs at
// the end of a line, empty lines, and a newline at the end of the file. The checksum is
// that of the text as Format wrote it, and Parse restores this text first. The hash of a
// file is that of its own text, not of the lines of the section.
package lock

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/mod/semver"

	"github.com/authgen/authgen/generator/internal/text"
)

// Class says who may change a file after authgen wrote it.
type Class string

// The classes of files.
const (
	Generated Class = "generated" // authgen alone; replaced on a rerun
	Yours     Class = "yours"     // the developer too; merged on a rerun
	Once      Class = "once"      // the developer alone; written only once
	Migration Class = "migration" // nobody; immutable once written
)

// The states of a file, if there is anything special about it.
const (
	Deleted  = "deleted"  // the developer deleted it, and it stays so
	Conflict = "conflict" // the text emitted now is not merged yet
)

// Lock is what authgen emitted last time.
type Lock struct {
	Version   string // of the authgen that emitted the package
	Templates string // digest of its templates: builds of one version can differ in them
	Inputs    string // digest of what else emission depends on, empty if unknown
	Import    string // import path of the package when it was emitted
	Answers   []byte // the answers that it was emitted for, in canonical form
	Files     []File // sorted by path
}

// File is one emitted file.
type File struct {
	// Path is slash separated and relative to the directory of the lock. It
	// never leads out of that directory. The path of a Migration may start with a
	// slash instead. Then it is relative to the root of the module, and never leads
	// out of the module.
	Path  string `json:"path"`
	Class Class  `json:"class"`
	Hash  string `json:"hash"`            // Hash of the base: the file that the developer's copy was made from
	State string `json:"state,omitempty"` // Deleted, Conflict, or empty

	// At is where the developer moved the file, as a Path without a leading
	// slash; empty if it is at Path.
	At string `json:"at,omitempty"`

	// Adds names the parts of the schema that a Migration makes, sorted.
	Adds []string `json:"adds,omitempty"`

	// Owned is whether the developer took over a file that would otherwise be
	// Generated. Its Class is Yours.
	Owned bool `json:"owned,omitempty"`

	// Base is the file as it was emitted, byte for byte. It is kept for the
	// classes Yours and Once, whatever the state, and is nil for the others.
	Base []byte `json:"-"`

	// New is the file as it is emitted now, if its class is Yours and its state is
	// Conflict; nil for the others.
	New []byte `json:"-"`
}

// Every error of Parse wraps one of these or is a *SchemaError.
var (
	// ErrDamaged is the error for a lock that is not as authgen wrote it: it was
	// truncated, edited or forged.
	ErrDamaged = errors.New("authgen.lock is damaged")

	// ErrConflict is the error for a lock in which git left conflict markers.
	ErrConflict = errors.New("authgen.lock holds git conflict markers")
)

// SchemaError is the error for a lock in a newer format than this authgen knows.
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
	noNewline = `\ no final newline`

	// maxSize limits the memory that a forged lock can take. Real locks have a few
	// hundred kilobytes.
	maxSize = 64 << 20
)

// Later schemas must keep the first line and, anywhere, the line of the version. A
// SchemaError is recognized by them.
var (
	firstLine   = regexp.MustCompile(`\Aauthgen\.lock ([1-9][0-9]{0,8}):`)
	versionLine = regexp.MustCompile(`(?m)^ *"version": "(v[0-9A-Za-z.+-]+)",?$`)
)

// Hash returns the SHA-256 of data in hex, without a byte order mark and with LF instead
// of CRLF: a checkout may change these, so a change is not an edit.
func Hash(data []byte) string {
	sum := sha256.Sum256(text.Normalize(data))
	return hex.EncodeToString(sum[:])
}

// restore returns the text of a lock as Format wrote it, without the changes that other
// tools made to it since. No line that Format writes is empty.
func restore(data []byte) []byte {
	restored := make([]byte, 0, len(data)+1)
	ends := func(r rune) bool { return r == '\n' || r == '\r' }
	for line := range bytes.FieldsFuncSeq(bytes.TrimPrefix(data, []byte(text.BOM)), ends) {
		if line = bytes.TrimRight(line, " \t\v\f"); len(line) > 0 {
			restored = append(append(restored, line...), '\n')
		}
	}
	return restored
}

// Parse reads what Format wrote. The changes by other tools that the package's
// documentation lists do not matter. The error is, or wraps, ErrConflict, ErrDamaged or a
// *SchemaError.
func Parse(data []byte) (*Lock, error) {
	if len(data) > maxSize {
		return nil, damaged("%d bytes are more than the %d allowed", len(data), maxSize)
	}
	text := restore(data)
	err := checkSchema(text)
	if _, newer := err.(*SchemaError); newer {
		return nil, err
	}
	// No line of a valid lock starts with a marker.
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
		return nil, damaged("the checksum in the last line does not fit: the file was edited or truncated")
	}
	l, err := parseBody(text[:end])
	if err != nil {
		return nil, err
	}
	// This checks everything else: order, duplicates, paths, hashes and spacing.
	again, err := l.Format()
	if err != nil {
		return nil, damaged("%w", err)
	}
	if !bytes.Equal(again, text) {
		return nil, damaged("it is not written the way authgen writes it")
	}
	return l, nil
}

// Equal reports whether two texts are the same lock, apart from the changes by other
// tools that [Parse] ignores.
func Equal(a, b []byte) bool { return bytes.Equal(restore(a), restore(b)) }

// checkSchema returns an error unless the first line has the schema that Parse reads. The
// error for a newer schema is a *SchemaError.
func checkSchema(text []byte) error {
	first := firstLine.FindSubmatch(text)
	if first == nil {
		return damaged("it does not start with %q", magic)
	}
	n, err := strconv.Atoi(string(first[1]))
	if err != nil {
		return damaged("%w", err)
	}
	if n > schema {
		return &SchemaError{Schema: n, Version: WrittenBy(text)}
	}
	return nil
}

// magic is the first line.
var magic = fmt.Sprintf("authgen.lock %d: what authgen wrote last; commit it, do not edit", schema)

// parseBody reads everything but the checksum. Only the layout is checked.
func parseBody(body []byte) (*Lock, error) {
	_, rest, _ := bytes.Cut(body, []byte("\n"))
	text, rest, ok := bytes.Cut(rest, []byte("\n}\n"))
	if !ok {
		return nil, damaged("the header does not end")
	}
	var header struct {
		Version   string `json:"version"`
		Templates string `json:"templates"`
		Inputs    string `json:"inputs"`
		Import    string `json:"import"`
		Files     []File `json:"files"`
	}
	dec := json.NewDecoder(strings.NewReader(string(text) + "\n}"))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&header); err != nil {
		return nil, damaged("header: %w", err)
	}
	l := &Lock{Version: header.Version, Templates: header.Templates, Inputs: header.Inputs, Import: header.Import, Files: header.Files}

	var err error
	section := func(name string) (content []byte) {
		if err != nil {
			return nil
		}
		if rest, ok = bytes.CutPrefix(rest, []byte(name+"\n")); !ok {
			err = damaged("the section %q is missing", name)
		} else if content, rest, err = cutSection(rest); err != nil {
			err = damaged("section %q: %w", name, err)
		}
		return content
	}
	l.Answers = section("answers")
	for i := range l.Files {
		f := &l.Files[i]
		if hasBase(f.Class) {
			f.Base = section(sectionName("base", f.Path))
		}
		if f.State == Conflict {
			f.New = section(sectionName("new", f.Path))
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

// cutSection reads the lines of one section and returns their content and the rest.
func cutSection(text []byte) (content, rest []byte, err error) {
	content = []byte{}
	for len(text) > 0 {
		line, next, _ := bytes.Cut(text, []byte("\n"))
		switch {
		case bytes.HasPrefix(line, []byte("|")):
			if len(line) < 2 || line[len(line)-1] != '|' {
				return nil, nil, fmt.Errorf("the line %.80q does not end in a bar", line)
			}
			content = append(content, line[1:len(line)-1]...)
		case bytes.HasPrefix(line, []byte(`"`)):
			s, err := strconv.Unquote(string(line))
			if err != nil {
				return nil, nil, fmt.Errorf("the line %.80q is not a quoted string", line)
			}
			content = append(content, s...)
		case string(line) == noNewline && len(content) > 0:
			return content[:len(content)-1], next, nil
		default:
			return content, text, nil
		}
		content = append(content, '\n')
		text = next
	}
	return content, nil, nil
}

// Format returns the text of the lock. Files may be in any order; the same content always
// gives the same bytes. Format returns an error if something is missing, if a path is
// unsafe or occurs twice, if a class, a state or a hash is invalid, or if the hash of a
// base is not that of its file.
func (l *Lock) Format() ([]byte, error) {
	files := slices.SortedFunc(slices.Values(l.Files), func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	if err := l.check(files); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n{\n  \"version\": %s,\n  \"templates\": %s,\n  \"inputs\": %s,\n  \"import\": %s,\n  \"files\": [",
		magic, marshal(l.Version), marshal(l.Templates), marshal(l.Inputs), marshal(l.Import))
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
	writeSection(&b, "answers", l.Answers)
	for i := range files {
		f := &files[i]
		if hasBase(f.Class) {
			writeSection(&b, sectionName("base", f.Path), f.Base)
		}
		if f.State == Conflict {
			writeSection(&b, sectionName("new", f.Path), f.New)
		}
	}
	b.WriteString(trailer(b.Bytes()))
	if b.Len() > maxSize {
		return nil, fmt.Errorf("the lock would have %d bytes, more than the %d allowed", b.Len(), maxSize)
	}
	return b.Bytes(), nil
}

// sectionName returns the first line of a section of a file.
func sectionName(kind, name string) string {
	if !isPlain(name) || strings.HasSuffix(name, " ") {
		name = strconv.QuoteToASCII(name)
	}
	return kind + " " + name
}

func writeSection(b *bytes.Buffer, name string, content []byte) {
	b.WriteString(name + "\n")
	for line := range bytes.Lines(content) {
		text, complete := bytes.CutSuffix(line, []byte("\n"))
		if s := string(text); isPlain(s) && !strings.HasPrefix(s, "|||||") { // with the bars, a marker of git's
			b.WriteString("|" + s + "|\n")
		} else {
			b.WriteString(strconv.QuoteToASCII(s) + "\n")
		}
		if !complete {
			b.WriteString(noNewline + "\n")
		}
	}
}

func trailer(body []byte) string {
	return fmt.Sprintf("sha256 %x\n", sha256.Sum256(body))
}

// WrittenBy returns the version of authgen that a lock names, even if the lock is damaged,
// or "" if it names none.
func WrittenBy(text []byte) string {
	if m := versionLine.FindSubmatch(restore(text)); m != nil && semver.IsValid(string(m[1])) {
		return string(m[1])
	}
	return ""
}

// marshal is like json.Marshal, but its output is ASCII and has no escapes for HTML.
// Marshaling a string or a File cannot fail.
func marshal(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("internal error: " + err.Error())
	}
	var ascii strings.Builder
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		switch {
		case r <= '~':
			ascii.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&ascii, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&ascii, `\u%04x\u%04x`, high, low)
		}
	}
	return ascii.String()
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
}
