package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A Doubt is something about a table of users that a person has to decide or to know before
// the package can use the table.
type Doubt struct {
	Of   string // the name in answers.UserColumns that it is about, or "id" and the like
	Pos  Position
	Text string
}

// String returns the doubt with its position.
func (d Doubt) String() string { return fmt.Sprintf("%s: %s", d.Pos, d.Text) }

// Mapping returns the answer "users" for the table that the source suggests, beside the other
// answers: its columns, those of the fields of the profile among them. Where a person has to
// decide, the answer has what is likeliest, or nothing. It is not adopted if the package
// cannot use the table, and the doubts say why.
func (t UsersTable) Mapping(a answers.Answers) (answers.Users, []Doubt) {
	m := mapping{table: t, answers: a, database: answers.DatabaseNamed(a.Database)}
	m.users = answers.Users{Table: t.Name, Columns: make(map[string]answers.UserColumn)}
	m.id()
	for _, k := range answers.UserColumns {
		if k.Name != "id" {
			m.column(k)
		}
	}
	for _, f := range a.Profile {
		if c, ok := m.field(f); ok {
			m.users.Columns[f.Name] = answers.UserColumn{Name: c.Name}
		}
	}
	for _, k := range answers.UserColumns {
		if k.Needed && !m.users.Has(k.Name) {
			return answers.Users{}, m.doubts
		}
	}
	return m.users, m.doubts
}

// A mapping is a mapping of a table while it is made.
type mapping struct {
	table    UsersTable
	answers  answers.Answers
	database answers.Database
	users    answers.Users
	doubts   []Doubt
}

func (m *mapping) doubt(of string, pos Position, format string, args ...any) {
	m.doubts = append(m.doubts, Doubt{of, pos, fmt.Sprintf(format, args...)})
}

// id maps the primary key.
func (m *mapping) id() {
	var keys []Column
	for _, c := range m.table.Columns {
		if c.Key {
			keys = append(keys, c)
		}
	}
	switch len(keys) {
	case 0:
		m.doubt("id", m.table.Pos, "the source does not show the primary key of the table %s", m.table.Name)
		return
	case 1:
	default:
		m.doubt("id", keys[1].Pos, "the primary key of the table %s has several columns, %s, and that of users can have only one", m.table.Name, namesOf(keys))
		return
	}
	c := keys[0]
	idType := c.idType(m.database)
	if idType == "" {
		m.doubt("id", c.Pos, "the type of the primary key %s %s; it must be a UUID, a whole number or a text", c.Name, typeText(c))
		return
	}
	m.users.Columns["id"] = answers.UserColumn{Name: c.Name, Form: idType}
}

// idType returns the type of a primary key as the answer has it, "" if that of users cannot
// have it.
func (c Column) idType(d answers.Database) string {
	form := c.Type
	// Where the case of letters depends on the collation, a column that refers to this one
	// needs the same.
	if d.Types.FoldsCase && c.class() == texts && c.collation != "" {
		keyword := " character set "
		if strings.Contains(c.collation, "_") {
			keyword = " collate "
		}
		form += keyword + c.collation
	}
	for _, form := range []string{form, c.Type} {
		u := answers.Users{Columns: map[string]answers.UserColumn{"id": {Form: form}}}
		if form != "" && u.IDKind() != "" {
			return form
		}
	}
	return ""
}

// column maps something else that the package keeps of a user.
func (m *mapping) column(k answers.UserColumnKind) {
	found := m.table.candidates(k.Name)
	if len(found) == 0 {
		if k.Name == "email" {
			m.noEmail()
		}
		return
	}
	c := found[0]
	if len(found) > 1 {
		m.doubt(k.Name, found[1].Pos, "both %s at %s and %s can be the column for %s", c.Name, c.Pos, namesOf(columnsOf(found[1:])), k.Name)
	}
	if k.Name == "role" {
		m.role(c.Column)
		return
	}
	form, ok := c.form(k, m.database)
	if !ok {
		m.doubt(k.Name, c.Pos, "%s %s, so it cannot be the column for %s", c.Name, typeText(c.Column), k.Name)
		return
	}
	if c.opposite {
		form = opposite[form]
	}
	if k.Forms != nil && form == k.Forms[0] {
		form = "" // as if it were not given
	}
	m.users.Columns[k.Name] = answers.UserColumn{Name: c.Name, Form: form}
}

func (m *mapping) noEmail() {
	if found := m.table.candidates(username); found != nil {
		m.doubt("email", found[0].Pos, "the table %s has no column for an address, and people log in with %s there; the package needs an address", m.table.Name, found[0].Name)
	}
}

// opposite are the forms of columns that say the opposite.
var opposite = map[string]string{answers.FormBool: answers.FormNot, answers.FormTime: answers.FormNotTime}

