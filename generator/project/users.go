package project

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/authgen/authgen/generator/answers"
)

// A UsersTable is a table of the application that has its users, with all its columns.
type UsersTable struct {
	Name    string
	Pos     Position
	Columns []Column

	partial bool // whether it may have other columns
}

// usersNames matches the names of tables that have users if their columns fit.
var usersNames = regexp.MustCompile(`^(?:.*_)?(?:users?|accounts?|members?|customers?|people|persons?|admins?|profiles?|identities)$`)

// username is what usersColumns calls the name that people log in with where that is not their
// address.
const username = "username"

// usersColumns are the names that the columns of such tables have, the likelier ones first, by
// the names of answers.UserColumns. The names of columns that say the opposite are apart.
var usersColumns = []struct {
	of       string
	opposite bool
	names    []string
}{
	{of: "email", names: []string{"email", "email_address", "e_mail", "mail", "email_addr", "emailaddress"}},
	{of: username, names: []string{"username", "user_name", "login", "login_name", "handle"}},
	{of: "password", names: []string{
		"password_hash", "hashed_password", "encrypted_password", "password_digest", "crypted_password",
		"password_encrypted", "passwordhash", "hashedpassword", "pass_hash", "pwhash", "password", "passwd",
	}},
	{of: "verified", names: []string{
		"email_verified_at", "email_verified", "email_confirmed_at", "email_confirmed", "is_email_verified", "confirmed_at",
		"confirmed", "verified_at", "verified", "is_verified", "is_confirmed",
	}},
	{of: "disabled", names: []string{
		"disabled_at", "disabled", "is_disabled", "banned_at", "banned", "is_banned", "blocked_at", "blocked", "is_blocked",
		"suspended_at", "suspended", "is_suspended", "deactivated_at", "deactivated",
	}},
	{of: "disabled", opposite: true, names: []string{"enabled", "is_enabled", "active", "is_active", "enabled_at", "activated_at"}},
	{of: "deleted", names: []string{"deleted_at", "deleted", "is_deleted", "removed_at"}},
	{of: "role", names: []string{"role", "user_role", "role_name", "role_id", "is_admin", "admin", "is_superuser", "superuser", "is_staff"}},
	{of: "created", names: []string{"created_at", "created", "created_on", "create_time", "creation_date", "inserted_at", "date_joined", "joined_at", "registered_at", "signed_up_at"}},
	{of: "updated", names: []string{"updated_at", "updated", "updated_on", "update_time", "modified_at", "modified", "last_modified"}},
}

// A candidate is a column that seems to be what the package needs.
type candidate struct {
	Column
	opposite bool
}

// candidates returns the columns of a table that seem to be what one of answers.UserColumns
// stands for, the likelier ones first.
func (t UsersTable) candidates(of string) []candidate {
	var found []candidate
	for _, known := range usersColumns {
		if known.of != of {
			continue
		}
		for _, name := range known.names {
			for _, c := range t.Columns {
				if strings.EqualFold(c.Name, name) {
					found = append(found, candidate{c, known.opposite})
				}
			}
		}
	}
	return found
}

// use returns which of answers.UserColumns a column seems to be for, other than the primary
// key, "" if it is not one of them.
func (t UsersTable) use(c Column) string {
	for _, k := range answers.UserColumns {
		if slices.ContainsFunc(t.candidates(k.Name), func(found candidate) bool { return found.Name == c.Name }) {
			return k.Name
		}
	}
	return ""
}

// Password returns the name of the column that has the hashes of the passwords.
func (t UsersTable) Password() string {
	if found := t.candidates("password"); found != nil {
		return found[0].Name
	}
	return ""
}

// fits returns how many of the columns that the package needs the table has.
func (t UsersTable) fits() int {
	n := 0
	seen := make(map[string]bool)
	for _, known := range usersColumns {
		if !seen[known.of] && len(t.candidates(known.of)) > 0 {
			n++
		}
		seen[known.of] = true
	}
	return n
}

// UsersTables returns the tables of the application that have its users and their
// passwords, those with more of the columns first. It remembers them, since a screen that
// shows them is drawn again after each answer.
func (p *Project) UsersTables(database string) []UsersTable {
	found, known := p.users[database]
	if !known {
		found = p.findUsersTables(database)
		if p.users == nil {
			p.users = make(map[string][]UsersTable)
		}
		p.users[database] = found
	}
	return found
}

func (p *Project) findUsersTables(database string) []UsersTable {
	found := slices.DeleteFunc(slices.Clone(p.tables(database)), func(t UsersTable) bool {
		name := strings.ToLower(t.Name)
		return !usersNames.MatchString(name) || strings.HasSuffix(name, "auth_users") ||
			len(t.candidates("email"))+len(t.candidates(username)) == 0 || t.Password() == ""
	})
	slices.SortStableFunc(found, func(a, b UsersTable) int { return cmp.Compare(b.fits(), a.fits()) })
	return found
}

// tables returns the tables of the application with their columns in a database. A model
// stands for the table that a migration creates: of both, the one is returned that has more of
// the columns of users, or otherwise the table. It remembers them.
func (p *Project) tables(database string) []UsersTable {
	if all, known := p.all[database]; known {
		return all
	}
	var all []UsersTable
	d := answers.DatabaseNamed(database)
	relations := p.Relations(database, nil)
	slices.SortStableFunc(relations, func(a, b Relation) int { return cmp.Compare(kindOrder(a), kindOrder(b)) })
	for _, r := range relations {
		if r.Kind != "table" && r.Kind != "model" {
			continue
		}
		if r.bare && d.Types.LowersNames {
			r.Name = strings.ToLower(r.Name)
		}
		t := UsersTable{Name: r.Name, Pos: r.Pos, Columns: slices.Clone(r.columns), partial: r.partial}
		for i, c := range t.Columns {
			t.Columns[i] = c.in(d)
		}
		i := slices.IndexFunc(all, func(other UsersTable) bool { return strings.EqualFold(other.Name, t.Name) })
		switch {
		case i < 0:
			all = append(all, t)
		case t.fits() > all[i].fits():
			all[i] = t
		}
	}
	slices.SortStableFunc(all, func(a, b UsersTable) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	if p.all == nil {
		p.all = make(map[string][]UsersTable)
	}
	p.all[database] = all
	return all
}

// kindOrder returns 0 for a table and 1 for what may only name one.
func kindOrder(r Relation) int {
	if r.Kind == "table" {
		return 0
	}
	return 1
}
