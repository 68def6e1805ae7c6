package project

import (
	"fmt"
	"strings"
	"testing"

	"github.com/authgen/authgen/generator/answers"
)

// TestUsersTables loads each module tree in testdata/users, and compares the tables of users
// that it has with the file "want" in the archive.
func TestUsersTables(t *testing.T) { compareWanted(t, "testdata/users/*.txtar", usersOf) }

// usersOf returns the tables of users of a project, each with the answer that maps it and the
// doubts about that, and the columns of all tables.
func usersOf(p *Project) string {
	var b strings.Builder
	a := answers.Default()
	if database, ok := p.Database(); ok {
		a.Database = database
	}
	for _, table := range p.UsersTables(a.Database) {
		users, doubts := table.Mapping(a)
		b.WriteString(table.Pos.String() + ": ")
		a.Users = users
		fmt.Fprintf(&b, "users %s: %s\n", table.Name, a.Get("users"))
		for _, d := range doubts {
			fmt.Fprintf(&b, "  %s: %s\n", d.Of, d)
		}
		a.Users = answers.Users{}
	}
	for _, table := range p.tables(a.Database) {
		fmt.Fprintf(&b, "%s:\n", table.Name)
		for _, c := range table.Columns {
			fmt.Fprintf(&b, "  %d %s %s", c.Pos.Line, c.Name, c.Type)
			for _, is := range []struct {
				word string
				on   bool
			}{{"key", c.Key}, {"null", c.Null}, {"filled", c.Filled}, {"unique", c.Unique}, {"folds", c.Folds}, {"refers", c.refers}} {
				if is.on {
					b.WriteString(" " + is.word)
				}
			}
			if c.values != nil {
				fmt.Fprintf(&b, " %q", c.values)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
