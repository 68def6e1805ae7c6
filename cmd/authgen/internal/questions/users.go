package questions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// usersComplete reports whether the questions about the table of users were answered: that
// for the table and, if it is one of the application, that for its columns.
func (g Given) usersComplete() bool {
	return len(g.Users) > 1 || len(g.Users) == 1 && g.Users[0] == ownTable
}

// ownTable is the answer for a table of the package's own.
var ownTable = answers.Answers{}.Get("users")

// chosenTable reports whether the table of users is one of the application that a person
// chose, unlike that of an existing package.
func (g Given) chosenTable(u answers.Users) bool {
	_, flag := g.Flags["users"]
	return u.Adopted() && (flag || len(g.Users) > 0)
}

// usualProfile returns the fields that there are without any answers about the profile. Of a
// table of the application, users have only what it has.
func (g Given) usualProfile(fields []answers.Field, u answers.Users) []answers.Field {
	if !g.chosenTable(u) {
		return fields
	}
	return slices.DeleteFunc(slices.Clone(fields), func(f answers.Field) bool { return !u.Has(f.Name) })
}

// tables returns the tables of the application that have its users.
func (r *Resolution) tables() []project.UsersTable {
	return r.project.UsersTables(r.Answers.Database)
}

// findUsers returns the mapping of the table that a person chose.
func (r *Resolution) findUsers(a answers.Answers) Finding {
	if len(r.given.Users) == 0 || r.given.usersComplete() {
		return Finding{}
	}
	for _, t := range r.project.UsersTables(a.Database) {
		if t.Name == r.given.Users[0] {
			return Finding{Answer: mapped(t, a), Evidence: []string{fmt.Sprintf("%s at %s", t.Name, t.Pos)}}
		}
	}
	return Finding{}
}

// mapped returns the answer that maps a table, in the form of a flag. If the package cannot use
// the table, it has only the name, for a person to complete.
func mapped(t project.UsersTable, a answers.Answers) string {
	if a.Users, _ = t.Mapping(a); !a.Users.Adopted() {
		return "table=" + t.Name
	}
	return a.Get("users")
}

// askUsers returns the next question about the table of users.
func (r *Resolution) askUsers() Question {
	k := answers.KeyNamed("users")
	tables := r.tables()
	q := Question{Key: k.Name, Text: k.Question, Help: k.More, Default: ownTable, Step: len(r.given.Users)}
	if len(r.given.Users) == 0 {
		q.Options = []answers.Value{{Name: ownTable, Help: "a new table of the package's own; it does not know the users that there are"}}
		for _, t := range tables {
			q.Options = append(q.Options, answers.Value{Name: t.Name, Help: "people log in with the accounts that they have there; its columns are asked next"})
			q.Found = append(q.Found, fmt.Sprintf("users: the table %s at %s", t.Name, t.Pos))
		}
		q.Must = fmt.Sprintf("the application has users in the table %s, with their passwords in %s", tables[0].Name, tables[0].Password())
		return q
	}
	q.Table = r.given.Users[0]
	q.Text = fmt.Sprintf("Which columns of %s?", q.Table)
	q.Help = "Each is a name, = and the column, for a few with what it has after a colon:\n" + columnsHelp()
	q.Must = "what cannot be found out is left out"
	for _, t := range tables {
		if t.Name != q.Table {
			continue
		}
		q.Typed = mapped(t, r.Answers)
		_, doubts := t.Mapping(r.Answers)
		for _, d := range doubts {
			q.Found = append(q.Found, d.String())
		}
	}
	return q
}

// columnsHelp says what the columns of a table of users are, a line each.
func columnsHelp() string {
	var b strings.Builder
	for _, c := range answers.UserColumns {
		fmt.Fprintf(&b, "%s: %s\n", c.Name, c.Help)
	}
	return strings.TrimSpace(b.String())
}
