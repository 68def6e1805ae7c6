package answers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCheckAccepts(t *testing.T) {
	one := defaultAnswers()
	one.Roles, one.DefaultRole = []Role{{Name: "member"}}, "member"
	one.Switch("manage_users", false)
	for name, a := range map[string]Answers{"default": defaultAnswers(), "full": fullAnswers(), "one role": one} {
		if err := a.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheck(t *testing.T) {
	many := func(n int) []Role {
		roles := []Role{{Name: "top", Permissions: []string{UsersRead, UsersWrite}}}
		for i := range n - 2 {
			roles = append(roles, Role{Name: fmt.Sprintf("r%d", i)})
		}
		return append(roles, Role{Name: "member"})
	}
	permissions := func(n int) []string {
		list := []string{UsersRead, UsersWrite}
		for i := range n - 2 {
			list = append(list, fmt.Sprintf("p:n%d", i))
		}
		return list
	}
	for _, tt := range []struct {
		name   string
		change func(*Answers)
		want   string // problems as "path: message", each on a line; empty for none
	}{
		{"absolute", func(a *Answers) { a.Package = "/internal/auth" }, `package: "/internal/auth" is absolute; give it from the module root, such as "internal/auth"`},
		{"root", func(a *Answers) { a.Package = "." }, `package: "." is the module root; the package needs a directory of its own, such as "internal/auth"`},
		{"up", func(a *Answers) { a.Package = "a/../../b" }, `package: "a/../../b": .. is not allowed; give the directory from the module root`},
		{"not clean", func(a *Answers) { a.Package = "./internal//auth/" }, `package: "./internal//auth/" is not in its shortest form (did you mean "internal/auth"?)`},
		{"backslash", func(a *Answers) { a.Package = `internal\auth` }, `package: "internal\\auth": separate directories with / on every system`},
		{"drive", func(a *Answers) { a.Package = "c:/auth" }, `package: "c:/auth" cannot be imported: invalid char ':'`},
		{"space", func(a *Answers) { a.Package = "my auth" }, `package: "my auth" cannot be imported: invalid char ' '`},
		{"unicode", func(a *Answers) { a.Package = "größe" }, `package: "größe" cannot be imported: invalid char 'ö'`},
		{"vendor", func(a *Answers) { a.Package = "vendor/auth" }, `package: "vendor/auth": the go command does not look into "vendor"; choose another directory`},
		{"testdata", func(a *Answers) { a.Package = "a/testdata/auth" }, `package: "a/testdata/auth": the go command does not look into "testdata"; choose another directory`},
		{"underscore", func(a *Answers) { a.Package = "_a/auth" }, `package: "_a/auth": the go command does not look into "_a"; choose another directory`},
		{"dot", func(a *Answers) { a.Package = ".a/auth" }, `package: ".a/auth": the go command does not look into ".a"; choose another directory`},
		{"test directory", func(a *Answers) { a.Package = "auth_test" }, `package: "auth_test": _test at the end of "auth_test" is for tests; choose another name`},
		{"reserved by Windows", func(a *Answers) { a.Package = "internal/aux" }, `package: "internal/aux" cannot be imported: "aux" disallowed as path element component on Windows`},
		{"long", func(a *Answers) { a.Package = strings.Repeat("a", 201) }, `package: the directory is longer than 200 bytes`},
		{"no directory", func(a *Answers) { a.Package = "" }, `package: give a directory below the module root, such as "internal/auth"`},

		{"no package name", func(a *Answers) { a.Package, a.PackageName = "my-auth", "" }, `package_name: give one: the directory "my-auth" is not a Go package name`},
		{"no package name, needlessly", func(a *Answers) { a.PackageName = "" }, `package_name: give a name, such as "auth"`},
		{"main", func(a *Answers) { a.PackageName = "main" }, `package_name: "main" is for commands, and cannot be imported; choose another name, such as "mainauth"`},
		{"blank", func(a *Answers) { a.PackageName = "_" }, `package_name: "_": a package name starts with a-z and continues with a-z, 0-9 and _`},
		{"keyword", func(a *Answers) { a.PackageName = "func" }, `package_name: "func" is a Go keyword; choose another name, such as "funcauth"`},
		{"predeclared", func(a *Answers) { a.PackageName = "error" }, `package_name: "error" has a meaning of its own in Go; choose another name, such as "errorauth"`},
		{"init", func(a *Answers) { a.PackageName = "init" }, `package_name: "init" has a meaning of its own in Go; choose another name, such as "initauth"`},
		{"imported", func(a *Answers) { a.PackageName = "http" }, `package_name: "http" is the name of a package that the generated code imports; choose another name, such as "httpauth"`},
		{"test package", func(a *Answers) { a.PackageName = "auth_test" }, `package_name: "auth_test": _test at the end is for test packages; choose another name`},
		{"capital", func(a *Answers) { a.PackageName = "Auth" }, `package_name: "Auth": a package name is lower case (did you mean "auth"?)`},
		{"test kit of another", func(a *Answers) { a.PackageName = "authtest" }, `package_name: "authtest" is what the package beside "auth" is called; choose another name`},
		{"application side of another", func(a *Answers) { a.PackageName = "authweb" }, `package_name: "authweb" is what the package beside "auth" is called; choose another name`},
		{"test kit with a name for tests", func(a *Answers) { a.PackageName = "login_" }, `package_name: "login_": the package of the test kit would be "login_test", and _test at the end is for test packages; choose another name, such as "loginauth"`},
		{"long package name", func(a *Answers) { a.PackageName = strings.Repeat("a", 201) }, `package_name: the name is longer than 200 bytes`},
		{"hyphen", func(a *Answers) { a.PackageName = "my-auth" }, `package_name: "my-auth": a package name consists of a-z, 0-9 and single _ (did you mean "my_auth"?)`},

		{"long name", func(a *Answers) { a.Name = "a1234567890123456" }, `name: "a1234567890123456": the name has at most 16 characters`},
		{"name that SQLite keeps", func(a *Answers) { a.Name = "sqlite_x" }, `name: "sqlite_x": SQLite keeps tables whose names begin with sqlite_ to itself; choose another prefix, such as "app"`},
		{"name", func(a *Answers) { a.Name = "Staff" }, `name: "Staff": the name is lower case (did you mean "staff"?)`},

		{"session", func(a *Answers) { a.Session = "jwt" }, `session: unknown value "jwt"; choose database or stateless`},
		{"no session", func(a *Answers) { a.Session = "" }, `session: unknown value ""; choose database or stateless`},
		{"driver", func(a *Answers) { a.Driver = "modernc.org/sqllite" }, `driver: unknown value "modernc.org/sqllite" (did you mean "modernc.org/sqlite"?); choose modernc.org/sqlite, github.com/mattn/go-sqlite3, github.com/ncruces/go-sqlite3, github.com/jackc/pgx/v5, github.com/lib/pq or github.com/go-sql-driver/mysql`},
		{"driver of another database", func(a *Answers) { a.Database = "postgres" }, `driver: modernc.org/sqlite is not a driver for postgres; choose github.com/jackc/pgx/v5 or github.com/lib/pq`},
		{"driver of mysql", func(a *Answers) { a.Database, a.Driver = "mysql", "github.com/lib/pq" }, `driver: github.com/lib/pq is not a driver for mysql; choose github.com/go-sql-driver/mysql`},
		{"stateless in Redis", func(a *Answers) { a.Session, a.Store = "stateless", "redis" }, `store: stateless sessions are not stored, so there is nothing to store in Redis; choose database, or session database`},
		{"bridge to rows", func(a *Answers) { a.Bridge = "stateless" }, ""},
		{"bridge to stateless", func(a *Answers) { a.Session, a.Bridge = "stateless", "database" }, ""},
		{"bridge from nowhere", func(a *Answers) { a.Bridge = "database" }, `bridge: the session style is database already; name the former one, or none`},
		{"bridge to Redis", func(a *Answers) { a.Store, a.Bridge = "redis", "stateless" }, `bridge: other sessions cannot be converted to sessions in Redis; choose none, or store database`},
		{"bridge", func(a *Answers) { a.Bridge = "" }, `bridge: unknown value ""; choose none, stateless or database`},
		{"interface", func(a *Answers) { a.Interface = "html" }, `interface: "html" is not supported yet; choose json`},
		{"migrations", func(a *Answers) { a.Migrations = "flyway" }, `migrations: unknown value "flyway"; choose goose, golang-migrate, tern, dbmate, atlas or plain`},
		{"tern", func(a *Answers) { a.Migrations = "tern" }, `migrations: tern is only for postgres, and the database is sqlite; choose another tool`},
		{"migrations in the package", func(a *Answers) { a.MigrationsDir = "internal/auth/migrations" }, `migrations_dir: "internal/auth/migrations" is in the directory of the package, which has its own place for migrations; leave it empty`},
		{"migrations_version", func(a *Answers) { a.MigrationsVersion = "" }, `migrations_version: "": want a number above 0, of at most 14 digits, such as 7, 0007 or 20260101000000`},

		{"prefix of all", func(a *Answers) { a.Prefix = "/" }, `prefix: "/" leaves no paths for the rest of the program; choose one such as "/auth"`},
		{"no prefix", func(a *Answers) { a.Prefix = "" }, `prefix: give a path, such as "/auth"`},
		{"relative prefix", func(a *Answers) { a.Prefix = "auth" }, `prefix: "auth": a path starts with / (did you mean "/auth"?)`},
		{"trailing slash", func(a *Answers) { a.Prefix = "/auth/" }, `prefix: "/auth/" is not in its shortest form (did you mean "/auth"?)`},
		{"wildcard", func(a *Answers) { a.Prefix = "/{x}" }, `prefix: "/{x}": a path consists of letters, digits and - . _ ~ /; it is not a pattern, and nothing is escaped`},

		{"no roles", func(a *Answers) { a.Roles = nil }, "roles: give at least one role"},
		{"32 roles", func(a *Answers) { a.Roles = many(32) }, ""},
		{"33 roles", func(a *Answers) { a.Roles = many(33) }, "roles: 33 roles are too many; at most 32"},
		{"64 permissions", func(a *Answers) { a.Roles[0].Permissions = permissions(64) }, ""},
		{"65 permissions", func(a *Answers) { a.Roles[0].Permissions = permissions(65) }, "roles: 65 permissions are too many; at most 64"},
		{"role", func(a *Answers) { a.Roles[0].Name = "Admin" }, `roles[0].name: "Admin": a role name is lower case (did you mean "admin"?)`},
		{"anyone", func(a *Answers) { a.Roles[0].Name = "anyone" }, `roles[0].name: "anyone" is not a role name, since it has a meaning of its own; choose another`},
		{"permission", func(a *Answers) { a.Roles[1].Permissions = []string{"a:b", "read"} }, `roles[1].permissions[1]: "read": a permission is lower-case words with a colon between them, such as posts:write`},
		{"permission twice", func(a *Answers) { a.Roles[1].Permissions = []string{"a:b", "a:b"} }, `roles[1].permissions[1]: role "member" has permission "a:b" twice`},
		{"permission in two roles", func(a *Answers) { a.Roles[1].Permissions = []string{UsersRead} }, ""},
		{"permissions of one Go name", func(a *Answers) { a.Roles[1].Permissions = []string{"a:b_c", "a:b:c"} }, `roles[1].permissions[1]: permissions "a:b_c" and "a:b:c" would both be PermissionABC in Go; rename one`},
		{"long permission", func(a *Answers) { a.Roles[1].Permissions = []string{"a:" + strings.Repeat("b", 63)} }, `roles[1].permissions[0]: "a:` + strings.Repeat("b", 63) + `": a permission has at most 64 characters`},

		{"not sensitive above a sensitive role", func(a *Answers) { a.Roles[0].Sensitive, a.Roles[1].Sensitive = false, true }, `roles[0]: role "admin" is above "member", which is sensitive, and may do the same; make it sensitive too`},

		{"default role", func(a *Answers) { a.DefaultRole = "membre" }, `default_role: there is no role "membre" (did you mean "member"?); the roles are admin,member`},
		{"no default role", func(a *Answers) { a.DefaultRole = "" }, `default_role: a role name must not be empty`},
		{"highest", func(a *Answers) { a.DefaultRole = "admin" }, `default_role: "admin" is the highest role, and every new user would have it; choose a lower one`},
		{"everybody manages users", func(a *Answers) { a.Roles[1].Permissions = []string{UsersWrite} }, `default_role: role "member" has users:write, and every new user would have it; choose a role without`},
		{"the only role manages users", func(a *Answers) { a.Roles, a.DefaultRole = a.Roles[:1], "admin" }, `default_role: role "admin" has users:write, and every new user would have it; choose a role without`},

		{"visible to a stranger", func(a *Answers) { a.Profile[0].Visible = []string{"self", "admn"} }, `profile[0].visible[1]: field "display_name": unknown viewer "admn" (did you mean "admin"?); choose anyone, or self and roles`},
		{"anyone and self", func(a *Answers) { a.Profile[0].Visible = []string{"self", "anyone"} }, `profile[0].visible[1]: field "display_name": anyone stands alone, since it includes the others`},
		{"visible to an empty name", func(a *Answers) { a.Profile[0].Visible = []string{""} }, `profile[0].visible[0]: field "display_name": empty name among those who may see it; choose anyone, or self and roles`},
		{"seen by nobody", func(a *Answers) { a.Profile[0].Visible = nil }, `profile[0].visible: field "display_name": say who may see it: anyone, or self and roles`},
		{"type", func(a *Answers) { a.Profile[0].Type = "float" }, `profile[0].type: field "display_name": unknown type "float"; choose string or bool or int`},
		{"SQL", func(a *Answers) { a.Profile[0].Name = "group" }, `profile[0].name: "group": a field becomes a column, and this is a reserved word of SQL; choose another name, such as "user_group"`},
		{"17 fields", func(a *Answers) { a.Profile = slices.Repeat(a.Profile, 17) }, `profile: 17 fields are too many; at most 16`},
		{"Go name of a field that is there", func(a *Answers) { a.Profile[0].Name = "email2" }, ""},

		{"below the prefix", func(a *Answers) { a.Public = []string{"/authors", "/auth/login", "/auth"} }, `public[1]: "/auth/login" is below the prefix "/auth", whose routes have guards of their own; the gate is for the other pages` + "\n" +
			`public[2]: "/auth" is below the prefix "/auth", whose routes have guards of their own; the gate is for the other pages`},
		{"in both", func(a *Answers) { a.Public, a.Protected = []string{"/a"}, []string{"/b", "/a"} }, `protected[1]: "/a" is public too; remove it from one of the two`},
		{"query", func(a *Answers) { a.Protected = []string{"/a?b"} }, `protected[0]: "/a?b": a path has no query and no fragment`},

		{"nobody manages users", func(a *Answers) { a.Roles[0].Permissions = nil }, `features.manage_users: manage_users is on, but no role has users:read and users:write; give it to a role that new users do not get, or switch manage_users off`},
		{"nobody reads users", func(a *Answers) { a.Roles[0].Permissions = []string{UsersWrite} }, `features.manage_users: manage_users is on, but no role has users:read; give it to a role that new users do not get, or switch manage_users off`},
		{"nobody has to", func(a *Answers) { a.Roles[0].Permissions = nil; a.Switch("manage_users", false) }, ""},

		{"in question order", func(a *Answers) { a.Session, a.Package, a.Prefix = "x", "", "y" }, `package: give a directory below the module root, such as "internal/auth"` + "\n" +
			`session: unknown value "x"; choose database or stateless` + "\n" +
			`prefix: "y": a path starts with / (did you mean "/y"?)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := defaultAnswers()
			tt.change(&a)
			var got []string
			if err := a.Check(); err != nil {
				for _, p := range err.(Problems) {
					got = append(got, p.Path+": "+p.Message)
				}
			}
			if g := strings.Join(got, "\n"); g != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", g, tt.want)
			}
		})
	}
}

// TestReservedFields checks the fields that every user has, however written.
func TestReservedFields(t *testing.T) {
	for _, name := range []string{
		"id", "fields", "email", "email_verified", "role", "created_at", "password", "token",
		"remember", "current", "new", "disabled", "session_version", "order", "group", "select", "user", "table",
	} {
		if fieldNameProblem(name) == "" {
			t.Errorf("field %q is accepted", name)
		}
	}
	for _, name := range []string{"display_name", "phone", "bio", "avatar_url", "locale"} {
		if p := fieldNameProblem(name); p != "" {
			t.Errorf("field %q: %s", name, p)
		}
	}
}

func TestProblemKey(t *testing.T) {
	for path, want := range map[string]string{"": "", "session": "session", "roles[1].name": "roles", "features.signup": "features"} {
		if got := (Problem{Path: path}).Key(); got != want {
			t.Errorf("key of %q: got %q, want %q", path, got, want)
		}
	}
}
