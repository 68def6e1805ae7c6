package project

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/authgen/authgen/generator/answers"
)

// TestCheckUsers checks answers against the tables of an application.
func TestCheckUsers(t *testing.T) {
	const goMod = "module example.com/app\n\ngo 1.26.0\n"
	const tables = `CREATE TABLE users (
	id bigserial PRIMARY KEY,
	email text NOT NULL UNIQUE,
	password_hash varchar(255) NOT NULL,
	short varchar(60),
	verified_at timestamptz,
	is_active boolean NOT NULL DEFAULT true,
	deleted boolean NOT NULL DEFAULT false,
	role text NOT NULL CHECK (role IN ('admin', 'member')),
	is_admin boolean NOT NULL DEFAULT false,
	level int NOT NULL DEFAULT 0,
	created_at timestamptz NOT NULL,
	kind user_kind
);
CREATE TABLE members (
	id uuid PRIMARY KEY,
	email text NOT NULL,
	full_name text NOT NULL,
	team_id uuid NOT NULL REFERENCES teams,
	archived boolean NOT NULL
);
CREATE TABLE customers (id integer PRIMARY KEY, email text);
CREATE TABLE accounts (tenant int, id int, email text, PRIMARY KEY (tenant, id));
CREATE TABLE people (LIKE users, code text PRIMARY KEY);
`
	load := func(sql string) *Project {
		p, err := Load(writeTree(t, []txtar.File{{Name: "go.mod", Data: []byte(goMod)}, {Name: "main.go", Data: []byte("package main\n")}, {Name: "db.sql", Data: []byte(sql)}}))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := load(tables)
	const all = "table=users,id=id:bigint,email=email,password=password_hash,role=role,created=created_at"
	for _, tt := range []struct {
		name, users string
		set         []string // other answers, key=value
		want        []string
	}{
		{name: "own table", users: "own"},
		{name: "all right", users: all + ",verified=verified_at:time,disabled=is_active:not,deleted=deleted:bool"},
		{name: "a usual schema", users: strings.Replace(all, "table=", "table=public.", 1)},
		{name: "in another schema", users: "table=crm.users,id=uid:uuid,email=email"},
		{name: "a table that is not in the source", users: "table=identities,id=uid:uuid,email=email"},
		{name: "a slip", users: "table=user,id=id:bigint,email=email", want: []string{
			`users.table: the source has no table "user" (did you mean "users"?)`,
		}},
		{name: "no such column", users: strings.Replace(all, "email=email", "email=mail", 1), want: []string{
			`users.email: the table users at db.sql:1 has no column "mail" (did you mean "email"?)`,
			`users: the column email at db.sql:3 must not be NULL, and sign-up does not fill it; write email=email here, give it a default, or switch signup off`,
		}},
		{name: "a table that may have more columns", users: "table=people,id=code:text,email=whatever"},
		{name: "another type of ids", users: strings.Replace(all, "bigint", "uuid", 1), want: []string{
			"users.id: the column id at db.sql:2 has another type; write id:bigint",
		}},
		{name: "another name of the type of ids", users: strings.Replace(all, "bigint", "int8", 1)},
		{name: "ids that are not the key", users: strings.Replace(all, "id=id:bigint", "id=level:int", 1), want: []string{
			"users.id: the primary key of the table users is id at db.sql:2, and not level",
		}},
		{name: "a key of two columns", users: "table=accounts,id=id:int,email=email", want: []string{
			"users.id: the primary key of the table accounts has several columns, tenant at db.sql:23 and id at db.sql:23, and that of users can have only one",
			"users: the column tenant at db.sql:23 must not be NULL, and sign-up does not fill it; add a field of the profile for it, such as tenant:int:self, and tenant=tenant here, give it a default, or switch signup off",
			"users.id: the column id at db.sql:23 is a number that the database does not count up, and sign-up does not choose one; give it a default, or switch signup off",
		}},
		{name: "ids that nobody chooses", users: "table=customers,id=id:integer,email=email", want: []string{
			"users.id: the column id at db.sql:22 is a number that the database does not count up, and sign-up does not choose one; give it a default, or switch signup off",
		}},
		{name: "times and truths", users: all + ",verified=verified_at,disabled=is_active:not time,deleted=deleted", want: []string{
			"users.verified: the column verified_at at db.sql:6 has the type timestamptz; write verified_at:time",
			"users.disabled: the column is_active at db.sql:7 has the type boolean; write is_active:not",
			"users.deleted: the column deleted at db.sql:8 has the type boolean; write deleted:bool",
		}},
		{name: "neither", users: all + ",disabled=short", want: []string{
			"users.disabled: the column short at db.sql:5 has the type varchar(60), which is neither a time nor true or false",
		}},
		{name: "a type of its own", users: all + ",disabled=kind"},
		{name: "numbers", users: "table=users,id=id:bigint,email=email,password=level,role=role,created=created_at", want: []string{
			"users.password: the column level at db.sql:11 has the type int, which password cannot have",
			"users: the column password_hash at db.sql:4 must not be NULL",
		}},
		{name: "short", users: strings.Replace(all, "password_hash", "short", 1), set: []string{"features=-signup"}, want: []string{
			"users.password: the column short at db.sql:5 has room for 60 characters, and the hashes that the package writes have 97; make it longer with a migration",
		}},
		{name: "a role of true and false", users: strings.Replace(all, "role=role", "role=is_admin:admin=true+member=false", 1), set: []string{"features=-signup"}},
		{name: "a role of numbers", users: strings.Replace(all, "role=role", "role=level:admin=2+member=1", 1), set: []string{"features=-signup"}},
		{name: "a role of names", users: strings.Replace(all, "role=role", "role=is_admin", 1), set: []string{"features=-signup"}, want: []string{
			"users.role: the column is_admin at db.sql:10 has the type boolean, which cannot have the values admin, member; write the value of each role, as in is_admin:admin=true+member=false",
		}},
		{name: "values that the column cannot have", users: strings.Replace(all, "role=role", "role=role:admin=admin+member=members", 1), want: []string{
			`users.role: the column role at db.sql:9 cannot have the value members (did you mean "member"?) of the role member; its values are admin, member`,
		}},
		{name: "other roles", users: all, set: []string{"roles=admin,editor,member"}, want: []string{
			`users.role: the column role at db.sql:9 cannot have the value editor of the role editor; its values are admin, member`,
		}},
		{name: "columns that nobody fills", users: "table=members,id=id:uuid,email=email", want: []string{
			"users: the column full_name at db.sql:18 must not be NULL, and sign-up does not fill it; add a field of the profile for it, such as full_name:string:self, and full_name=full_name here, give it a default, or switch signup off",
			"users: the column team_id at db.sql:19 must not be NULL, and sign-up does not fill it; give it a default, or switch signup off",
			"users: the column archived at db.sql:20 must not be NULL, and sign-up does not fill it; add a field of the profile for it, such as archived:bool:self, and archived=archived here, give it a default, or switch signup off",
		}},
		{name: "without sign-up", users: "table=members,id=id:uuid,email=email", set: []string{"features=-signup"}},
		{name: "fields", users: "table=members,id=id:uuid,email=email,display_name=full_name,phone=archived", set: []string{"features=-signup", "profile=display_name:string:self,phone:string:self"}, want: []string{
			"users.phone: the column archived at db.sql:20 has the type boolean, which a field of the type string cannot have",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := answers.Default()
			for _, text := range append([]string{"database=postgres", "users=" + tt.users}, tt.set...) {
				key, value, _ := strings.Cut(text, "=")
				if err := a.Set(key, value); err != nil {
					t.Fatal(err)
				}
			}
			problems := p.CheckUsers(a)
			if len(problems) != len(tt.want) {
				t.Errorf("%d problems, want %d", len(problems), len(tt.want))
			}
			for i, problem := range problems {
				got := problem.Path + ": " + problem.Message
				if i >= len(tt.want) || !strings.HasPrefix(got, tt.want[i]) {
					t.Errorf("problem %d: %s", i, got)
				}
			}
			if got := load("").CheckUsers(a); got != nil {
				t.Errorf("without tables: %v", got)
			}
		})
	}
}

// What is proposed for a table has no problems but those with sign-up.
func TestMappingFits(t *testing.T) {
	forEachArchive(t, "testdata/users/*.txtar", func(t *testing.T, p *Project, _ *archiveFile) {
		a := answers.Default()
		if database, ok := p.Database(); ok {
			a.Database = database
		}
		a.Normalize()
		a.Switch("signup", false)
		for _, table := range p.UsersTables(a.Database) {
			a.Users, _ = table.Mapping(a)
			if err := a.Check(); err != nil {
				t.Errorf("%s: %v", table.Name, err)
			}
			for _, problem := range p.CheckUsers(a) {
				if !strings.Contains(problem.Message, "has room for") {
					t.Errorf("%s: %s", table.Name, problem.Error())
				}
			}
		}
	})
}
