package emit

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/generator/project"
)

// Migrated is an existing migration of a package.
type Migrated struct {
	// Path is the path of its File.
	Path string
	// Adds are the parts of the schema that it adds. A migration of the developer's own
	// in the same directory adds none; it only takes a number.
	Adds []string
	// Data is its content on disk, which only Atlas needs, for its checksums.
	Data []byte
}

// The parts of the schema are the tables by their names, and the columns of the profile:
// "users" and "profile.phone:string". A role whose users got another one is a part too,
// "role.editor:member", which no answers need.
//
// Beside a table of the application, the part of "accounts" also has what it refers to:
// "accounts.of:users.id:bigint". Its other columns are parts, such as "accounts.disabled".
//
// Columns are never dropped. They have defaults, so that rows can be inserted after a
// field was removed from the answers.

// SchemaParts returns the parts that a package for these answers needs, sorted.
func SchemaParts(a answers.Answers) []string {
	var parts []string
	for _, table := range answers.Tables() {
		if table.Needed(a) {
			parts = append(parts, table.Name)
		}
	}
	if a.Users.Adopted() {
		parts = append(parts, ofPart(a))
		for _, c := range accountColumns(a) {
			parts = append(parts, accountPart+c.name)
		}
	}
	for _, f := range storedFields(a) {
		parts = append(parts, columnPart(f))
	}
	slices.Sort(parts)
	return parts
}

const (
	ofPartStart = "accounts.of:"
	accountPart = "accounts."
)

// ofPart returns the part that stands for what the table beside that of the application
// refers to.
func ofPart(a answers.Answers) string {
	of := a.Users.Table + "." + a.Users.Columns["id"].Name + ":" + a.Users.IDType()
	return ofPartStart + notInPart.ReplaceAllString(strings.ToLower(of), "_")
}

// notInPart matches what a part cannot have.
var notInPart = regexp.MustCompile(`[^a-z0-9_.:]+`)

// accountColumns returns the columns of the table beside that of the application, without
// the key, the version and the fields of the profile.
func accountColumns(a answers.Answers) []userColumn {
	return slices.DeleteFunc(userColumnsOf(a), func(c userColumn) bool {
		return c.adopt != "" || slices.ContainsFunc(a.Profile, func(f answers.Field) bool { return f.Name == c.name })
	})
}

// storedFields returns the fields of the profile that are in a table of the package.
func storedFields(a answers.Answers) []answers.Field {
	return slices.DeleteFunc(slices.Clone(a.Profile), a.IsAdopted)
}

func columnPart(f answers.Field) string { return "profile." + f.Name + ":" + f.Type }

// columnIn returns the column that a part stands for, false if it is not a column.
func columnIn(part string) (f answers.Field, ok bool) {
	rest, ok := strings.CutPrefix(part, "profile.")
	if !ok {
		return answers.Field{}, false
	}
	f.Name, f.Type, ok = strings.Cut(rest, ":")
	return f, ok
}

// rolePart returns the part that stands for a move.
func rolePart(m answers.RoleMove) string { return "role." + m.From + ":" + m.To }

// schemaChange is what a migration has to change in the existing schema.
type schemaChange struct {
	first   bool            // whether no table exists yet
	adds    []string        // the parts that it adds, sorted
	columns []answers.Field // to add to the table of users
	// accounts are columns to add to the table beside that of the application.
	accounts []userColumn

	moves []answers.RoleMove
}

