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
	"path"
	"slices"
	"strings"
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
	Router      string   // "net/http", "chi", "gorilla", "gin", "echo", "echo/v4", "fiber" or "fiber/v2"
	Database    string   // "sqlite", "postgres" or "mysql"
	Driver      string   // module path of the database driver
	Store       string   // "database" or "redis": where sessions are
	Bridge      string   // "none", or the former Session, whose sessions are taken over
	Interface   string   // "json"
	Prefix      string   // path below which the routes are
	Roles       []Role   // highest first
	DefaultRole string   // name of the role of a new user
	Profile     []Field  // user fields beside those that every user has
	Public      []string // paths for visitors who are logged out; the gate redirects users who are logged in
	Protected   []string // paths that need a session
	Features    Features

	Migrations        string // "goose", "golang-migrate", "tern", "dbmate", "atlas" or "plain"
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

// Features are the parts of the package that may be left out.
type Features struct {
	Signup        bool // visitors create accounts
	Remember      bool // a login may outlast the browser
	DeleteAccount bool // users delete their own account
	ManageUsers   bool // users are listed and changed over HTTP
}

// FeatureNames are in question order.
var FeatureNames = []string{"signup", "remember", "delete_account", "manage_users"}

// Field returns the feature of that name, or nil if there is none.
func (f *Features) Field(name string) *bool {
	switch name {
	case "signup":
		return &f.Signup
	case "remember":
		return &f.Remember
	case "delete_account":
		return &f.DeleteAccount
	case "manage_users":
		return &f.ManageUsers
	}
	return nil
}

// drivers are the drivers for each database, the usual one first.
var drivers = map[string][]string{
	"sqlite":   {"modernc.org/sqlite", "github.com/mattn/go-sqlite3", "github.com/ncruces/go-sqlite3"},
	"postgres": {"github.com/jackc/pgx/v5", "github.com/lib/pq"},
	"mysql":    {"github.com/go-sql-driver/mysql"},
}

// DriversFor returns the drivers for a database, the usual one first, and none
// for a database that there is not.
func DriversFor(database string) []string { return slices.Clone(drivers[database]) }

func defaultDriver(database string) string {
	if fit := drivers[database]; len(fit) > 0 {
		return fit[0]
	}
	return ""
}

// FirstVersion is the number of the migration unless one is given. Two of the
// tools number by the time.
func FirstVersion(migrations string) string {
	if migrations == "dbmate" || migrations == "atlas" {
		return "20260101000000"
	}
	return "1"
}

// The permissions that routes of the package need, and who may see a field beside roles.
const (
	UsersRead  = "users:read"  // guards the routes that list users
	UsersWrite = "users:write" // guards the routes that change users

	Anyone = "anyone" // in Field.Visible: everyone
	Self   = "self"   // in Field.Visible: the user
)

var fieldTypes = []string{"string", "bool", "int"}

