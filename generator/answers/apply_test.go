package answers

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestApply(t *testing.T) {
	all := []string{UsersRead, UsersWrite}
	for _, tt := range []struct {
		name   string
		from   func(*Answers)
		assign []string
		want   func(*Answers)
	}{
		{"nothing", nil, nil, func(*Answers) {}},
		{"a text", nil, []string{" prefix = /x "}, func(a *Answers) { a.Prefix = "/x" }},
		{"no text", func(a *Answers) { a.Name = "x" }, []string{"name="}, func(a *Answers) { a.Name = "" }},
		{"the usual driver", nil, []string{"database=postgres"}, func(a *Answers) { a.Database, a.Driver = "postgres", "github.com/jackc/pgx/v5" }},
		{"a driver too", nil, []string{"driver=github.com/lib/pq", "database=postgres"}, func(a *Answers) { a.Database, a.Driver = "postgres", "github.com/lib/pq" }},
		{"the same database", func(a *Answers) { a.Driver = "github.com/mattn/go-sqlite3" }, []string{"database=sqlite"}, func(*Answers) {}},
		{"another database, by one who changed the driver", func(a *Answers) { a.Database, a.Driver = "postgres", "github.com/lib/pq" }, []string{"database=mysql"}, func(a *Answers) {
			a.Database, a.Driver = "mysql", "github.com/go-sql-driver/mysql"
		}},
		{"stateless without a store", func(a *Answers) { a.Store = "redis" }, []string{"session=stateless"}, func(a *Answers) { a.Session, a.Store = "stateless", "database" }},
		{"another directory", nil, []string{"package=web/login"}, func(a *Answers) { a.Package, a.PackageName = "web/login", "login" }},
		{"another directory, with another name", func(a *Answers) { a.PackageName = "users" }, []string{"package=web/login"}, func(a *Answers) { a.Package = "web/login" }},
		{"another directory and name", nil, []string{"package_name=users", "package=web/my-login"}, func(a *Answers) { a.Package, a.PackageName = "web/my-login", "users" }},
		{"another tool", nil, []string{"migrations=dbmate"}, func(a *Answers) { a.Migrations = "dbmate" }}, // the number stays
		{"features", nil, []string{"features=-signup, remember", "features-=remember", "features-=delete_account", "features+=signup"}, func(a *Answers) {
			a.Switch("remember", false)
			a.Switch("delete_account", false)
		}},
		{"roles", nil, []string{"roles+=editor,author", "roles+=admin,editor"}, func(a *Answers) {
			a.Roles = []Role{a.Roles[0], {Name: "editor"}, {Name: "author"}, a.Roles[1]}
		}},
		{"a role above the one of new users", func(a *Answers) { a.Roles = append(a.Roles, Role{Name: "guest"}) }, []string{"roles+=editor"}, func(a *Answers) {
			a.Roles = []Role{a.Roles[0], {Name: "editor"}, a.Roles[1], {Name: "guest"}}
		}},
		{"a role less", func(a *Answers) { a.Roles = []Role{a.Roles[0], {Name: "editor"}, a.Roles[1]} }, []string{"roles-=editor"}, func(a *Answers) {
			a.Roles = []Role{a.Roles[0], a.Roles[2]}
		}},
		{"the role of new users", nil, []string{"roles-=member", "roles=admin,user", "default_role=user"}, func(a *Answers) {
			a.Roles[1].Name, a.DefaultRole = "user", "user"
		}},
		{"permissions", nil, []string{"roles+=editor", "permissions+=editor=posts:write+posts:read,admin=users:read+a:b", "permissions-=editor=posts:read"}, func(a *Answers) {
			a.Roles = []Role{{"admin", []string{UsersRead, UsersWrite, "a:b"}, true}, {"editor", []string{"posts:write"}, false}, a.Roles[1]}
		}},
		{"all permissions", nil, []string{"permissions=admin=users:read+users:write"}, func(*Answers) {}},
		{"a role that may change users", func(a *Answers) { a.Roles = []Role{{"admin", all, false}, {Name: "staff"}, {Name: "member"}} }, []string{"permissions+=staff=users:write"}, func(a *Answers) {
			a.Roles[0].Sensitive = true // as it is above
			a.Roles[1] = Role{"staff", []string{UsersWrite}, true}
		}},
		{"a role above a sensitive one", nil, []string{"roles=owner,admin,member"}, func(a *Answers) {
			a.Roles = []Role{{"owner", nil, true}, a.Roles[0], a.Roles[1]}
		}},
		{"roles that may change users", func(a *Answers) {
			a.Roles[0] = Role{"admin", all, false}
			a.Switch("manage_users", false)
		}, []string{"features+=manage_users"}, func(a *Answers) { a.Switch("manage_users", true); a.Roles[0].Sensitive = true }},
		{"a field", nil, []string{"profile+=phone:string:self+admin"}, func(a *Answers) {
			a.Profile = append(a.Profile, Field{"phone", "string", []string{"self", "admin"}})
		}},
		{"a field less", nil, []string{"profile-=display_name"}, func(a *Answers) { a.Profile = nil }},
		{"a field that others see", nil, []string{"profile+=display_name:string:self"}, func(a *Answers) { a.Profile[0].Visible = []string{"self"} }},
		{"a field of another type", nil, []string{"profile-=display_name", "profile+=display_name:int:self"}, func(a *Answers) {
			a.Profile[0] = Field{"display_name", "int", []string{"self"}}
		}},
		{"paths", func(a *Answers) { a.Public = []string{"/login"} }, []string{"public+=/signup,/login", "protected+=/a,/b", "public-=/login", "protected-=/a,/b"}, func(a *Answers) {
			a.Public = []string{"/signup"}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from := func() Answers {
				a := defaultAnswers()
				if tt.from != nil {
					tt.from(&a)
				}
				return a
			}
			got, want := from(), from()
			before := got
			if _, err := got.Apply(tt.assign...); err != nil {
				t.Fatal(err)
			}
			tt.want(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(from(), before); diff != "" {
				t.Errorf("a copy of the answers changed:\n%s", diff)
			}
		})
	}
}

func TestApplyErrors(t *testing.T) {
	firstFeatures(t)
	for _, tt := range []struct {
		assign []string
		want   string
	}{
		{[]string{"session"}, `"session": want key=value, or key+=value and key-=value for lists, such as session=stateless`},
		{[]string{"=x"}, `"=x": want key=value, or key+=value and key-=value for lists, such as session=stateless`},
		{[]string{"sesion=stateless"}, `unknown key "sesion" (did you mean "session"?)`},
		{[]string{"session=statless"}, `session: unknown value "statless" (did you mean "stateless"?); choose database or stateless`},
		{[]string{"session+=stateless"}, `session: += is for lists; write session=stateless`},
		{[]string{"session=stateless", "session=database"}, `session: it is given twice`},
		{[]string{"roles+="}, `roles: nothing after +=`},
		{[]string{"roles+=Editor"}, `roles: "Editor": a role name is lower case (did you mean "editor"?)`},
		{[]string{"roles-=membr"}, `roles: there is no "membr" (did you mean "member"?) to remove; the list has admin, editor, member`},
		{[]string{"roles-=membr:admin"}, `roles: there is no "membr" (did you mean "member"?) to remove; the list has admin, editor, member`},
		{[]string{"roles-=Old:admin"}, `roles: there is no "Old" to remove; the list has admin, editor, member`},
		{[]string{"roles-=editor:"}, `roles: "editor:": want a role, : and the role that its users get, such as editor:member`},
		{[]string{"profile=", "roles-=editor:membr"}, `roles: users with role "editor" cannot get role "membr", which does not exist (did you mean "member"?); the roles are admin,member`},
		{[]string{"profile=", "roles-=editor:editor"}, `roles: users with role "editor" cannot get role "editor", which does not exist; the roles are admin,member`},
		{[]string{"profile=", "roles-=editor:member,editor:admin"}, `roles: users with role "editor" can get one other role, not two`},
		{[]string{"profile=", "roles-=editor:member", "roles-=editor:admin"}, `roles: users with role "editor" can get one other role, not two`},
		{[]string{"profile=", "roles-=editor:member", "roles+=editor"}, `roles: users with role "editor" cannot get another one while that role exists; do not add it again`},
		{[]string{"roles-=member:editor"}, `default_role: new users get role "member", which is removed; set this too, such as default_role=editor`},
		{[]string{"roles-=member"}, `default_role: new users get role "member", which is removed; set this too, such as default_role=editor`},
		{[]string{"roles-=editor"}, `profile: role "editor", which is removed, may see field "phone"; set this too, such as profile+=phone:string:self`},
		{[]string{"roles=admin,member", "profile=x:int:editor"}, `profile: field "x": unknown viewer "editor"; choose anyone, or self and roles`},
		{[]string{"roles-=admin,editor,member"}, `roles: give at least one role`},
		{[]string{"permissions+=editor"}, `permissions: "editor": want a role, = and its permissions, such as editor=posts:write+posts:read`},
		{[]string{"permissions-=editor=post:write"}, `permissions: role "editor" has no permission "post:write" (did you mean "posts:write"?); it has posts:write`},
		{[]string{"permissions-=admin=users:write"}, `features: manage_users is on, but no role has users:write; give it to a role that new users do not get, or switch manage_users off`},
		{[]string{"profile+=phone:int:self"}, `profile: field "phone" already exists with type string, which cannot become int; add one with another name`},
		{[]string{"profile-=fone"}, `profile: there is no "fone" to remove; the list has phone`},
		{[]string{"public-=/login"}, `public: there is no "/login" to remove; the list has nothing`},
		{[]string{"public+=login"}, `public: "login": a path starts with / (did you mean "/login"?)`},
		{[]string{"features+=-signup"}, `features: "-signup" already has a sign; write features=-signup`},
		{[]string{"features-=sigup"}, `features: unknown feature "sigup" (did you mean "signup"?); there are signup, remember, delete_account, manage_users`},
		{[]string{"features-=signup,"}, `features: nothing after the comma that follows "-signup"; remove the comma`},
		{[]string{"session=stateless", "store=redis"}, `store: stateless sessions are not stored, so there is nothing to store in Redis; choose database, or session database`},
		{[]string{"driver=github.com/lib/pq"}, `driver: github.com/lib/pq is not a driver for sqlite; choose modernc.org/sqlite, github.com/mattn/go-sqlite3 or github.com/ncruces/go-sqlite3`},
		{[]string{"package=web/my-auth"}, `package_name: give one: the directory "my-auth" is not a Go package name`},
		{[]string{"prefix=auth", "rooter=chi"}, `prefix: "auth": a path starts with / (did you mean "/auth"?)` + "\n" + `unknown key "rooter" (did you mean "router"?)`},
	} {
		from := func() Answers {
			a := defaultAnswers()
			a.Roles = []Role{a.Roles[0], {Name: "editor", Permissions: []string{"posts:write"}}, a.Roles[1]}
			a.Profile = []Field{{"phone", "string", []string{"editor"}}}
			return a
		}
		a := from()
		_, err := a.Apply(tt.assign...)
		if err == nil {
			t.Errorf("%q is no error", tt.assign)
			continue
		}
		if err.Error() != tt.want && !strings.HasPrefix(err.Error(), tt.want+"\n") {
			t.Errorf("%q:\ngot  %v\nwant %s", tt.assign, err, tt.want)
		}
		if diff := cmp.Diff(from(), a); diff != "" {
			t.Errorf("%q failed and changed the answers:\n%s", tt.assign, diff)
		}
	}
}

func TestApplyMovesRoles(t *testing.T) {
	for _, tt := range []struct {
		assign []string
		roles  string
		want   []RoleMove
	}{
		{[]string{"roles-=editor"}, "admin,author,member", nil},
		{[]string{"roles-= editor : member "}, "admin,author,member", []RoleMove{{From: "editor", To: "member"}}},
		{[]string{"roles-=editor:writer,author:writer", "roles+=writer"}, "admin,writer,member", []RoleMove{{From: "editor", To: "writer"}, {From: "author", To: "writer"}}},
		{[]string{"roles-=guest:member"}, "admin,editor,author,member", []RoleMove{{From: "guest", To: "member", Former: true}}},
		{[]string{"roles+=guest", "roles-=guest:member"}, "admin,editor,author,member", []RoleMove{{From: "guest", To: "member"}}},
	} {
		a := defaultAnswers()
		a.Roles = []Role{a.Roles[0], {Name: "editor"}, {Name: "author"}, a.Roles[1]}
		got, err := a.Apply(tt.assign...)
		if err != nil {
			t.Errorf("%q: %v", tt.assign, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || formatRoles(a.Roles) != tt.roles {
			t.Errorf("%q: the roles are %s; moves (-want +got):\n%s", tt.assign, formatRoles(a.Roles), diff)
		}
	}
}

// What Get says of answers makes them out of any others, assignment by
// assignment.
func TestApplyAll(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 200 {
		from, to := randomAnswers(r), randomAnswers(r)
		var assign []string
		for _, k := range Keys {
			assign = append(assign, k.Name+"="+to.Get(k.Name))
		}
		if _, err := from.Apply(assign...); err != nil {
			t.Fatal(err)
		}
		for i := range to.Roles { // which no flag sets
			from.Roles[i].Sensitive = to.Roles[i].Sensitive
		}
		if diff := cmp.Diff(to, from); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	}
}

func FuzzApply(f *testing.F) {
	for _, text := range []string{"session=stateless", "roles+=editor", "roles-=old:member", "permissions+=admin=a:b", "profile-=display_name", "public=/a,/b", "features-=signup"} {
		f.Add(text, "roles-=member")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		a := defaultAnswers()
		if _, err := a.Apply(first, second); err != nil {
			if _, ok := err.(Problems); !ok || err.Error() == "" {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(defaultAnswers(), a); diff != "" {
				t.Errorf("failed and changed the answers:\n%s", diff)
			}
			return
		}
		if err := a.Check(); err != nil {
			t.Error(err)
		}
	})
}
