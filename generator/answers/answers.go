// Package answers holds what the developer chose: [Answers]. They come from the text of
// authgen.yaml ([Parse]), of flags ([Answers.Set]) or of assignments ([Answers.Apply]), are
// completed and checked together, and go back into the file ([Answers.Format], [Edit]).
// [Keys] is the table of the questions, from which flags, prompts, the comments in the
// file and its JSON schema are made.
package answers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/token"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FileName is the file in the package's directory that answers are kept in.
const FileName = "authgen.yaml"

// Answers are what the developer chose. They are kept in authgen.yaml, one
// key a field; Keys holds the question and the meaning of each.
//
// An empty list is nil. Answers that come from flags or from prompts are
// completed by Normalize and validated by Check; those that Parse returns are
// complete and valid.
type Answers struct {
	Package     string   // directory of the package, slash separated, from the module root
	PackageName string   // name in the package clause
	Name        string   // prefix of cookie and tables; usually empty
	Session     string   // "database" or "stateless"
	Router      string   // name of one of Routers
	Database    string   // name of one of Databases
	Driver      string   // name of one of the database's Drivers: its module path
	Users       Users    // where the users are
	Store       string   // name of one of Stores: where sessions are
	Bridge      string   // "none", or the former Session, whose sessions are taken over
	Interface   string   // "json"
	Prefix      string   // path below which the routes are
	Roles       []Role   // highest first
	DefaultRole string   // name of the role of a new user
	Profile     []Field  // user fields beside those that every user has
	Public      []string // paths for visitors who are logged out; the gate redirects users who are logged in
	Protected   []string // paths that need a session
	Features    FeatureSet
	Choices     map[string]string // answers that are not the default to the questions of features, by key

	Migrations        string // name of one of MigrationTools
	MigrationsDir     string // directory of the migrations, from the module root; empty for one in the package
	MigrationsVersion string // number of the emitted migration, in decimal

	Tests string // "contract", or "all": unit tests of generated files are emitted too
}

// A Role is what a user may be.
type Role struct {
	Name        string   // snake case
	Permissions []string // such as "users:read"
	Sensitive   bool     // sessions are shorter: 1 hour idle, 24 hours at most
}

// A Field is a field of the user that the developer added.
type Field struct {
	Name    string   // snake case
	Type    string   // "string", "bool" or "int"
	Visible []string // who may see it: "anyone" alone, or "self" and names of roles
}

// The permissions that routes of the package need, and who may see a field beside roles.
const (
	UsersRead  = "users:read"  // guards the routes that list users
	UsersWrite = "users:write" // guards the routes that change users

	Anyone = "anyone" // in Field.Visible: everyone
	Self   = "self"   // in Field.Visible: the user
)

// FieldTypes are the types of the fields that a developer adds.
var FieldTypes = []Value{
	{"string", "a text"},
	{"bool", "yes or no"},
	{"int", "a whole number"},
}

var fieldTypes = namesOf(FieldTypes)

// Default returns the answers of a developer who accepts every default, without
// those that depend on other answers: call Normalize once the developer's own
// choices are in place.
func Default() Answers {
	return Answers{
		Package:    "internal/auth",
		Session:    "database",
		Router:     Routers[0].Name,
		Database:   Databases[0].Name,
		Store:      Stores[0].Name,
		Bridge:     "none",
		Interface:  "json",
		Prefix:     "/auth",
		Roles:      []Role{{Name: "admin"}, {Name: "member"}},
		Profile:    []Field{{Name: "display_name", Type: "string", Visible: []string{Anyone}}},
		Features:   defaultFeatures(),
		Migrations: MigrationTools[0].Name,
		Tests:      "contract",
	}
}

// Normalize fills in the answers that follow from others, where they have not
// been given:
//
//   - the package is named after its directory, if that is a Go identifier;
//   - the driver is the usual one for the database;
//   - the migration has the first number that its tool would give it;
//   - a new user gets the lowest role;
//   - with manage_users on, and unless a role may change users already, the
//     highest role is given users:read and users:write. A role that has
//     permissions of its own, or that new users get, is left alone;
//   - with manage_users on, roles that may change users are sensitive;
//   - a role above a sensitive one is sensitive too, since it may do the same.
//
// It is for answers from flags and prompts. A file is taken literally.
func (a *Answers) Normalize() {
	for _, k := range Keys {
		if k.derived != nil && a.Get(k.Name) == "" {
			a.derive(k)
		}
	}
	if len(a.Roles) == 0 {
		return
	}
	a.Roles = slices.Clone(a.Roles) // which a copy of a shares
	for _, f := range a.features() {
		f.grant(a)
	}
	inheritSensitive(a.Roles)
}