// form returns the form of a column that is what k stands for, false if its type does not fit.
// A type that is not known fits.
func (c Column) form(k answers.UserColumnKind, d answers.Database) (string, bool) {
	is := c.class()
	isTime := is == times || is == texts && d.Types.Loose
	isTruth := is == truths || is == numbers && d.Types.Numbers
	switch {
	case is == "":
		if k.Forms != nil && strings.HasSuffix(strings.ToLower(c.Name), "_at") {
			return answers.FormTime, true
		}
		return "", true
	case k.Forms != nil && isTime:
		return answers.FormTime, slices.Contains(k.Forms, answers.FormTime)
	case k.Forms != nil && isTruth:
		// A number in a column of that name is a time.
		return answers.FormBool, slices.Contains(k.Forms, answers.FormBool) && (is == truths || !strings.HasSuffix(strings.ToLower(c.Name), "_at"))
	case k.Forms != nil:
		return "", false
	}
	switch k.Name {
	case "email":
		if c.Folds && !d.Types.FoldsCase {
			return answers.FormNoCase, is == texts
		}
		return "", is == texts
	case "password":
		return "", is == texts || is == binary
	case "created":
		return "", is == times
	case "updated":
		return "", isTime
	}
	return "", true
}

// role maps the role. Values other than the names of the roles are part of the answer.
func (m *mapping) role(c Column) {
	roles := m.answers.Roles
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Name
	}
	if len(roles) == 0 {
		return
	}
	lowest := names[len(names)-1]
	is := c.class()
	if boolean := is == truths || is == numbers && m.database.Types.Numbers && !c.refers && tellsAdmins(c.Name); boolean {
		switch len(roles) {
		case 1: // everybody has it
		case 2:
			m.users.Columns["role"] = answers.UserColumn{Name: c.Name, Form: fmt.Sprintf("%s=true+%s=false", names[0], lowest)}
		default:
			m.doubt("role", c.Pos, "%s tells two roles apart, and there are %s", c.Name, strings.Join(names, ", "))
		}
		return
	}
	if is != texts {
		why := typeText(c)
		if c.refers {
			why = "refers to another table"
		}
		m.doubt("role", c.Pos, "%s %s, so the source does not tell which value stands for which of the roles %s", c.Name, why, strings.Join(names, ", "))
		return
	}
	column := answers.UserColumn{Name: c.Name}
	switch values, same := valuesOf(c, names); {
	case values != nil:
		if !same {
			var pieces []string
			for i, name := range names {
				pieces = append(pieces, name+"="+values[i])
			}
			column.Form = strings.Join(pieces, "+")
		}
		others := slices.DeleteFunc(slices.Clone(c.values), func(value string) bool { return slices.Contains(values, value) })
		if len(others) > 0 {
			m.doubt("role", c.Pos, "%s can also be %s, which is not a role, so users who have it cannot log in", c.Name, strings.Join(others, " or "))
		}
	case c.values != nil:
		m.doubt("role", c.Pos, "%s has the values %s, and the roles are %s", c.Name, strings.Join(c.values, ", "), strings.Join(names, ", "))
	case c.usual != "":
		m.doubt("role", c.Pos, "%s is %s by default, and the roles are %s", c.Name, c.usual, strings.Join(names, ", "))
	default:
		m.doubt("role", c.Pos, "the source does not tell the values of %s, which have to be the names of the roles, %s", c.Name, strings.Join(names, ", "))
	}
	m.users.Columns["role"] = column
}

// valuesOf returns the values of a column that are the names of the roles but for the case of
// letters, nil if there are none such, and whether they are the very names.
func valuesOf(c Column, names []string) (values []string, same bool) {
	known := c.values
	if known == nil && slices.Contains(names, c.usual) {
		return names, true // the others are likely to be, too
	}
	same = true
	for _, name := range names {
		i := slices.IndexFunc(known, func(value string) bool { return strings.EqualFold(value, name) })
		if i < 0 {
			return nil, false
		}
		values = append(values, known[i])
		same = same && known[i] == name
	}
	return values, same
}

// tellsAdmins reports whether a column of that name says whether somebody is an administrator.
func tellsAdmins(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "is_") || strings.Contains(name, "admin") || strings.Contains(name, "superuser")
}

// displayNames are the names of columns for a field of the profile that is called display_name.
var displayNames = []string{"display_name", "name"}

// field returns the column for a field of the profile.
func (m *mapping) field(f answers.Field) (Column, bool) {
	names := []string{f.Name}
	if f.Name == displayNames[0] {
		names = displayNames
	}
	for _, name := range names {
		for _, c := range m.table.Columns {
			if strings.EqualFold(c.Name, name) && c.holds(f, m.database) && !m.isUsed(c) {
				return c, true
			}
		}
	}
	return Column{}, false
}

// isUsed reports whether a column is in the answer already.
func (m *mapping) isUsed(c Column) bool {
	for _, used := range m.users.Columns {
		if used.Name == c.Name {
			return true
		}
	}
	return false
}

// holds reports whether a column can have the values of a field of the profile.
func (c Column) holds(f answers.Field, d answers.Database) bool {
	is := c.class()
	switch f.Type {
	case "bool":
		return is == truths || is == numbers && d.Types.Numbers
	case "int":
		return is == numbers
	}
	return is == texts
}

// typeText says what the type of a column is, as the end of a sentence about it.
func typeText(c Column) string {
	if c.Type == "" {
		return "is unknown"
	}
	return "has the type " + c.Type
}

// namesOf returns the names of columns with their positions.
func namesOf(columns []Column) string {
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = fmt.Sprintf("%s at %s", c.Name, c.Pos)
	}
	return strings.Join(texts, " and ")
}

func columnsOf(found []candidate) []Column {
	columns := make([]Column, len(found))
	for i, c := range found {
		columns[i] = c.Column
	}
	return columns
}
