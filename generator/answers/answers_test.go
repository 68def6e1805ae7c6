package answers

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// defaultAnswers are the answers of a developer who chose nothing.
func defaultAnswers() Answers {
	a := Default()
	a.Normalize()
	return a
}

// fullAnswers are answers of all kinds, most of which are not the usual ones.
func fullAnswers() Answers {
	a := defaultAnswers()
	a.Package, a.PackageName, a.Name = "internal/adminauth", "staff", "staff"
	a.Session, a.Bridge = "stateless", "database"
	a.Router = "echo/v4"
	a.Database, a.Driver = "postgres", "github.com/lib/pq"
	a.Prefix = "/staff/auth"
	a.Roles = []Role{
		{Name: "owner", Permissions: []string{"users:read", "users:write", "billing:invoices:read"}, Sensitive: true},
		{Name: "support", Permissions: []string{"users:read"}, Sensitive: true},
		{Name: "yes", Permissions: []string{"posts:write"}},
		{Name: "member"},
	}
	a.DefaultRole = "yes"
	a.Profile = []Field{
		{Name: "phone", Type: "string", Visible: []string{"self", "owner", "yes"}},
		{Name: "newsletter", Type: "bool", Visible: []string{"anyone"}},
		{Name: "n", Type: "int", Visible: []string{"self"}},
	}
	a.Public = []string{"/", "/login"}
	a.Protected = []string{"/dashboard", "/true"}
	a.Features = FeatureSet(0).With("remember", true).With("manage_users", true)
	a.Migrations, a.MigrationsDir, a.MigrationsVersion = "tern", "db/migrations", "12"
	a.Tests = "all"
	for _, k := range Keys {
		if f, ok := k.answer.(featureChoice); ok {
			f.put(&a, k.Values[len(k.Values)-1].Name)
		}
	}
	return a
}

