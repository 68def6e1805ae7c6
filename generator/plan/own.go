package plan

import (
	"bytes"
	"slices"

	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/text"
)

// takeOwnership makes a generated file the developer's. Emitted, the text that was emitted
// last, becomes its base.
func (s *Step) takeOwnership(base lock.File, emitted []byte) {
	base.Class, base.Owned = emit.Yours, true
	base.Base = ownHeader(text.Normalize(emitted))
	base.Hash = lock.Hash(base.Base)
	base.At = ""
	if s.At != s.Path {
		base.At = s.At
	}
	s.Class, s.Action, s.record = emit.Yours, Update, &base
	if s.new = text.Like(s.old, ownHeader(text.Normalize(s.old))); !s.onDisk {
		s.Action, s.new = Create, base.Base
	}
}

// ownHeader replaces the header of a generated file with that of a file that is the
// developer's to edit.
func ownHeader(text []byte) []byte {
	first, rest, ok := bytes.Cut(text, []byte("\n"))
	if !ok || !bytes.Contains(first, []byte(emit.Header(emit.Generated))) {
		return text
	}
	return slices.Concat(bytes.Replace(first, []byte(emit.Header(emit.Generated)), []byte(emit.Header(emit.Yours)), 1), []byte("\n"), rest)
}