// derive gives a key the answer that follows from others.
func (a *Answers) derive(k Key) { *k.answer.(derivable).field(a) = k.derived(*a) }

// inheritSensitive makes the roles above a sensitive one sensitive too.
func inheritSensitive(roles []Role) {
	below := false
	for i := range slices.Backward(roles) {
		below = below || roles[i].Sensitive
		roles[i].Sensitive = below
	}
}

// WebName is the name of the package with the application side, and of its directory
// in that of the package.
func (a Answers) WebName() string { return a.PackageName + "web" }

// TestName is the name of the package of the test kit, and of its directory in that of
// the package.
func (a Answers) TestName() string { return a.PackageName + "test" }

// packageNameOf returns the name of a package in directory dir, or nothing if
// the directory's name cannot be one.
func packageNameOf(dir string) string {
	if base := path.Base(dir); packageNamePattern.MatchString(base) {
		return base
	}
	return ""
}

// Hash returns the SHA-256, in hexadecimal, of the answers. It depends on the
// answers alone: comments and layout of a file do not change it.
func (a Answers) Hash() string {
	sum := sha256.Sum256(a.Canonical())
	return hex.EncodeToString(sum[:])
}

// Get returns the answer to the question with that key as the text that a
// flag takes, or nothing if there is no such key.
func (a Answers) Get(key string) string {
	if k, ok := keyNamed(key); ok {
		return k.answer.get(a)
	}
	return ""
}

// Set takes the text of a flag as the answer to the question with that key.
// On an error the answers are unchanged. It looks at this answer alone; only
// Check sees whether all of them go together.
//
// Roles that keep their name keep their permissions. Permissions are granted
// to the roles as they are, so set roles first. Features that are not named
// stay as they are.
func (a *Answers) Set(key, text string) error {
	k, ok := keyNamed(key)
	if !ok {
		return unknownKey(key)
	}
	return k.answer.set(a, k, strings.TrimSpace(text))
}

// unknownKey is the error for a key that is not there.
func unknownKey(key string) error {
	return Problems{{Message: fmt.Sprintf("unknown key %q%s", key, DidYouMean(key, flagNames()))}}
}

// parseRoles reads role names, highest first: "admin, editor, member".
func parseRoles(text string) ([]Role, error) {
	c := checker{}
	if strings.TrimSpace(text) == "" {
		c.add("roles", "give at least one role, highest first, such as admin,member")
	}
	names := c.split("roles", text)
	roles := make([]Role, len(names))
	for i, name := range names {
		roles[i].Name = name
	}
	c.roleNames(roles)
	if err := c.err(); err != nil {
		return nil, err
	}
	return roles, nil
}

// formatRoles is the inverse of parseRoles.
func formatRoles(roles []Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Name
	}
	return strings.Join(names, ",")
}

