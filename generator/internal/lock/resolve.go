package lock

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"golang.org/x/mod/semver"
)

// Resolve merges the two sides of a lock in which git left conflict markers, as [Merge]
// does.
//
// Resolve rebuilds the sides from the text. Git has put lines that only one side changed
// into both, so the checksums of the sides may be wrong. Then each file is checked by the
// hash of its base, and Resolve fails for a file that is itself in conflict. A caller that
// can get the original sides from git should call Merge instead.
//
// The error is a *SchemaError or wraps ErrConflict. If there is no conflict in data, the
// result is that of [Parse].
func Resolve(data []byte) (*Lock, error) {
	if len(data) > maxSize {
		return Parse(data)
	}
	texts, ok := split(restore(data))
	if !ok {
		return Parse(data)
	}
	ours, oursWhole, err := readSide(texts.ours)
	if err != nil {
		return nil, notBoth("the first", err)
	}
	theirs, theirsWhole, err := readSide(texts.theirs)
	if err != nil {
		return nil, notBoth("the second", err)
	}
	// The base is optional: it helps only in a few cases.
	base, _, _ := readSide(texts.base)
	merged, err := Merge(base, ours, theirs)
	if err != nil || oursWhole && theirsWhole {
		return merged, err
	}
	for _, f := range merged.Files {
		if f.State == Conflict {
			return nil, fmt.Errorf("%w: %q has a conflict of its own, and nothing proves what is new in it", ErrConflict, f.Path)
		}
	}
	return merged, nil
}

// notBoth returns the error for a side that cannot be read.
func notBoth(which string, err error) error {
	if _, ok := err.(*SchemaError); ok {
		return err
	}
	return fmt.Errorf("%w: %s of its two sides is not as authgen wrote it, and one side is not enough: %v", ErrConflict, which, err)
}

// sides are the texts that git merged. Only the conflict styles diff3 and zdiff3 have the
// whole base; in the style merge, it lacks the lines in conflict.
type sides struct{ ours, base, theirs []byte }

// split rebuilds the sides of a text with conflict markers. It reports whether there are
// any, and all are complete.
func split(text []byte) (s sides, ok bool) {
	const none, inOurs, inBase, inTheirs = 0, 1, 2, 3
	at := none
	for line := range bytes.Lines(text) {
		switch marker := markerOf(line); {
		case marker == '<' && at == none:
			at, ok = inOurs, true
		case marker == '|' && at == inOurs:
			at = inBase
		case marker == '=' && (at == inOurs || at == inBase):
			at = inTheirs
		case marker == '>' && at == inTheirs:
			at = none
		case at == none:
			s.ours = append(s.ours, line...)
			s.base = append(s.base, line...)
			s.theirs = append(s.theirs, line...)
		case at == inOurs:
			s.ours = append(s.ours, line...)
		case at == inBase:
			s.base = append(s.base, line...)
		default:
			s.theirs = append(s.theirs, line...)
		}
	}
	return s, ok && at == none
}

// markerOf returns the character that the line repeats seven times, if it is a
// conflict marker. Those that git writes into a base are longer.
func markerOf(line []byte) byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	for _, c := range []byte("<|=>") {
		rest, ok := bytes.CutPrefix(line, bytes.Repeat([]byte{c}, 7))
		if ok && (len(rest) == 0 || rest[0] == ' ') {
			return c
		}
	}
	return 0
}

var lastLine = regexp.MustCompile(`\nsha256 [0-9a-f]{64}\n\z`)

// readSide reads a lock whose checksum may be wrong. Whole is whether it is right. If not,
// the files are in order, and nothing else about them has been checked.
func readSide(text []byte) (l *Lock, whole bool, err error) {
	if l, err = Parse(text); err == nil {
		return l, true, nil
	}
	if err := checkSchema(text); err != nil {
		return nil, false, err
	}
	last := lastLine.FindIndex(text)
	if last == nil {
		return nil, false, err
	}
	if l, err = parseBody(text[:last[0]+1]); err != nil {
		return nil, false, err
	}
	for i := range l.Files {
		if i > 0 && l.Files[i].Path <= l.Files[i-1].Path {
			return nil, false, damaged("file %q is not in order", l.Files[i].Path)
		}
	}
	return l, false, nil
}

// Merge returns the lock for the merge of two branches. A part that only one branch
// changed since the base is taken from that branch; without a base, which may be nil, a
// part counts as changed by one branch only if the other lacks it. A part that both
// changed is taken from the branch with the later authgen. All migrations of both are
// kept.
//
// If both changed a file and are of the same version, if they have different migrations
// at the same path, or if the result is invalid, the error wraps ErrConflict. If both
// changed the answers and are of the same version, Merge takes those of ours: the package
// was emitted for neither, and the next run emits it for those in authgen.yaml.
func Merge(base, ours, theirs *Lock) (*Lock, error) {
	if base == nil {
		base = new(Lock)
	}
	later := semver.Compare(ours.Version, theirs.Version)
	takeTheirs := func(base, ours, theirs string) bool {
		return theirs != ours && theirs != base && (ours == base || later < 0)
	}
	merged := &Lock{Version: ours.Version, Templates: ours.Templates, Import: ours.Import, Answers: ours.Answers}
	if later < 0 {
		merged.Version = theirs.Version
	}
	if later < 0 || later == 0 && takeTheirs(base.Templates, ours.Templates, theirs.Templates) {
		merged.Templates = theirs.Templates
	}
	if takeTheirs(base.Import, ours.Import, theirs.Import) {
		merged.Import = theirs.Import
	}
	if takeTheirs(string(base.Answers), string(ours.Answers), string(theirs.Answers)) {
		merged.Answers = theirs.Answers
	}

	inBase, inOurs, inTheirs := byPath(base), byPath(ours), byPath(theirs)
	both := maps.Clone(inOurs)
	maps.Copy(both, inTheirs)
	for _, path := range slices.Sorted(maps.Keys(both)) {
		// A missing entry is the empty text.
		b, o, t := entry(inBase[path]), entry(inOurs[path]), entry(inTheirs[path])
		f := inOurs[path]
		switch {
		case o == "" || t == "":
			// Keeping an entry that the other side dropped loses nothing.
			if f = both[path]; entry(f) == b && f.Class != Migration {
				continue
			}
		case o == t || o == b || t == b:
			if takeTheirs(b, o, t) {
				f = inTheirs[path]
			}
		case f.Class == Migration && f.Hash != inTheirs[path].Hash:
			return nil, fmt.Errorf("%w: %q is a different migration on each side", ErrConflict, path)
		case later == 0:
			return nil, fmt.Errorf("%w: %q differs between the sides, which are of the same version", ErrConflict, path)
		case later < 0:
			f = inTheirs[path]
		}
		merged.Files = append(merged.Files, f)
	}
	if err := merged.check(merged.Files); err != nil {
		return nil, fmt.Errorf("%w: the sides do not fit together: %w", ErrConflict, err)
	}
	return merged, nil
}

func byPath(l *Lock) map[string]File {
	files := make(map[string]File, len(l.Files))
	for _, f := range l.Files {
		files[f.Path] = f
	}
	return files
}

// entry returns everything that the lock says about the file, "" for the zero File.
func entry(f File) string {
	if f.Path == "" {
		return ""
	}
	var b bytes.Buffer
	b.WriteString(marshal(f))
	writeSection(&b, "base", f.Base)
	writeSection(&b, "new", f.New)
	return b.String()
}
