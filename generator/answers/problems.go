package answers

import (
	"cmp"
	"go/token"
	"slices"
	"strings"
)

// A Problem is one thing that is wrong with the answers.
type Problem struct {
	Pos     token.Position // where in the file; invalid if the answers come from elsewhere
	Path    string         // which answer, such as "session" or "roles[1].permissions[0]"; empty for the file as a whole
	Message string         // what is wrong and what would be right
}

// Key returns the key, and so the name of the flag, of the answer.
func (p Problem) Key() string {
	if i := strings.IndexAny(p.Path, ".["); i >= 0 {
		return p.Path[:i]
	}
	return p.Path
}

// Error returns the position if there is one, the key if there is one, and
// the message.
func (p Problem) Error() string {
	var b strings.Builder
	if p.Pos.IsValid() {
		b.WriteString(p.Pos.String() + ": ")
	}
	if key := p.Key(); key != "" {
		b.WriteString(key + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems is the error for answers that cannot be used: everything that is
// wrong with them, in the order of the file or of the questions.
type Problems []Problem

// Error returns one line a problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(a.Pos.Line-b.Pos.Line, a.Pos.Column-b.Pos.Column)
	})
}
