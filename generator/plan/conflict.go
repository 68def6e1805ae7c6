package plan

import (
	"bytes"
	"fmt"
	"path"
	"slices"

	"github.com/authgen/authgen/generator/internal/lock"
	"github.com/authgen/authgen/generator/internal/merge"
	"github.com/authgen/authgen/generator/internal/text"
	"github.com/authgen/authgen/generator/internal/tree"
)

// The files beside the emitted ones and [answers.FileName].
const (
	LockFile = "authgen.lock"

	// MergeSuffix ends the name of the file in which a conflict can be resolved, and
	// MineSuffix that of the developer's file as it was before conflict markers were
	// written into it.
	MergeSuffix = ".authgen-merge"
	MineSuffix  = ".authgen-mine"
)

// A Conflict is a place where the developer and authgen changed the same lines.
type Conflict = merge.Conflict

// ConflictMode says what a plan with conflicts writes.
type ConflictMode string

// The conflict modes.
const (
	Fail    ConflictMode = "fail"    // nothing
	Markers ConflictMode = "markers" // conflict markers into Go files; for others, as Sidecar
	Sidecar ConflictMode = "sidecar" // a file with markers beside each file
)

// merge merges what authgen changed since the base into the developer's file.
func (p *planner) merge(s *Step, base lock.File) {
	mine, now := text.Normalize(s.old), text.Normalize(s.emitted)
	if path.Ext(s.Path) == ".go" && p.was != p.now {
		mine = rename(mine, p.was, p.now)
	}
	result := p.mergeTexts(s.Path, base.Base, mine, now)
	if len(result.Conflicts) > 0 {
		p.conflict(s, base, result, now)
		return
	}
	s.new = text.Like(s.old, result.Text)
	s.Action = Merge
	if bytes.Equal(s.new, s.old) {
		s.Action = Keep
	}
}

func (p *planner) mergeTexts(name string, base, mine, now []byte) merge.Result {
	if isBinary(base, mine, now) { // take one side or the other
		return merge.Result{Text: now, Conflicts: []Conflict{{Base: base, Mine: mine, New: now}}}
	}
	if path.Ext(name) == ".go" {
		return merge.Go(base, mine, now, p.labels)
	}
	return merge.Lines(base, mine, now, p.labels)
}

// isBinary reports whether any side is binary.
func isBinary(sides ...[]byte) bool {
	return slices.ContainsFunc(sides, func(side []byte) bool { return bytes.IndexByte(side, 0) >= 0 })
}

// conflict sets the step for a merge with conflicts. The record keeps the base until they
// are resolved.
func (p *planner) conflict(s *Step, base lock.File, r merge.Result, now []byte) {
	s.Action, s.Conflicts, s.new = Conflicts, r.Conflicts, nil
	record := base
	record.State, record.New = lock.Conflict, now
	s.record = &record
	switch merged := text.Like(s.old, r.Text); {
	case p.plan.conflict == Fail:
	case p.plan.conflict == Markers && path.Ext(s.Path) == ".go" && HasMarkers(merged):
		s.new = merged
		s.sidecars = map[string][]byte{MineSuffix: s.old}
	default:
		s.sidecars = map[string][]byte{MergeSuffix: merged}
	}
}

// planSidecars creates or removes FILE.authgen-merge and FILE.authgen-mine.
func (p *planner) planSidecars(s *Step) error {
	wanted := s.sidecars
	if wanted == nil && !s.resolved {
		return nil
	}
	for _, suffix := range []string{MergeSuffix, MineSuffix} {
		sidecar := Step{At: s.At + suffix}
		if err := p.read(&sidecar); err != nil {
			return err
		}
		c := tree.Change{Path: p.plan.InModule(sidecar), Data: wanted[suffix], Old: sidecar.old, OldExists: sidecar.onDisk}
		switch {
		case wanted[suffix] == nil && sidecar.onDisk && s.resolved:
			c.Remove = true
		case wanted[suffix] == nil, bytes.Equal(sidecar.old, c.Data) && sidecar.onDisk:
			continue
		case sidecar.onDisk, sidecar.irregular:
			return fmt.Errorf("%s is in the way: move it away", c.Path)
		}
		s.sidecarChanges = append(s.sidecarChanges, c)
	}
	return nil
}

// HasMarkers reports whether there are conflict markers in a text.
func HasMarkers(data []byte) bool { return len(merge.Markers(text.Normalize(data))) > 0 }
