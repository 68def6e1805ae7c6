package plan

import "github.com/authgen/authgen/generator/internal/lock"

// otherDatabase reports whether the answers are for another database than the package was
// emitted for last. The new database has no tables yet.
func (p *planner) otherDatabase() bool {
	was, ok := p.base.Answers()
	return ok && was.Database != p.answers.Database
}

// updateMigration replaces a migration only for another database, to which the migrations
// of the old one are never applied.
func updateMigration(p *planner, s *Step, _ *file) {
	s.Action = Immutable
	if p.otherDatabase() {
		s.Action = Update
	}
}

// keepMigration keeps a migration with edits, unless it would have to change.
func keepMigration(_ *planner, s *Step, f *file) {
	s.Action = Immutable
	if f.unchanged {
		s.Action = Keep
	}
}

// retainMigration keeps a migration that is no longer emitted, since databases may have
// it.
func retainMigration(p *planner, s *Step, f *file) {
	s.Action, s.record = Identical, &f.last
	switch {
	case p.otherDatabase() && (!s.onDisk || p.isOurs(s, f.last)):
		s.Action, s.Note, s.record = Gone, "it was for another database", nil
	case p.otherDatabase():
		s.Action = Immutable
	case !s.onDisk && p.startOver:
		s.Action, s.record = Gone, nil
	case !s.onDisk:
		s.Action, s.Note = Keep, deletedNote
		s.record.State = lock.Deleted
	default:
		s.record.State = ""
		if !p.isUnedited(s, f.last) {
			s.Action, s.Note = Keep, "a migration that you edited: databases that have it do not get the edit"
		}
	}
}
