package emit

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// Migrated is a migration that a package has already. Emit adds to what those
// before made, and never changes them.
type Migrated struct {
	// Path is that of its File.
	Path string
	// Adds is what its File says that it adds. A migration of the developer's own
	// in the same directory adds none of it: its number is taken, no more.
	Adds []string
	// Data is what is on disk, for the checksums of Atlas. No other tool needs it.
	Data []byte
}

// The parts of the schema are the tables by their names, and the columns of the profile:
// "users" and "profile.phone:string". That users with
// a role got another one counts as a part too, "role.editor:member", though no answers
// ask for it.
//
// A column has a default, so that rows can still be inserted when the field is no
// longer an answer: columns stay.

// SchemaParts returns the parts that a package for these answers needs, sorted.
func SchemaParts(a answers.Answers) []string {
	var parts []string
	for _, table := range answers.Tables() {
		if table.Needed(a) {
			parts = append(parts, table.Name)
		}
	}
	for _, f := range a.Profile {
		parts = append(parts, columnPart(f))
	}
	slices.Sort(parts)
	return parts
}

func columnPart(f answers.Field) string { return "profile." + f.Name + ":" + f.Type }

// columnIn returns the column that a part is; false if it is a table.
func columnIn(part string) (f answers.Field, ok bool) {
	rest, ok := strings.CutPrefix(part, "profile.")
	if !ok {
		return answers.Field{}, false
	}
	f.Name, f.Type, ok = strings.Cut(rest, ":")
	return f, ok
}

// rolePart is the part that a move counts as.
func rolePart(m answers.RoleMove) string { return "role." + m.From + ":" + m.To }

// schemaChange is what a migration has to do to the tables that are there.
type schemaChange struct {
	first   bool            // none of the tables is there
	adds    []string        // the parts that are there afterwards, and were not before, sorted
	columns []answers.Field // to add to the table of users

	moves []answers.RoleMove
}

// newSchemaChange returns what is missing after these migrations.
func newSchemaChange(a answers.Answers, migrated []Migrated) (schemaChange, error) {
	has := make(map[string]bool)
	there := make(map[string]answers.Field) // columns by name
	for _, m := range migrated {
		for _, part := range m.Adds {
			has[part] = true
			if f, ok := columnIn(part); ok {
				there[f.Name] = f
			}
		}
	}
	c := schemaChange{first: len(has) == 0}
	for _, f := range a.Profile {
		old, ok := there[f.Name]
		switch {
		case ok && old.Type != f.Type:
			return schemaChange{}, fmt.Errorf("profile: the column %s exists and holds %s, which cannot become %s; leave the field as it is, or add one with another name", f.Name, old.Type, f.Type)
		case !ok:
			c.columns = append(c.columns, f)
			c.adds = append(c.adds, columnPart(f))
		}
	}
	for _, part := range SchemaParts(a) {
		if _, isColumn := columnIn(part); !isColumn && !has[part] {
			c.adds = append(c.adds, part)
		}
	}
	slices.Sort(c.adds)
	return c, nil
}

// moveRoles adds what is asked for beside the answers. There are no users yet where
// the first migration makes the tables.
//
// A role that was there until now may have come back since its users got another one.
// Of a former one, that a migration did the same is known to be enough.
func (c *schemaChange) moveRoles(moves []answers.RoleMove, migrated []Migrated) error {
	if c.first {
		return nil
	}
	for _, m := range moves {
		done := slices.IndexFunc(migrated, func(there Migrated) bool { return slices.Contains(there.Adds, rolePart(m)) })
		if m.Former && done >= 0 {
			return answers.Problems{{Path: "roles", Message: fmt.Sprintf("users with role %q already get role %q by %s; for another migration that does the same, set roles+=%[1]s too, before roles-=%[1]s:%[2]s",
				m.From, m.To, path.Base(migrated[done].Path))}}
		}
		c.moves = append(c.moves, m)
		c.adds = append(c.adds, rolePart(m))
	}
	slices.Sort(c.adds)
	return nil
}

func (c schemaChange) addsTable(name string) bool { return slices.Contains(c.adds, name) }

// name says in a few words what a later migration does.
func (c schemaChange) name() string {
	var words []string
	for _, table := range answers.Tables() {
		if c.addsTable(table.Name) {
			words = append(words, table.Name)
		}
	}
	for _, f := range c.columns {
		words = append(words, f.Name)
	}
	for _, m := range c.moves {
		words = append(words, m.From+"_to_"+m.To)
	}
	if len(words) > 3 {
		return "update"
	}
	return strings.Join(words, "_")
}

