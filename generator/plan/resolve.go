package plan

import (
	"bytes"
	"fmt"

	"github.com/authgen/authgen/generator/emit"
	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/merge"
	"github.com/authgen/authgen/generator/internal/text"
)

// Resolution is how a conflict is resolved.
type Resolution string

// The ways to resolve a conflict.
const (
	ByHand   Resolution = ""     // the developer has edited the file
	WithMine Resolution = "mine" // the developer's side of each conflict is taken
	WithNew  Resolution = "new"  // authgen's side of each conflict is taken
)

// resolve decides about a file whose conflict was written by an earlier run.
func (p *planner) resolve(s *Step, base lock.File) {
	how, asked := p.o.Resolve[s.Path]
	mine := text.Normalize(s.old)
	// The text that was merged is the new base. If authgen now emits another text, the
	// next run merges that.
	record := base
	record.State, record.New, record.Base, record.Hash = "", nil, base.New, lock.Hash(base.New)
	if s.record = &record; s.At != s.Path {
		record.At = s.At
	}
	leaveOpen := func(note string) {
		s.Action, s.Note, s.Unresolved, s.new, s.record = Conflicts, note, true, nil, &base
	}
	switch {
	case lock.Hash(s.old) == lock.Hash(s.emitted) && lock.Hash(base.New) == lock.Hash(s.emitted): // the developer took it
		s.Action, s.resolved = Identical, true
		return
	case !asked:
		leaveOpen("not resolved yet")
		if !hasNewMarkers(mine, base.Base) {
			s.Conflicts = p.mergeTexts(s.Path, base.Base, mine, base.New).Conflicts
		}
		return
	case how == WithMine && isBinary(base.Base, mine, base.New):
		s.Action, s.resolved = Keep, true
		return
	}
	outcome, note := p.outcome(s, base, mine, how)
	if note != "" {
		leaveOpen(note)
		return
	}
	s.resolved = true
	s.new = text.Like(s.old, outcome)
	if s.Action = Merge; bytes.Equal(s.new, s.old) {
		s.Action = Keep
	}
}

// hasNewMarkers reports whether there are conflict markers in the developer's text that
// are not in the base.
func hasNewMarkers(mine, base []byte) bool {
	return len(merge.Markers(mine)) > 0 && len(merge.Markers(base)) == 0
}

// outcome returns the text that resolves a conflict. If there is none, the note says why.
func (p *planner) outcome(s *Step, base lock.File, mine []byte, how Resolution) (text []byte, note string) {
	markers := hasNewMarkers(mine, base.Base)
	switch {
	case how == ByHand && markers:
		return nil, "it still has conflict markers"
	case how == ByHand:
		return p.outcomeByHand(s, base, mine)
	case how == WithNew && isBinary(base.Base, mine, base.New):
		return base.New, ""
	case !markers:
		mine = p.mergeTexts(s.Path, base.Base, mine, base.New).Text
	}
	side := merge.Mine
	if how == WithNew {
		side = merge.New
	}
	resolved, err := merge.Resolve(mine, side)
	if err != nil {
		return nil, err.Error()
	}
	return resolved, ""
}

// outcomeByHand returns the outcome of a conflict that the developer resolved by hand:
// the text of the .authgen-merge file if that was edited, and otherwise that of the file
// itself. If neither is complete, the note says why.
func (p *planner) outcomeByHand(s *Step, base lock.File, mine []byte) (outcome []byte, note string) {
	sidecar := Step{At: s.At + MergeSuffix}
	if err := p.read(&sidecar); err != nil || !sidecar.onDisk || isBinary(base.Base, mine, base.New) {
		return mine, ""
	}
	name := emit.InModule(p.plan.Dir, sidecar.At)
	edited, result := text.Normalize(sidecar.old), p.mergeTexts(s.Path, base.Base, mine, base.New)
	switch {
	case bytes.Equal(edited, result.Text):
		return mine, ""
	case HasMarkers(edited):
		return nil, fmt.Sprintf("%s still has conflict markers; delete it to resolve the conflict with the file as it is", name)
	case !hasAdditions(edited, mine, base.Base, result.Conflicts):
		return nil, fmt.Sprintf("%s lacks lines that you added to the file itself; combine the two in the file, and delete %[1]s", name)
	}
	return edited, ""
}

// hasAdditions reports whether an outcome has all lines that mine added to the base,
// apart from those in conflict.
func hasAdditions(outcome, mine, base []byte, conflicts []Conflict) bool {
	count := make(map[string]int)
	add := func(text []byte, n int) {
		for line := range bytes.Lines(text) {
			count[string(bytes.TrimSpace(line))] += n
		}
	}
	add(outcome, 1)
	add(base, 1)
	for _, c := range conflicts {
		add(c.Mine, 1)
	}
	add(mine, -1)
	for _, n := range count {
		if n < 0 {
			return false
		}
	}
	return true
}