// Default returns the answers of a developer who accepts every default, without
// those that depend on other answers: call Normalize once the developer's own
// choices are in place.
func Default() Answers {
	return Answers{
		Package:    "internal/auth",
		Session:    "database",
		Router:     "net/http",
		Database:   "sqlite",
		Store:      "database",
		Bridge:     "none",
		Interface:  "json",
		Prefix:     "/auth",
		Roles:      []Role{{Name: "admin"}, {Name: "member"}},
		Profile:    []Field{{Name: "display_name", Type: "string", Visible: []string{Anyone}}},
		Features:   Features{Signup: true, Remember: true, DeleteAccount: true, ManageUsers: true},
		Migrations: "goose",
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
	if a.PackageName == "" {
		a.PackageName = packageNameOf(a.Package)
	}
	if a.Driver == "" {
		a.Driver = defaultDriver(a.Database)
	}
	if a.MigrationsVersion == "" {
		a.MigrationsVersion = FirstVersion(a.Migrations)
	}
	if len(a.Roles) == 0 {
		return
	}
	if a.DefaultRole == "" {
		a.DefaultRole = a.Roles[len(a.Roles)-1].Name
	}
	a.Roles = slices.Clone(a.Roles) // which a copy of a shares
	if a.Features.ManageUsers {
		a.giveUserManagement()
	}
	inheritSensitive(a.Roles)
}

// giveUserManagement has a role manage users, if one can, and makes the roles that do
// sensitive.
func (a *Answers) giveUserManagement() {
	mayWrite := func(r Role) bool { return slices.Contains(r.Permissions, UsersWrite) }
	highest := &a.Roles[0]
	if !slices.ContainsFunc(a.Roles, mayWrite) && len(highest.Permissions) == 0 && highest.Name != a.DefaultRole {
		highest.Permissions = []string{UsersRead, UsersWrite}
	}
	for i := range a.Roles {
		if mayWrite(a.Roles[i]) {
			a.Roles[i].Sensitive = true
		}
	}
}

// inheritSensitive makes the roles above a sensitive one sensitive too.
func inheritSensitive(roles []Role) {
	below := false
	for i := range slices.Backward(roles) {
		below = below || roles[i].Sensitive
		roles[i].Sensitive = below
	}
}

// Migrates reports whether the package applies its migrations itself. It can
// where they are its own, in a format that takes no more than reading.
func (a Answers) Migrates() bool {
	return (a.Migrations == "goose" || a.Migrations == "plain") && a.MigrationsDir == ""
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
	if s := a.text(key); s != nil {
		return *s
	}
	switch key {
	case "roles":
		return formatRoles(a.Roles)
	case "permissions":
		return formatPermissions(a.Roles)
	case "profile":
		return formatProfile(a.Profile)
	case "public":
		return formatList(a.Public)
	case "protected":
		return formatList(a.Protected)
	case "features":
		return formatFeatures(a.Features)
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
	text = strings.TrimSpace(text)
	if s := a.text(key); s != nil {
		if message := textProblem(key, text); message != "" {
			return Problems{{Path: key, Message: message}}
		}
		*s = text
		return nil
	}
	switch key {
	case "roles":
		roles, err := parseRoles(text)
		if err != nil {
			return err
		}
		for i, r := range roles {
			if old := slices.IndexFunc(a.Roles, func(o Role) bool { return o.Name == r.Name }); old >= 0 {
				roles[i] = a.Roles[old]
			}
		}
		a.Roles = roles
		return nil
	case "permissions":
		return assign(&a.Roles)(ParsePermissions(text, a.Roles))
	case "profile":
		return assign(&a.Profile)(parseProfile(text))
	case "public":
		return assign(&a.Public)(parseList(key, text))
	case "protected":
		return assign(&a.Protected)(parseList(key, text))
	case "features":
		return assign(&a.Features)(parseFeatures(text, a.Features))
	}
	return Problems{{Message: fmt.Sprintf("unknown key %q%s", key, DidYouMean(key, flagNames()))}}
}

// assign returns a function that stores a value unless it comes with an error.
func assign[T any](to *T) func(T, error) error {
	return func(value T, err error) error {
		if err == nil {
			*to = value
		}
		return err
	}
}

// text returns the answer with that key if it is a single text, else nil.
func (a *Answers) text(key string) *string {
	switch key {
	case "package":
		return &a.Package
	case "package_name":
		return &a.PackageName
	case "name":
		return &a.Name
	case "session":
		return &a.Session
	case "router":
		return &a.Router
	case "database":
		return &a.Database
	case "driver":
		return &a.Driver
	case "store":
		return &a.Store
	case "bridge":
		return &a.Bridge
	case "interface":
		return &a.Interface
	case "prefix":
		return &a.Prefix
	case "default_role":
		return &a.DefaultRole
	case "migrations":
		return &a.Migrations
	case "migrations_dir":
		return &a.MigrationsDir
	case "migrations_version":
		return &a.MigrationsVersion
	case "tests":
		return &a.Tests
	}
	return nil
}
