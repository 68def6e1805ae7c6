package emit

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/templates"
)

// migrate emits the migrations that the answers need, and returns all migrations.
func migrate(t *testing.T, a answers.Answers, migrated []Migrated) (all []Migrated, sum []byte) {
	t.Helper()
	files, err := Package(templates.FS, a, Target{Module: "example.com/app", Migrated: migrated})
	if err != nil {
		t.Fatal(err)
	}
	all = slices.Clone(migrated)
	for _, f := range files {
		if f.Class == Migration {
			all = append(all, Migrated{Path: f.Path, Adds: f.Adds, Data: f.Data})
		} else if f.Adds != nil {
			t.Errorf("%s is %s and adds %q", f.Path, f.Class, f.Adds)
		}
		if answers.IsSums(path.Base(f.Path)) {
			sum = f.Data
		}
	}
	return all, sum
}

func TestEmitAddsMigration(t *testing.T) {
	const header = "-- Written by authgen. To change the tables, add another migration.\n\n"
	field := func(text string) []answers.Field {
		var a answers.Answers
		if err := a.Set("profile", text); err != nil {
			t.Fatal(err)
		}
		return a.Profile
	}
	for _, tt := range []struct {
		name          string
		before, after func(*answers.Answers)
		want          map[string]string
		adds          []string
	}{
		{
			"a field", func(*answers.Answers) {}, func(a *answers.Answers) { a.Profile = append(a.Profile, field("phone:string:self")...) },
			map[string]string{"migrations/00002_auth_phone.sql": header +
				"-- +goose Up\nALTER TABLE auth_users ADD COLUMN phone TEXT NOT NULL DEFAULT '';\n\n" +
				"-- +goose Down\nALTER TABLE auth_users DROP COLUMN phone;\n"},
			[]string{"profile.phone:string"},
		},
		{
			"to stateless", func(*answers.Answers) {}, func(a *answers.Answers) { a.Session = "stateless" },
			map[string]string{"migrations/00002_auth_ended_sessions.sql": header + `-- +goose Up
CREATE TABLE auth_ended_sessions (
    handle     TEXT    NOT NULL PRIMARY KEY, -- of a session, or of its family
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_ended_sessions_expires_at ON auth_ended_sessions (expires_at);

-- +goose Down
DROP TABLE auth_ended_sessions;
`},
			[]string{"ended_sessions"},
		},
		{
			"a pair, with a prefix and elsewhere",
			func(a *answers.Answers) {
				a.Session, a.Migrations, a.MigrationsDir, a.Name = "stateless", "golang-migrate", "db", "staff"
				a.Database, a.MigrationsVersion = "postgres", "0009"
			},
			func(a *answers.Answers) {
				a.Session, a.Profile = "database", field("display_name:string:anyone,age:int:self,ok:bool:self")
			},
			map[string]string{
				"/db/0010_staff_auth_sessions_age_ok.up.sql": header + `CREATE TABLE staff_auth_sessions (
    handle           TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of the id in the cookie
    family           TEXT COLLATE "C" NOT NULL, -- shared by a session and those that replaced it
    user_id          UUID NOT NULL REFERENCES staff_auth_users (id) ON DELETE CASCADE,
    user_agent       TEXT NOT NULL,
    client           TEXT NOT NULL,
    authenticated_at TIMESTAMPTZ NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    seen_at          TIMESTAMPTZ NOT NULL,
    expires_at       TIMESTAMPTZ NOT NULL
) WITH (
    -- seen_at changes often. With free space on its page, a row is updated without
    -- writing to the indexes.
    fillfactor = 80
);
CREATE INDEX staff_auth_sessions_user_id ON staff_auth_sessions (user_id);
CREATE INDEX staff_auth_sessions_expires_at ON staff_auth_sessions (expires_at);
ALTER TABLE staff_auth_users ADD COLUMN age BIGINT NOT NULL DEFAULT 0;
ALTER TABLE staff_auth_users ADD COLUMN ok BOOLEAN NOT NULL DEFAULT FALSE;
`,
				"/db/0010_staff_auth_sessions_age_ok.down.sql": header + `ALTER TABLE staff_auth_users DROP COLUMN ok;
ALTER TABLE staff_auth_users DROP COLUMN age;
DROP TABLE staff_auth_sessions;
`,
			},
			[]string{"profile.age:int", "profile.ok:bool", "sessions"},
		},
		{
			"many fields", func(a *answers.Answers) { a.Migrations, a.Database, a.Profile = "tern", "postgres", nil },
			func(a *answers.Answers) { a.Profile = field("a:string:self,b:string:self,c:string:self,d:string:self") },
			map[string]string{"migrations/002_auth_update.sql": header + `ALTER TABLE auth_users ADD COLUMN a TEXT NOT NULL DEFAULT '';
ALTER TABLE auth_users ADD COLUMN b TEXT NOT NULL DEFAULT '';
ALTER TABLE auth_users ADD COLUMN c TEXT NOT NULL DEFAULT '';
ALTER TABLE auth_users ADD COLUMN d TEXT NOT NULL DEFAULT '';

---- create above / drop below ----

ALTER TABLE auth_users DROP COLUMN d;
ALTER TABLE auth_users DROP COLUMN c;
ALTER TABLE auth_users DROP COLUMN b;
ALTER TABLE auth_users DROP COLUMN a;
`},
			[]string{"profile.a:string", "profile.b:string", "profile.c:string", "profile.d:string"},
		},
		{
			"numbered by the time", func(a *answers.Answers) { a.Migrations, a.MigrationsVersion = "dbmate", "20261231235959" },
			func(a *answers.Answers) { a.Profile = append(a.Profile, field("phone:string:self")...) },
			map[string]string{"migrations/20270101000000_auth_phone.sql": header +
				"-- migrate:up\nALTER TABLE auth_users ADD COLUMN phone TEXT NOT NULL DEFAULT '';\n\n" +
				"-- migrate:down\nALTER TABLE auth_users DROP COLUMN phone;\n"},
			[]string{"profile.phone:string"},
		},
		{"a field goes", func(*answers.Answers) {}, func(a *answers.Answers) { a.Profile = nil }, nil, nil},
		{"to Redis", func(*answers.Answers) {}, func(a *answers.Answers) { a.Store = "redis" }, nil, nil},
		{"nothing of a schema", func(*answers.Answers) {}, func(a *answers.Answers) { a.Switch("signup", false) }, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := answers.Default()
			tt.before(&a)
			a.Normalize()
			first, _ := migrate(t, a, nil)
			if diff := cmp.Diff(SchemaParts(a), first[0].Adds); diff != "" {
				t.Errorf("the first migration adds (-want +got):\n%s", diff)
			}
			tt.after(&a)
			all, _ := migrate(t, a, first)
			got := make(map[string]string)
			for _, m := range all[len(first):] {
				got[m.Path] = string(m.Data)
				if diff := cmp.Diff(tt.adds, m.Adds); diff != "" {
					t.Errorf("%s adds (-want +got):\n%s", m.Path, diff)
				}
			}
			if tt.want == nil {
				tt.want = map[string]string{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if again, _ := migrate(t, a, all); len(again) != len(all) {
				t.Errorf("%s is emitted once more", again[len(again)-1].Path)
			}
			// The tests in the package apply all of them.
			change, err := newSchemaChange(a, all)
			if err != nil {
				t.Fatal(err)
			}
			before, _ := newSchemaChange(a, first)
			if diff := cmp.Diff(migrationFiles(a, all, change), migrationFiles(a, first, before)); diff != "" {
				t.Errorf("migrationFiles (-afterwards +when emitted):\n%s", diff)
			}
		})
	}
}

// Migrations of the developer in the directory count for numbers and checksums.
func TestEmitAddsMigrationAfterOthers(t *testing.T) {
	a := answers.Default()
	a.Migrations = "atlas"
	a.Normalize()
	first, sum := migrate(t, a, nil)
	if diff := cmp.Diff(string(sumAtlas([]File{{Path: first[0].Path, Data: first[0].Data}})), string(sum)); diff != "" {
		t.Errorf("the first sums (-want +got):\n%s", diff)
	}
	existing := append(first, Migrated{Path: "migrations/20260601000000_mine.sql", Data: []byte("SELECT 1;\n")})
	a.Session = "stateless"
	all, sum := migrate(t, a, existing)
	if len(all) != 3 || all[2].Path != "migrations/20260601000001_auth_ended_sessions.sql" {
		t.Fatalf("there are %d migrations, the last %s", len(all), all[len(all)-1].Path)
	}
	want := sumAtlas([]File{
		{Path: all[0].Path, Data: all[0].Data},
		{Path: all[1].Path, Data: all[1].Data},
		{Path: all[2].Path, Data: all[2].Data},
	})
	if diff := cmp.Diff(string(want), string(sum)); diff != "" {
		t.Errorf("the sums (-want +got):\n%s", diff)
	}
	change, err := newSchemaChange(a, all)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := migrationFiles(a, all, change), []string{all[0].Path, all[2].Path}; !slices.Equal(got, want) {
		t.Errorf("the files of the schema are %q, want %q", got, want)
	}
}

func TestEmitRefusesOtherTypeOfColumn(t *testing.T) {
	a := answers.Default()
	a.Normalize()
	first, _ := migrate(t, a, nil)
	a.Profile = []answers.Field{{Name: "display_name", Type: "int", Visible: []string{"anyone"}}}
	_, err := Package(templates.FS, a, Target{Module: "example.com/app", Migrated: first})
	want := "profile: the column display_name exists and holds string, which cannot become int; leave the field as it is, or add one with another name"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// PartsOf finds the parts that a migration adds in its text.
func TestPartsOf(t *testing.T) {
	for _, database := range answers.KeyNamed("database").Values {
		for _, change := range []func(*answers.Answers){
			func(*answers.Answers) {},
			func(a *answers.Answers) { a.Session, a.Name = "stateless", "shop" },
			func(a *answers.Answers) { a.Profile, a.Store = nil, "redis" },
			func(a *answers.Answers) { a.Migrations = "golang-migrate" },
		} {
			a := templateAnswers()
			change(&a)
			a.Database, a.Driver = database.Name, ""
			a.Normalize()
			all, _ := migrate(t, a, nil)
			a.Session = map[string]string{"database": "stateless", "stateless": "database"}[a.Session]
			a.Store = "database"
			a.Profile = append(a.Profile, answers.Field{Name: "age", Type: "int", Visible: []string{"self"}}, answers.Field{Name: "tall", Type: "bool", Visible: []string{"self"}})
			all, _ = migrate(t, a, all)
			made := 0
			for _, m := range all {
				want := m.Adds
				if strings.HasSuffix(m.Path, ".down.sql") {
					want = nil
				} else {
					made++
				}
				if diff := cmp.Diff(want, PartsOf(a, m.Data)); diff != "" {
					t.Errorf("%s, %s: the parts (-want +got):\n%s", database.Name, m.Path, diff)
				}
			}
			if made != 2 {
				t.Errorf("%s: %d migrations", database.Name, made)
			}
		}
	}
}

func TestNextNumber(t *testing.T) {
	for want, names := range map[string][]string{
		"":                          nil,
		"00003":                     {"00002_b.sql", "00001_a.sql"},
		"0100":                      {"0099_a.up.sql", "0099_a.down.sql"},
		"100":                       {"99_a.sql"},
		"11":                        {"9_a.sql", "10_b.go"},
		"20260101000001":            {"00001_a.sql", "20260101000000_b.sql"},
		"20270101000000":            {"20261231235959_b.sql"},
		"9223372036854775808":       {"9223372036854775807_a.sql"},
		"0000100000000000000000000": {"0000099999999999999999999_a.sql", "9_b.sql"},
		"2":                         {"1_a.sql", "2.txt", "atlas.sum", "x/7_b.sql", "readme.sql"},
	} {
		var migrated []Migrated
		for _, name := range names {
			migrated = append(migrated, Migrated{Path: "migrations/" + name})
		}
		if got := nextNumber(migrated, "migrations"); got != want {
			t.Errorf("%q: got %q, want %q", names, got, want)
		}
	}
}

// A later migration creates a table with the same statements as the first one would.
func TestAddedTablesAreThoseOfTheFirst(t *testing.T) {
	for _, database := range answers.KeyNamed("database").Values {
		statements := make(map[string]bool)
		for _, session := range []string{"database", "stateless"} {
			a := templateAnswers()
			a.Database, a.Driver, a.Session = database.Name, "", session
			a.Normalize()
			first, _ := migrate(t, a, nil)
			for s := range strings.SplitSeq(string(first[0].Data), ";\n") {
				statements[strings.TrimSpace(s)] = true
			}
		}
		for _, sessions := range [][2]string{{"database", "stateless"}, {"stateless", "database"}} {
			a := templateAnswers()
			a.Database, a.Driver, a.Session = database.Name, "", sessions[0]
			a.Normalize()
			first, _ := migrate(t, a, nil)
			a.Session = sessions[1]
			all, _ := migrate(t, a, first)
			text := string(all[1].Data)
			for s := range strings.SplitSeq(text[strings.Index(text, "-- +goose Up\n")+len("-- +goose Up\n"):], ";\n") {
				if s = strings.TrimSpace(s); strings.HasPrefix(s, "CREATE") && !statements[s] {
					t.Errorf("%s, %v: no first migration has\n%s\nbut\n%s", database.Name, sessions, s, strings.Join(slices.Sorted(maps.Keys(statements)), "\n"))
				}
			}
		}
	}
}

// A bridge between the styles of sessions needs the tables of both.
func TestSchemaOfBridge(t *testing.T) {
	for _, former := range []string{"database", "stateless"} {
		a := answers.Default()
		a.Session = former
		a.Normalize()
		first, _ := migrate(t, a, nil)
		a.Bridge = former
		a.Session = map[string]string{"database": "stateless", "stateless": "database"}[former]
		all, _ := migrate(t, a, first)
		want := map[string]string{"database": "ended_sessions", "stateless": "sessions"}[former]
		if len(all) != 2 || !slices.Equal(all[1].Adds, []string{want}) {
			t.Errorf("from %s: the migrations are %v, want one more with %s", former, all, want)
		}
		fresh, _ := migrate(t, a, nil)
		for _, table := range []string{"sessions", "ended_sessions"} {
			if !slices.Contains(fresh[0].Adds, table) {
				t.Errorf("from %s: the first migration adds %q, and not %s", former, fresh[0].Adds, table)
			}
		}
	}
}