func TestNormalize(t *testing.T) {
	all := []string{"users:read", "users:write"}
	for _, tt := range []struct {
		name   string
		change func(*Answers)
		want   func(*Answers)
	}{
		{"default", func(*Answers) {}, func(a *Answers) {
			a.PackageName = "auth"
			a.DefaultRole = "member"
			a.Roles = []Role{{"admin", all, true}, {"member", nil, false}}
		}},
		{"directory that is not a name", func(a *Answers) { a.Package = "internal/my-auth" }, func(a *Answers) {
			a.Package = "internal/my-auth"
			a.DefaultRole = "member"
			a.Roles = []Role{{"admin", all, true}, {"member", nil, false}}
		}},
		{"given", func(a *Answers) { a.PackageName, a.DefaultRole = "x", "editor" }, func(a *Answers) {
			a.PackageName, a.DefaultRole = "x", "editor"
			a.Roles = []Role{{"admin", all, true}, {"member", nil, false}}
		}},
		{"permissions of another role", func(a *Answers) {
			a.Roles = []Role{{Name: "admin"}, {Name: "editor", Permissions: []string{"posts:write"}}, {Name: "member"}}
		}, func(a *Answers) {
			a.PackageName, a.DefaultRole = "auth", "member"
			a.Roles = []Role{{"admin", all, true}, {"editor", []string{"posts:write"}, false}, {"member", nil, false}}
		}},
		{"permissions of its own", func(a *Answers) {
			a.Roles = []Role{{Name: "admin", Permissions: []string{"posts:write"}}, {Name: "member"}}
		}, func(a *Answers) {
			a.PackageName, a.DefaultRole = "auth", "member"
			a.Roles = []Role{{"admin", []string{"posts:write"}, false}, {"member", nil, false}}
		}},
		{"another role manages users", func(a *Answers) {
			a.Roles = []Role{{Name: "owner"}, {Name: "staff", Permissions: all}, {Name: "member"}}
		}, func(a *Answers) {
			a.PackageName, a.DefaultRole = "auth", "member"
			a.Roles = []Role{{"owner", nil, true}, {"staff", all, true}, {"member", nil, false}}
		}},
		{"a sensitive role below", func(a *Answers) {
			a.Switch("manage_users", false)
			a.Roles = []Role{{Name: "owner"}, {Name: "admin"}, {Name: "clerk", Sensitive: true}, {Name: "member"}}
		}, func(a *Answers) {
			a.PackageName, a.DefaultRole = "auth", "member"
			a.Switch("manage_users", false)
			a.Roles = []Role{{"owner", nil, true}, {"admin", nil, true}, {"clerk", nil, true}, {"member", nil, false}}
		}},
		{"one role", func(a *Answers) { a.Roles = []Role{{Name: "member"}} }, func(a *Answers) {
			a.PackageName, a.DefaultRole = "auth", "member"
			a.Roles = []Role{{"member", nil, false}}
		}},
		{"no roles", func(a *Answers) { a.Roles = nil }, func(a *Answers) {
			a.PackageName, a.Roles = "auth", nil
		}},
		{"another database and tool", func(a *Answers) { a.Database, a.Migrations = "postgres", "dbmate" }, func(a *Answers) {
			a.PackageName, a.DefaultRole = "auth", "member"
			a.Roles = []Role{{"admin", all, true}, {"member", nil, false}}
			a.Database, a.Driver = "postgres", "github.com/jackc/pgx/v5"
			a.Migrations, a.MigrationsVersion = "dbmate", "20260101000000"
		}},
		{"given driver and number", func(a *Answers) {
			a.Database, a.Driver, a.Migrations, a.MigrationsVersion = "postgres", "github.com/lib/pq", "atlas", "7"
		}, func(a *Answers) {
			a.PackageName, a.DefaultRole = "auth", "member"
			a.Roles = []Role{{"admin", all, true}, {"member", nil, false}}
			a.Database, a.Driver, a.Migrations, a.MigrationsVersion = "postgres", "github.com/lib/pq", "atlas", "7"
		}},
		{"unknown database", func(a *Answers) { a.Database = "x" }, func(a *Answers) {
			a.PackageName, a.DefaultRole = "auth", "member"
			a.Roles = []Role{{"admin", all, true}, {"member", nil, false}}
			a.Database, a.Driver = "x", ""
		}},
		{"users are not managed", func(a *Answers) { a.Switch("manage_users", false) }, func(a *Answers) {
			a.PackageName, a.DefaultRole = "auth", "member"
			a.Switch("manage_users", false)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, want := Default(), Default()
			tt.change(&got)
			got.Normalize()
			want.Driver, want.MigrationsVersion = "modernc.org/sqlite", "1"
			tt.want(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			again := got
			again.Normalize()
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("a second time changes it:\n%s", diff)
			}
		})
	}
}

func TestNormalizeLeavesCopiesAlone(t *testing.T) {
	a := Default()
	b := a
	b.Normalize()
	if a.Roles[0].Permissions != nil || a.Roles[0].Sensitive {
		t.Errorf("Normalize of a copy changed the original: %+v", a.Roles)
	}
}

func TestHash(t *testing.T) {
	firstFeatures(t)
	// A change of this value makes every package look out of date: it may only come
	// with another version of authgen.
	const want = "4b4d30614d6813f31dda07e6c590df23688d8f95b0e0fda4db4ed8e90a3d3344"
	if got := defaultAnswers().Hash(); got != want {
		t.Errorf("hash of the default answers: got %s, want %s", got, want)
	}
	seen := map[string]string{want: "default"}
	for _, k := range Keys {
		a, full := defaultAnswers(), fullAnswers()
		if a.Get(k.Name) == full.Get(k.Name) {
			continue // a choice of one
		}
		switch k.Name {
		case "profile":
			a.Profile = full.Profile
		case "roles", "permissions":
			a.Roles = full.Roles
			if k.Name == "permissions" {
				a.Roles = slices.Clone(full.Roles)
				a.Roles[1].Permissions = nil
			}
		default:
			if err := a.Set(k.Name, full.Get(k.Name)); err != nil {
				t.Fatal(err)
			}
		}
		if other, ok := seen[a.Hash()]; ok {
			t.Errorf("%s: same hash as %s", k.Name, other)
		}
		seen[a.Hash()] = k.Name
	}
}