// ParsePermissions reads what each role may do,
// "editor=posts:write+posts:read", and returns roles with just these
// permissions: a role that is not named has none.
func ParsePermissions(text string, roles []Role) ([]Role, error) {
	const key, example = "permissions", "editor=posts:write+posts:read"
	c := checker{}
	granted := slices.Clone(roles)
	for i := range granted {
		granted[i].Permissions = nil
	}
	seen := make(map[string]bool)
	for _, piece := range c.split(key, text) {
		name, list, ok := strings.Cut(piece, "=")
		name = strings.TrimSpace(name)
		i := slices.IndexFunc(roles, func(r Role) bool { return r.Name == name })
		switch {
		case !ok:
			c.add(key, "%q: want a role, = and its permissions, such as %s", piece, example)
			continue
		case i < 0:
			c.add(key, "%q: there is no role %q%s; the roles are %s", piece, name, DidYouMean(name, roleNames(roles)), formatRoles(roles))
			continue
		case seen[name]:
			c.add(key, "%q: role %q has its permissions already; join them with +", piece, name)
			continue
		}
		seen[name] = true
		if strings.TrimSpace(list) == "" {
			c.add(key, "%q: no permission after =; leave the role out to give it none", piece)
			continue
		}
		for permission := range strings.SplitSeq(list, "+") {
			granted[i].Permissions = append(granted[i].Permissions, strings.TrimSpace(permission))
		}
		c.permissions(key, granted[i])
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return granted, nil
}

// formatPermissions is the inverse of ParsePermissions.
func formatPermissions(roles []Role) string {
	var pieces []string
	for _, r := range roles {
		if len(r.Permissions) > 0 {
			pieces = append(pieces, r.Name+"="+strings.Join(r.Permissions, "+"))
		}
	}
	return strings.Join(pieces, ",")
}

// parseProfile reads user fields, each with its name, its type and who may
// see it: "display_name:string:anyone,phone:string:self+admin". Nothing is no
// fields.
func parseProfile(text string) ([]Field, error) {
	const key, example = "profile", "phone:string:self+admin"
	c := checker{}
	var fields []Field
	for _, piece := range c.split(key, text) {
		parts := strings.Split(piece, ":")
		if len(parts) != 3 {
			c.add(key, "%q: want name:type:who may see it, such as %s", piece, example)
			continue
		}
		f := Field{Name: strings.TrimSpace(parts[0]), Type: strings.TrimSpace(parts[1])}
		if strings.TrimSpace(parts[2]) != "" {
			for who := range strings.SplitSeq(parts[2], "+") {
				f.Visible = append(f.Visible, strings.TrimSpace(who))
			}
		}
		fields = append(fields, f)
	}
	c.fields(fields)
	if err := c.err(); err != nil {
		return nil, err
	}
	return fields, nil
}

// formatProfile is the inverse of parseProfile.
func formatProfile(fields []Field) string {
	pieces := make([]string, len(fields))
	for i, f := range fields {
		pieces[i] = f.Name + ":" + f.Type + ":" + strings.Join(f.Visible, "+")
	}
	return strings.Join(pieces, ",")
}

// split returns the trimmed pieces of a list with commas, none for a blank
// text. An empty piece is a problem.
func (c *checker) split(key, text string) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var pieces []string
	for piece := range strings.SplitSeq(text, ",") {
		if piece = strings.TrimSpace(piece); piece != "" {
			pieces = append(pieces, piece)
			continue
		}
		if len(pieces) == 0 {
			c.add(key, "nothing before the first comma in %q", text)
		} else {
			c.add(key, "nothing after the comma that follows %q; remove the comma", pieces[len(pieces)-1])
		}
	}
	return pieces
}

func roleNames(roles []Role) []string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Name
	}
	return names
}

// initialisms are written in capitals in Go names; the list is the one that
// Go linters share.
var initialisms = func() map[string]bool {
	m := make(map[string]bool)
	for _, s := range strings.Fields(`
		acl api ascii cpu css dns eof guid html http https id ip json qps ram
		rpc sla smtp sql ssh tcp tls ttl udp ui uid uuid uri url utf8 vm xml
		xmpp xsrf xss`) {
		m[s] = true
	}
	return m
}()

// GoName returns the exported Go name for a name of the answers: DisplayName
// for display_name, UsersRead for users:read, ID for id.
func GoName(name string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == ':' }) {
		if initialisms[word] {
			b.WriteString(strings.ToUpper(word))
			continue
		}
		first, size := utf8.DecodeRuneInString(word)
		b.WriteRune(unicode.ToUpper(first))
		b.WriteString(word[size:])
	}
	return b.String()
}

// Permissions returns the permissions in the order in which they are first named; those
// that the package's own routes need come first.
func (a Answers) Permissions() []string {
	var all []string
	for _, f := range a.features() {
		all = union(all, f.Permissions)
	}
	for _, r := range a.Roles {
		all = union(all, r.Permissions)
	}
	return all
}

// IsPublic reports whether everybody may see the field.
func (f Field) IsPublic() bool { return slices.Contains(f.Visible, Anyone) }

// IsOwn reports whether users see the field of their own account, and so may change it.
func (f Field) IsOwn() bool { return f.IsPublic() || slices.Contains(f.Visible, Self) }

// HasOwnText reports whether users may fill in a text.
func (a Answers) HasOwnText() bool {
	return slices.ContainsFunc(a.Profile, func(f Field) bool { return f.IsOwn() && f.Type == "string" })
}

// Member is the name of the unexported struct field in the emitted code: displayName
// for display_name, and typeField for type, which is a word of Go.
func (f Field) Member() string {
	first, rest, _ := strings.Cut(f.Name, "_")
	name := first + GoName(rest)
	if token.IsKeyword(name) || slices.Contains(profileMethods, name) {
		name += "Field"
	}
	return name
}

// profileMethods are the methods of the struct that the fields are in.
var profileMethods = []string{"scan", "values"}