// up returns the statements that change the table of users, and what is in it.
func (c schemaChange) up(a answers.Answers) string {
	if c.first {
		return ""
	}
	var b strings.Builder
	for _, f := range c.columns {
		fmt.Fprintf(&b, "%sADD COLUMN %s %s NOT NULL DEFAULT %s;\n", alterUsers(a), f.Name, columnType(f, a.Database), columnDefault(f, a.Database))
	}
	for _, m := range c.moves {
		fmt.Fprintf(&b, "-- The role %s no longer exists. Users who had it have to log in again.\n", m.From)
		fmt.Fprintf(&b, "UPDATE %susers SET role = '%s', session_version = session_version + 1 WHERE role = '%s';\n", tablePrefix(a), m.To, m.From)
	}
	return b.String()
}

// down is the inverse of up, as far as there is one.
func (c schemaChange) down(a answers.Answers) string {
	if c.first {
		return ""
	}
	var b strings.Builder
	for _, m := range slices.Backward(c.moves) {
		fmt.Fprintf(&b, "-- This cannot be undone: it is no longer known which users had the role %s.\n", m.From)
	}
	if c.moves != nil {
		b.WriteString("SELECT 1;\n") // for a tool that wants to execute something
	}
	for _, f := range slices.Backward(c.columns) {
		fmt.Fprintf(&b, "%sDROP COLUMN %s;\n", alterUsers(a), f.Name)
	}
	return b.String()
}

// alterUsers is what the statements that change the table of users begin with.
func alterUsers(a answers.Answers) string { return "ALTER TABLE " + tablePrefix(a) + "users " }

// columnDefault is what rows have in the field's column that say nothing of it.
func columnDefault(f answers.Field, database string) string {
	switch {
	case f.Type == "string" && database == "mysql":
		return "('')" // a TEXT has no default there that is a literal
	case f.Type == "string":
		return "''"
	case f.Type == "bool" && database != "sqlite":
		return "FALSE"
	}
	return "0"
}

// profileColumns are the columns of the profile in CREATE TABLE.
func profileColumns(a answers.Answers) string {
	var b strings.Builder
	for _, f := range a.Profile {
		fmt.Fprintf(&b, "    %-15s %-7s NOT NULL DEFAULT %s,\n", f.Name, columnType(f, a.Database), columnDefault(f, a.Database))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// tablePrefix is what the names of the tables begin with.
func tablePrefix(a answers.Answers) string {
	if a.Name != "" {
		return a.Name + "_auth_"
	}
	return "auth_"
}

// PartsOf returns the parts that the text of a migration makes, sorted. It is for
// where the lock that notes them was lost.
func PartsOf(a answers.Answers, migration []byte) []string {
	var parts []string
	text := string(migration)
	for _, table := range answers.Tables() {
		if strings.Contains(text, "\nCREATE TABLE "+tablePrefix(a)+table.Name+" (\n") {
			parts = append(parts, table.Name)
		}
	}
	var columns []string
	for line := range strings.Lines(text) {
		if column, ok := strings.CutPrefix(line, alterUsers(a)+"ADD COLUMN "); ok {
			columns = append(columns, column)
		}
	}
	// In the first migration, they are between two that are always there.
	_, text, _ = strings.Cut(text, "\n    session_version ")
	text, _, _ = strings.Cut(text, "\n    created_at ")
	_, text, _ = strings.Cut(text, "\n")
	columns = slices.AppendSeq(columns, strings.Lines(text))
	for _, column := range columns {
		words := strings.Fields(column)
		if len(words) < 2 {
			continue
		}
		f := answers.Field{Name: words[0], Type: "int"}
		switch words[1] {
		case "TEXT":
			f.Type = "string"
		case "BOOLEAN":
			f.Type = "bool"
		}
		// In SQLite, a number may be a bool.
		for _, wanted := range a.Profile {
			if wanted.Name == f.Name && columnType(wanted, a.Database) == words[1] {
				f.Type = wanted.Type
			}
		}
		parts = append(parts, columnPart(f))
	}
	slices.Sort(parts)
	return parts
}

// nextNumber returns the number that follows those of the migrations in a directory,
// and nothing if there are none.
func nextNumber(migrated []Migrated, dir string) string {
	var names []string
	for _, m := range migrated {
		if path.Dir(m.Path) == dir {
			names = append(names, path.Base(m.Path))
		}
	}
	return project.NextNumber(names)
}