func TestNamesBeside(t *testing.T) {
	a := Answers{PackageName: "adminauth"}
	if a.WebName() != "adminauthweb" || a.TestName() != "adminauthtest" {
		t.Errorf("the packages beside adminauth are %s and %s", a.WebName(), a.TestName())
	}
	// No package beside one whose name is accepted is called as one that is imported.
	for _, imported := range importedNames {
		for _, end := range []string{"web", "test"} {
			if name, ok := strings.CutSuffix(imported, end); ok && packageNameProblem(name) == "" {
				t.Errorf("a package may be called %q, and %s is imported", name, imported)
			}
		}
	}
}

// TestFlagsRepeatAnswers checks that the answers can be given again as flags.
func TestFlagsRepeatAnswers(t *testing.T) {
	full := fullAnswers()
	for i := range full.Roles {
		// That a role is sensitive follows from its permissions where flags
		// are concerned.
		full.Roles[i].Sensitive = slices.Contains(full.Roles[i].Permissions, UsersWrite)
	}
	bare := defaultAnswers()
	bare.Profile = nil
	for _, want := range []Answers{defaultAnswers(), full, bare} {
		got := Default()
		for _, k := range Keys {
			if err := got.Set(k.Name, " "+want.Get(k.Name)+" "); err != nil {
				t.Fatalf("%s: %v", k.Name, err)
			}
		}
		got.Normalize()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestSet(t *testing.T) {
	for _, tt := range []struct{ key, text, want string }{
		{"session", "databse", `session: unknown value "databse" (did you mean "database"?); choose database or stateless`},
		{"router", "fibre", `router: unknown value "fibre" (did you mean "fiber"?); choose ` + either(routerNames())},
		{"database", "oracle", `database: unknown value "oracle"; choose sqlite, postgres or mysql`},
		{"interface", "both", `interface: "both" is not supported yet; choose json`},
		{"migrations_version", "0", `migrations_version: "0": want a number above 0, of at most 14 digits, such as 7, 0007 or 20260101000000`},
		{"migrations_version", "000000000000007", `migrations_version: "000000000000007": want a number above 0, of at most 14 digits, such as 7, 0007 or 20260101000000`},
		{"migrations_version", "100000000000000", `migrations_version: "100000000000000": want a number above 0, of at most 14 digits, such as 7, 0007 or 20260101000000`},
		{"migrations_dir", "/db", `migrations_dir: "/db" is absolute; give it from the module root, such as "db/migrations"`},
		{"migrations_dir", "../db", `migrations_dir: "../db": .. is not allowed; give the directory from the module root`},
		{"migrations_dir", ".", `migrations_dir: "." is the module root; migrations need a directory of its own, such as "db/migrations"`},
		{"migrations_dir", "db/", `migrations_dir: "db/" is not in its shortest form (did you mean "db"?)`},
		{"migrations_dir", `db\x`, `migrations_dir: "db\\x": separate directories with / on every system`},
		{"migrations_dir", "db/.git/hooks", `migrations_dir: "db/.git/hooks": ".git" is hidden, and authgen does not write there; choose another directory`},
		{"migrations_dir", "vendor/db", `migrations_dir: "vendor/db": other tools replace what is in "vendor"; choose another directory`},
		{"migrations_dir", "db:x", `migrations_dir: "db:x" is not a valid path on every system; use letters, digits and - . _ /`},
		{"migrations_dir", "aux/sql", `migrations_dir: "aux/sql" is not a valid path on every system; use letters, digits and - . _ /`},
		{"migrations_dir", "größe", `migrations_dir: "größe" is not a valid path on every system; use letters, digits and - . _ /`},
		{"package", "../auth", `package: "../auth": .. is not allowed; give the directory from the module root`},
		{"default_role", "Admin", `default_role: "Admin": a role name is lower case (did you mean "admin"?)`},
		{"roles", "", `roles: give at least one role, highest first, such as admin,member`},
		{"public", "login", `public: "login": a path starts with / (did you mean "/login"?)`},
		{"rooter", "x", `unknown key "rooter" (did you mean "router"?)`},
	} {
		a := Default()
		err := a.Set(tt.key, tt.text)
		if err == nil || err.Error() != tt.want {
			t.Errorf("Set(%q, %q):\ngot  %v\nwant %s", tt.key, tt.text, err, tt.want)
		}
		if diff := cmp.Diff(Default(), a); diff != "" {
			t.Errorf("Set(%q, %q) failed and changed the answers:\n%s", tt.key, tt.text, diff)
		}
	}
}

func TestSetRolesKeepsPermissions(t *testing.T) {
	a := fullAnswers()
	if err := a.Set("roles", "owner, auditor, member"); err != nil {
		t.Fatal(err)
	}
	want := []Role{fullAnswers().Roles[0], {Name: "auditor"}, {Name: "member"}}
	if diff := cmp.Diff(want, a.Roles); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestGetUnknown(t *testing.T) {
	if got := defaultAnswers().Get("rooter"); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestParseRoles(t *testing.T) {
	got, err := parseRoles(" admin, editor ,member")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Role{{Name: "admin"}, {Name: "editor"}, {Name: "member"}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, tt := range []struct{ text, want string }{
		{"", `roles: give at least one role, highest first, such as admin,member`},
		{" ", `roles: give at least one role, highest first, such as admin,member`},
		{"Admin", `roles: "Admin": a role name is lower case (did you mean "admin"?)`},
		{"SuperAdmin,member", `roles: "SuperAdmin": a role name is lower case (did you mean "super_admin"?)`},
		{"super-admin", `roles: "super-admin": a role name consists of a-z, 0-9 and single _ (did you mean "super_admin"?)`},
		{"größe", `roles: "größe": a role name is ASCII, since it becomes part of Go and SQL names: a-z, 0-9 and _`},
		{"1st", `roles: "1st": a role name starts with a-z and continues with a-z, 0-9 and _`},
		{strings.Repeat("a", 33), `roles: "` + strings.Repeat("a", 33) + `": a role name has at most 32 characters`},
		{"admin,,member", `roles: nothing after the comma that follows "admin"; remove the comma`},
		{"admin,", `roles: nothing after the comma that follows "admin"; remove the comma`},
		{",admin", `roles: nothing before the first comma in ",admin"`},
		{"admin,admin", `roles: role "admin" appears twice`},
		{"a_b,a__b", `roles: roles "a_b" and "a__b" would both be RoleAB in Go; rename one`},
		{"self", `roles: "self" is not a role name, since it has a meaning of its own; choose another`},
		{"Admin,none", "roles: \"Admin\": a role name is lower case (did you mean \"admin\"?)\n" +
			"roles: \"none\" is not a role name, since it has a meaning of its own; choose another"},
	} {
		if _, err := parseRoles(tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("parseRoles(%q):\ngot  %v\nwant %s", tt.text, err, tt.want)
		}
	}
}

func TestParsePermissions(t *testing.T) {
	roles := []Role{{Name: "admin", Permissions: []string{"a:b"}, Sensitive: true}, {Name: "editor"}, {Name: "member", Permissions: []string{"x:y"}}}
	before := formatPermissions(roles)
	got, err := ParsePermissions(" editor = posts:write + posts:read , admin=users:read", roles)
	if err != nil {
		t.Fatal(err)
	}
	want := []Role{{"admin", []string{"users:read"}, true}, {"editor", []string{"posts:write", "posts:read"}, false}, {"member", nil, false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if after := formatPermissions(roles); after != before {
		t.Errorf("the roles that were passed changed from %s to %s", before, after)
	}
	for _, tt := range []struct{ text, want string }{
		{"editor", `permissions: "editor": want a role, = and its permissions, such as editor=posts:write+posts:read`},
		{"editr=posts:write", `permissions: "editr=posts:write": there is no role "editr" (did you mean "editor"?); the roles are admin,editor,member`},
		{"editor=a:b,editor=c:d", `permissions: "editor=c:d": role "editor" has its permissions already; join them with +`},
		{"editor=", `permissions: "editor=": no permission after =; leave the role out to give it none`},
		{"editor=write", `permissions: "write": a permission is lower-case words with a colon between them, such as posts:write`},
		{"editor=a:b+", `permissions: "": a permission is lower-case words with a colon between them, such as posts:write`},
		{"editor=Posts:write", `permissions: "Posts:write": a permission is lower-case words with a colon between them, such as posts:write`},
		{"editor=a:b+a:b", `permissions: role "editor" has permission "a:b" twice`},
	} {
		if _, err := ParsePermissions(tt.text, roles); err == nil || err.Error() != tt.want {
			t.Errorf("ParsePermissions(%q):\ngot  %v\nwant %s", tt.text, err, tt.want)
		}
	}
	if got, err := ParsePermissions("", roles); err != nil || formatPermissions(got) != "" {
		t.Errorf("no text: got %v, %v", got, err)
	}
}

func TestParseProfile(t *testing.T) {
	got, err := parseProfile("display_name:string:anyone, phone : string : self + admin")
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{{"display_name", "string", []string{"anyone"}}, {"phone", "string", []string{"self", "admin"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, err := parseProfile(" "); err != nil || got != nil {
		t.Errorf("no fields: got %v, %v", got, err)
	}
	for _, tt := range []struct{ text, want string }{
		{"phone", `profile: "phone": want name:type:who may see it, such as phone:string:self+admin`},
		{"phone:string", `profile: "phone:string": want name:type:who may see it, such as phone:string:self+admin`},
		{"phone:string:", `profile: field "phone": say who may see it: anyone, or self and roles`},
		{"phone:string:self+", `profile: field "phone": empty name among those who may see it; choose anyone, or self and roles`},
		{"phone:string:self+self", `profile: field "phone": "self" appears twice`},
		{"phone:string:self+anyone", `profile: field "phone": anyone stands alone, since it includes the others`},
		{"phone:strin:self", `profile: field "phone": unknown type "strin" (did you mean "string"?); choose string or bool or int`},
		{"Phone:string:self", `profile: "Phone": a field name is lower case (did you mean "phone"?)`},
		{"téléphone:string:self", `profile: "téléphone": a field name is ASCII, since it becomes part of Go and SQL names: a-z, 0-9 and _`},
		{"order:int:self", `profile: "order": a field becomes a column, and this is a reserved word of SQL; choose another name, such as "user_order"`},
		{"email:string:self", `profile: "email": users or requests already have "email"; choose another name`},
		{"session_version:int:self", `profile: "session_version": users or requests already have "session_version"; choose another name`},
		{"a_1:int:self,a1:int:self", `profile: fields "a_1" and "a1" would both be A1 in Go; rename one`},
		{"a:int:self,a:int:self", `profile: field "a" appears twice`},
		{"a__b:int:self", `profile: "a__b": a field name consists of a-z, 0-9 and single _ (did you mean "a_b"?)`},
	} {
		if _, err := parseProfile(tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("parseProfile(%q):\ngot  %v\nwant %s", tt.text, err, tt.want)
		}
	}
}

func TestParseFeatures(t *testing.T) {
	firstFeatures(t)
	base := FeatureSet(0).With("signup", true).With("manage_users", true)
	got, err := parseFeatures("remember, -manage_users", base)
	if err != nil {
		t.Fatal(err)
	}
	if want := FeatureSet(0).With("signup", true).With("remember", true); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, err := parseFeatures("", base); err != nil || got != base {
		t.Errorf("no text: got %+v, %v", got, err)
	}
	for _, tt := range []struct{ text, want string }{
		{"sigup", `features: unknown feature "sigup" (did you mean "signup"?); there are signup, remember, delete_account, manage_users`},
		{"-", `features: unknown feature ""; there are signup, remember, delete_account, manage_users`},
		{"signup,-signup", `features: feature "signup" is given twice`},
	} {
		if _, err := parseFeatures(tt.text, base); err == nil || err.Error() != tt.want {
			t.Errorf("parseFeatures(%q):\ngot  %v\nwant %s", tt.text, err, tt.want)
		}
	}
	for f := range FeatureSet(1) << len(Features) {
		// The text is complete: what it is applied to makes no difference.
		if got, err := parseFeatures(f.String(), base); err != nil || got != f {
			t.Errorf("%v: got %v, %v", f, got, err)
		}
	}
}

func TestParseList(t *testing.T) {
	got, err := parseList("public", "/, /login")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/", "/login"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, tt := range []struct{ text, want string }{
		{"/a?b=c", `public: "/a?b=c": a path has no query and no fragment`},
		{"/a/", `public: "/a/" is not in its shortest form (did you mean "/a"?)`},
		{"/a/../b", `public: "/a/../b" is not in its shortest form (did you mean "/b"?)`},
		{"/{id}", `public: "/{id}": a path consists of letters, digits and - . _ ~ /; it is not a pattern, and nothing is escaped`},
		{"/a%2fb", `public: "/a%2fb": a path consists of letters, digits and - . _ ~ /; it is not a pattern, and nothing is escaped`},
		{"/ü", `public: "/ü": a path is ASCII here, since clients disagree on how to write other characters: letters, digits and - . _ ~ /`},
		{"/a,/a", `public: "/a" appears twice`},
		{"/a,,/b", `public: nothing after the comma that follows "/a"; remove the comma`},
	} {
		if _, err := parseList("public", tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("parseList(%q):\ngot  %v\nwant %s", tt.text, err, tt.want)
		}
	}
}

func TestGoName(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"users:read", "UsersRead"},
		{"id", "ID"},
		{"url", "URL"},
		{"avatar_url", "AvatarURL"},
		{"display_name", "DisplayName"},
		{"super_admin", "SuperAdmin"},
		{"identity", "Identity"},
		{"a__b", "AB"},
		{"a_1", "A1"},
		{"ñandú", "Ñandú"},
		{"", ""},
		{"_", ""},
	} {
		if got := GoName(tt.name); got != tt.want {
			t.Errorf("goName(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

// randomAnswers returns answers that Check accepts.
func randomAnswers(r *rand.Rand) Answers {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	// some returns a part of a list, in another order; never all of it.
	some := func(from ...string) []string {
		var list []string
		for _, i := range r.Perm(len(from))[:r.IntN(len(from))] {
			list = append(list, from[i])
		}
		return list
	}
	a := Default()
	a.Package = pick("internal/auth", "auth", "a/b/c", "internal/my-auth", "Web/auth.v2")
	a.PackageName = pick("auth", "n", "y", "on", "no", "off", "yes", "null")
	a.Name = pick("", "staff", "no", "y", "a_1")
	a.Session = pick("database", "stateless")
	a.Router = pick("net/http", "chi", "echo/v4", "fiber")
	a.Database = pick("sqlite", "postgres", "mysql")
	a.Driver = pick(DriversFor(a.Database)...)
	if a.Session == "database" {
		a.Store = pick("database", "redis")
	}
	switch {
	case a.Session == "stateless":
		a.Bridge = pick("none", "database")
	case a.Store == "database":
		a.Bridge = pick("none", "stateless")
	}
	a.Migrations = pick("goose", "golang-migrate", "dbmate", "atlas", "plain")
	a.MigrationsDir = pick("", "db/migrations", "sql", "null", "a b/x")
	a.MigrationsVersion = pick("1", "42", "20260101000000", "99999999999999")
	a.Tests = pick("contract", "all")
	a.Prefix = pick("/auth", "/api/v1/auth", "/~x", "/a.b_c-d")
	a.Features = FeatureSet(r.IntN(1 << len(Features)))
	a.Roles = []Role{{Name: "owner", Permissions: []string{UsersRead, UsersWrite}, Sensitive: r.IntN(2) == 0}}
	for _, name := range some("admin", "editor", "null", "no", "e1", "yes", "member_", "on") {
		a.Roles = append(a.Roles, Role{name, some("posts:write", "users:read", "on:off", "a:b:c_d", "y:n"), r.IntN(2) == 0})
	}
	a.Roles = append(a.Roles, Role{Name: "last"})
	inheritSensitive(a.Roles)
	a.DefaultRole = a.Roles[1+r.IntN(len(a.Roles)-1)].Name
	a.Profile = nil
	for _, name := range some("phone", "display_name", "y", "e5", "off", "avatar_url", "n", "yes") {
		visible := some(append(roleNames(a.Roles), "self")...)
		if visible == nil {
			visible = []string{"anyone"}
		}
		a.Profile = append(a.Profile, Field{name, pick("string", "bool", "int"), visible})
	}
	a.Public = some("/", "/login", "/signup", "/a.b", "/~")
	a.Protected = some("/dashboard", "/x/y", "/null", "/0")
	for _, k := range Keys {
		if f, ok := k.answer.(featureChoice); ok {
			f.put(&a, k.Values[r.IntN(len(k.Values))].Name)
		}
	}
	return a
}

func routerNames() []string {
	var names []string
	for _, r := range Routers {
		names = append(names, r.Name)
	}
	return names
}