// newSchemaChange returns what the answers need in addition to these migrations.
func newSchemaChange(a answers.Answers, migrated []Migrated) (schemaChange, error) {
	has := make(map[string]bool)
	existing := make(map[string]answers.Field) // columns by name
	for _, m := range migrated {
		for _, part := range m.Adds {
			has[part] = true
			if f, ok := columnIn(part); ok {
				existing[f.Name] = f
			}
		}
	}
	c := schemaChange{first: len(has) == 0}
	if err := sameUsers(a, has); err != nil {
		return schemaChange{}, err
	}
	if a.Users.Adopted() {
		for _, column := range accountColumns(a) {
			if part := accountPart + column.name; !has[part] {
				c.accounts = append(c.accounts, column)
			}
		}
	}
	for _, f := range storedFields(a) {
		old, ok := existing[f.Name]
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

// sameUsers returns an error if the package has tables that are for other users than those of
// the answers.
func sameUsers(a answers.Answers, has map[string]bool) error {
	problem := func(format string, args ...any) error {
		return answers.Problems{{Path: "users", Message: fmt.Sprintf(format, args...)}}
	}
	if has["users"] && a.Users.Adopted() {
		return problem("the package has a table of its own, %susers, whose people would be lost; to use %s, copy them there, run authgen remove, and then authgen init with --users", TablePrefix(a), a.Users.Table)
	}
	if has["accounts"] && !a.Users.Adopted() {
		return problem("the package uses a table of the application, whose people would be lost; to have a table of its own, run authgen remove, and then authgen init")
	}
	for part := range has {
		if of, ok := strings.CutPrefix(part, ofPartStart); ok && a.Users.Adopted() && part != ofPart(a) {
			return problem("the table %saccounts is for %s, and cannot be for %s; leave the table, its key and the type of that as they are, or run authgen remove, and then authgen init",
				TablePrefix(a), of, strings.TrimPrefix(ofPart(a), ofPartStart))
		}
	}
	return nil
}

// moveRoles adds the moves of roles, unless this is the first migration: it creates the
// tables, so there are no users yet.
//
// A role that is removed only now may have got users after an earlier move, so its users
// are moved again. For a role that was removed earlier, one move is enough.
//
// Roles in a table of the application are the application's to change.
func (c *schemaChange) moveRoles(a answers.Answers, moves []answers.RoleMove, migrated []Migrated) error {
	if len(moves) > 0 && a.Users.Has("role") {
		return answers.Problems{{Path: "roles", Message: fmt.Sprintf("users have their roles in the column %s of %s, which migrations of the package do not change; give users with role %q another one there, then set roles-=%[3]s",
			a.Users.Columns["role"].Name, a.Users.Table, moves[0].From)}}
	}
	if c.first {
		return nil
	}
	for _, m := range moves {
		done := slices.IndexFunc(migrated, func(earlier Migrated) bool { return slices.Contains(earlier.Adds, rolePart(m)) })
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

// name returns a name for a later migration, from what it changes.
func (c schemaChange) name() string {
	var words []string
	for _, table := range answers.Tables() {
		if c.addsTable(table.Name) {
			words = append(words, table.Name)
		}
	}
	for _, column := range c.accounts {
		words = append(words, column.name)
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

// up returns the statements that change the table of users and its rows.
func (c schemaChange) up(a answers.Answers) string {
	if c.first {
		return ""
	}
	var b strings.Builder
	for _, column := range c.accounts {
		fmt.Fprintf(&b, "%sADD COLUMN %s;\n", alterUsers(a), strings.Join(strings.Fields(strings.TrimSuffix(definition(column.name, column.column), ",\n")), " "))
	}
	for _, f := range c.columns {
		column := columnFor(f, a.Database)
		fmt.Fprintf(&b, "%sADD COLUMN %s %s NOT NULL DEFAULT %s;\n", alterUsers(a), f.Name, column.Type, column.Default)
	}
	for _, m := range c.moves {
		fmt.Fprintf(&b, "-- The role %s no longer exists. Users who had it have to log in again.\n", m.From)
		fmt.Fprintf(&b, "UPDATE %s%s SET role = '%s', session_version = session_version + 1 WHERE role = '%s';\n", TablePrefix(a), UsersTable(a), m.To, m.From)
	}
	return b.String()
}

// down returns the statements that revert up, as far as possible.
func (c schemaChange) down(a answers.Answers) string {
	if c.first {
		return ""
	}
	var b strings.Builder
	for _, m := range slices.Backward(c.moves) {
		fmt.Fprintf(&b, "-- This cannot be undone: it is no longer known which users had the role %s.\n", m.From)
	}
	if c.moves != nil {
		b.WriteString("SELECT 1;\n") // for tools that need a statement
	}
	for _, f := range slices.Backward(c.columns) {
		fmt.Fprintf(&b, "%sDROP COLUMN %s;\n", alterUsers(a), f.Name)
	}
	for _, column := range slices.Backward(c.accounts) {
		fmt.Fprintf(&b, "%sDROP COLUMN %s;\n", alterUsers(a), column.name)
	}
	return b.String()
}

// alterUsers returns the start of statements that change the table of users.
func alterUsers(a answers.Answers) string {
	return "ALTER TABLE " + TablePrefix(a) + UsersTable(a) + " "
}

// UsersTable returns the table of the package that has a row for each user, as it is among
// the parts of the schema.
func UsersTable(a answers.Answers) string {
	if a.Users.Adopted() {
		return "accounts"
	}
	return "users"
}

// profileColumns returns the columns of the profile for CREATE TABLE.
func profileColumns(a answers.Answers) string {
	var b strings.Builder
	for _, f := range a.Profile {
		column := columnFor(f, a.Database)
		fmt.Fprintf(&b, "    %-15s %-7s NOT NULL DEFAULT %s,\n", f.Name, column.Type, column.Default)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// TablePrefix returns the prefix of the names of the tables of a package.
func TablePrefix(a answers.Answers) string {
	if a.Name != "" {
		return a.Name + "_auth_"
	}
	return "auth_"
}

// TableText returns the statement in a migration that creates a table, without the columns
// of the profile, or "" if there is none.
func TableText(a answers.Answers, table string, migration []byte) string {
	text := strings.ReplaceAll(string(migration), "\r\n", "\n")
	_, text, ok := strings.Cut(text, "\nCREATE TABLE "+TablePrefix(a)+table+" (\n")
	if !ok {
		return ""
	}
	text, _, _ = strings.Cut(text, ";\n")
	before, after, ok := strings.Cut(text, "\n    session_version ")
	if !ok {
		return text
	}
	line, after, _ := strings.Cut(after, "\n")
	_, after, _ = strings.Cut("\n"+after, "\n    created_at ")
	return before + "\n" + line + "\n" + after
}

// PartsOf returns the parts that a migration adds, sorted, from its text. It serves to
// restore a lost lock.
func PartsOf(a answers.Answers, migration []byte) []string {
	var parts []string
	text := string(migration)
	for _, table := range answers.Tables() {
		if strings.Contains(text, "\nCREATE TABLE "+TablePrefix(a)+table.Name+" (\n") {
			parts = append(parts, table.Name)
		}
	}
	if a.Users.Adopted() {
		parts = append(parts, accountParts(a, text)...)
		slices.Sort(parts)
		return parts
	}
	var columns []string
	for line := range strings.Lines(text) {
		if column, ok := strings.CutPrefix(line, alterUsers(a)+"ADD COLUMN "); ok {
			columns = append(columns, column)
		}
	}
	// In the first migration, they are between two other columns.
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
			if wanted.Name == f.Name && columnFor(wanted, a.Database).Type == words[1] {
				f.Type = wanted.Type
			}
		}
		parts = append(parts, columnPart(f))
	}
	slices.Sort(parts)
	return parts
}

// accountParts returns the parts of the table beside that of the application that a
// migration adds, from its text.
func accountParts(a answers.Answers, text string) []string {
	var parts []string
	if strings.Contains(text, "\nCREATE TABLE "+TablePrefix(a)+"accounts (\n") {
		parts = append(parts, ofPart(a))
	}
	for _, part := range SchemaParts(a) {
		name, ok := strings.CutPrefix(part, accountPart)
		if f, isField := columnIn(part); isField {
			name, ok = f.Name, true
		}
		if ok && (strings.Contains(text, "\n    "+name+" ") || strings.Contains(text, alterUsers(a)+"ADD COLUMN "+name+" ")) {
			parts = append(parts, part)
		}
	}
	return parts
}

// nextNumber returns the number after those of the migrations in a directory, "" if there
// are none.
func nextNumber(migrated []Migrated, dir string) string {
	var names []string
	for _, m := range migrated {
		if path.Dir(m.Path) == dir {
			names = append(names, path.Base(m.Path))
		}
	}
	return project.NextNumber(names)
}
