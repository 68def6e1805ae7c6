package project

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// A UsersTable is a table of the application that has its users, with the columns that the
// package would need. A name is empty if there is no such column.
type UsersTable struct {
	Name string
	Pos  Position

	ID         string // the primary key
	Email      string
	Username   string
	Password   string // the hash
	Verified   string // whether, or since when, the address is verified
	Disabled   string // whether, or since when, the user cannot log in
	Enabled    string // the opposite
	Deleted    string // since when the row no longer counts
	Role       string
	Privileged string // whether the user is an administrator
}

// usersNames matches the names of tables that have users if their columns fit.
var usersNames = regexp.MustCompile(`^(?:.*_)?(?:users?|accounts?|members?|customers?|people|persons?|admins?|profiles?|identities)$`)

// usersColumns are the names of the columns of such tables, the likelier ones first.
var usersColumns = []struct {
	of    func(*UsersTable) *string
	names []string
}{
	{func(t *UsersTable) *string { return &t.Email }, []string{"email", "email_address", "e_mail", "mail", "email_addr", "emailaddress"}},
	{func(t *UsersTable) *string { return &t.Username }, []string{"username", "user_name", "login", "login_name", "handle"}},
	{func(t *UsersTable) *string { return &t.Password }, []string{
		"password_hash", "hashed_password", "encrypted_password", "password_digest", "crypted_password",
		"password_encrypted", "passwordhash", "hashedpassword", "pass_hash", "pwhash", "password", "passwd",
	}},
	{func(t *UsersTable) *string { return &t.Verified }, []string{
		"email_verified_at", "email_verified", "email_confirmed_at", "email_confirmed", "is_email_verified", "confirmed_at",
		"confirmed", "verified_at", "verified", "is_verified", "is_confirmed",
	}},
	{func(t *UsersTable) *string { return &t.Disabled }, []string{
		"disabled_at", "disabled", "is_disabled", "banned_at", "banned", "is_banned", "blocked_at", "blocked", "is_blocked",
		"suspended_at", "suspended", "is_suspended", "deactivated_at", "deactivated",
	}},
	{func(t *UsersTable) *string { return &t.Enabled }, []string{"enabled", "is_enabled", "active", "is_active"}},
	{func(t *UsersTable) *string { return &t.Deleted }, []string{"deleted_at", "deleted", "is_deleted", "removed_at"}},
	{func(t *UsersTable) *string { return &t.Role }, []string{"role", "user_role", "role_name", "role_id"}},
	{func(t *UsersTable) *string { return &t.Privileged }, []string{"is_admin", "admin", "is_superuser", "is_staff", "superuser"}},
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
	var found []UsersTable
	fits := make(map[string]int)
	for _, r := range p.Relations(database, nil) {
		name := strings.ToLower(r.Name)
		if !usersNames.MatchString(name) || strings.HasSuffix(name, "auth_users") {
			continue
		}
		t := UsersTable{Name: r.Name, Pos: r.Pos}
		n := 0
		for _, known := range usersColumns {
			if c := columnNamed(r.columns, known.names); c != "" {
				*known.of(&t) = c
				n++
			}
		}
		if t.Email == "" && t.Username == "" || t.Password == "" {
			continue
		}
		if i := slices.IndexFunc(r.columns, func(c column) bool { return c.key }); i >= 0 {
			t.ID = r.columns[i].name
		} else {
			t.ID = columnNamed(r.columns, []string{"id", "user_id", "uid", "uuid"})
		}
		// A model stands for the table that a migration creates.
		if _, twice := fits[name]; !twice || n > fits[name] {
			found = slices.DeleteFunc(found, func(other UsersTable) bool { return strings.EqualFold(other.Name, t.Name) })
			found = append(found, t)
			fits[name] = n
		}
	}
	slices.SortStableFunc(found, func(a, b UsersTable) int {
		return cmp.Compare(fits[strings.ToLower(b.Name)], fits[strings.ToLower(a.Name)])
	})
	return found
}

// columnNamed returns the first column that has one of these names, the likelier ones first.
func columnNamed(columns []column, names []string) string {
	for _, name := range names {
		for _, c := range columns {
			if strings.EqualFold(c.name, name) {
				return c.name
			}
		}
	}
	return ""
}
