package emit

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/templates"
)

const usersTemplate = `-- authgen:class migration

-- +goose Up
CREATE TABLE auth_users (id TEXT);
-- +goose StatementBegin
CREATE TRIGGER t BEGIN SELECT 1; END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE auth_users;
`

// emittedMigrations returns the migrations that are emitted for the answers, and
// atlas.sum. The template is that of the table of users.
func emittedMigrations(t *testing.T, a answers.Answers, template string) (map[string]string, error) {
	t.Helper()
	a.Normalize()
	files, err := Package(fstest.MapFS{
		"auth/migrations/00001_users.sql":          {Data: []byte(template)},
		"auth/migrations/00002_sessions.sql":       {Data: []byte("-- authgen:class migration\n\n-- +goose Up\nCREATE TABLE auth_sessions (id TEXT);\n\n-- +goose Down\nDROP TABLE auth_sessions;\n")},
		"auth/migrations/00003_ended_sessions.sql": {Data: []byte("-- authgen:class migration\n\n-- +goose Up\nCREATE TABLE auth_ended_sessions (id TEXT);\n\n-- +goose Down\nDROP TABLE auth_ended_sessions;\n")},
		"adapters/keep.md":                         {Data: []byte("x\n")},
	}, a, Target{Module: "example.com/app"})
	migrations := make(map[string]string)
	for _, f := range files {
		if f.Class == Migration || answers.IsSums(path.Base(f.Path)) {
			migrations[f.Path] = string(f.Data)
		}
	}
	return migrations, err
}

func TestMigrations(t *testing.T) {
	const (
		header = "-- Written by authgen. To change the tables, add another migration.\n\n"
		up     = "CREATE TABLE auth_users (id TEXT);\nCREATE TRIGGER t BEGIN SELECT 1; END;\n\nCREATE TABLE auth_sessions (id TEXT);\n"
		down   = "DROP TABLE auth_sessions;\nDROP TABLE auth_users;\n"
		goose  = `-- +goose Up
CREATE TABLE auth_users (id TEXT);
-- +goose StatementBegin
CREATE TRIGGER t BEGIN SELECT 1; END;
-- +goose StatementEnd

CREATE TABLE auth_sessions (id TEXT);

-- +goose Down
` + down
	)
	for _, tt := range []struct {
		name   string
		change func(*answers.Answers)
		want   map[string]string
	}{
		{"goose", func(*answers.Answers) {}, map[string]string{
			"migrations/00001_auth.sql": header + goose,
		}},
		{"golang-migrate", func(a *answers.Answers) { a.Migrations = "golang-migrate" }, map[string]string{
			"migrations/000001_auth.up.sql":   header + up,
			"migrations/000001_auth.down.sql": header + down,
		}},
		{"tern", func(a *answers.Answers) { a.Migrations, a.Database = "tern", "postgres" }, map[string]string{
			"migrations/001_auth.sql": header + up + "\n---- create above / drop below ----\n\n" + down,
		}},
		{"dbmate", func(a *answers.Answers) { a.Migrations = "dbmate" }, map[string]string{
			"migrations/20260101000000_auth.sql": header + "-- migrate:up\n" + up + "\n-- migrate:down\n" + down,
		}},
		{"plain", func(a *answers.Answers) { a.Migrations = "plain" }, map[string]string{
			"migrations/0001_auth.up.sql":   header + up,
			"migrations/0001_auth.down.sql": header + down,
		}},
		// The sums are those that ariga.io/atlas v0.32.0 writes, as in TestSumAtlas.
		{"atlas", func(a *answers.Answers) { a.Migrations = "atlas" }, map[string]string{
			"migrations/20260101000000_auth.sql": header + up,
			"migrations/atlas.sum":               "h1:PqtHLcYEKkGqoABEhZH0msLaJHeit+i7WRxkTLUQY2I=\n20260101000000_auth.sql h1:CmDLajpHG4AicsDsnA6zAldZAYjcBxtPuvEqQFqZ0Js=\n",
		}},
		{"atlas, elsewhere", func(a *answers.Answers) { a.Migrations, a.MigrationsDir = "atlas", "db/migrations" }, map[string]string{
			"/db/migrations/20260101000000_auth.sql": header + up,
		}},
		{"elsewhere, with a number and a prefix", func(a *answers.Answers) {
			a.Migrations, a.MigrationsDir, a.MigrationsVersion, a.Name = "golang-migrate", "db", "42", "staff"
		}, map[string]string{
			"/db/000042_staff_auth.up.sql":   header + strings.ReplaceAll(up, "auth_", "staff_auth_"),
			"/db/000042_staff_auth.down.sql": header + strings.ReplaceAll(down, "auth_", "staff_auth_"),
		}},
		{"a number with more digits", func(a *answers.Answers) { a.MigrationsVersion = "20261124081500" }, map[string]string{
			"migrations/20261124081500_auth.sql": header + goose,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := answers.Default()
			tt.change(&a)
			got, err := emittedMigrations(t, a, usersTemplate)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			// The tests in the package find the file.
			a.Normalize()
			change, err := newSchemaChange(a, nil)
			if err != nil {
				t.Fatal(err)
			}
			names := migrationFiles(a, nil, change)
			name := names[0]
			if a.MigrationsDir != "" {
				name = path.Join("/"+a.Package, name)
			}
			if len(names) != 1 || !strings.Contains(got[name], "CREATE TABLE") {
				t.Errorf("migrationFiles are %v, and the files are %v", names, slices.Sorted(maps.Keys(got)))
			}
		})
	}
}

func TestMigrationsOfBrokenTemplates(t *testing.T) {
	for template, want := range map[string]string{
		"-- authgen:class migration\n\nSELECT 1;\n":                                 "want one Up section and one Down section",
		"-- authgen:class migration\n\n-- +goose Up\nx\n-- +goose Down\n\n":         "want one Up section and one Down section",
		"-- authgen:class migration\n\nx\n-- +goose Up\nx\n-- +goose Down\nx\n":     "want one Up section and one Down section",
		"-- authgen:class migration\n\n-- +goose Down\n-- +goose Up\n":              `misplaced annotation "-- +goose Down"`,
		"-- authgen:class migration\n\n-- +goose NO TRANSACTION\n-- +goose Up\nx\n": `misplaced annotation "-- +goose NO TRANSACTION"`,
	} {
		if _, err := emittedMigrations(t, answers.Default(), template); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", template, err, want)
		}
	}
}

// The error names the table that no template creates.
func TestMigrationWithoutTemplate(t *testing.T) {
	a := answers.Default()
	a.Normalize()
	_, err := Package(fstest.MapFS{
		"auth/migrations/00001_users.sql": {Data: []byte(usersTemplate)},
		"adapters/keep.md":                {Data: []byte("x\n")},
	}, a, Target{Module: "example.com/app"})
	if want := "internal error: no migration creates the table sessions"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Every template of a migration creates the table that it is named after, for each
// database.
func TestMigrationsAreOfTables(t *testing.T) {
	for _, dir := range []string{"auth", "adapters/postgres", "adapters/mysql"} {
		files, err := fs.Glob(templates.FS, dir+"/migrations/*")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, name := range files {
			text, err := fs.ReadFile(templates.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			m := regexp.MustCompile(`(?m)^CREATE TABLE auth_(\w+)`).FindSubmatch(text)
			if m == nil {
				t.Fatalf("%s creates no table", name)
			}
			got = append(got, string(m[1]))
			if want := fmt.Sprintf("%05d_%s.sql", i+1, m[1]); path.Base(name) != want {
				t.Errorf("%s: want the name %s", name, want)
			}
		}
		var want []string
		for _, table := range answers.Tables() {
			if table.Name != "accounts" { // one template in adapters/adopted serves all databases
				want = append(want, table.Name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s creates the tables (-want +got):\n%s", dir, diff)
		}
	}
}

func TestSumAtlas(t *testing.T) {
	got := string(sumAtlas([]File{
		{Path: "migrations/1_a.sql", Class: Migration, Data: []byte("CREATE TABLE a (x INT);\n")},
		{Path: "migrations/2_b.sql", Class: Migration, Data: []byte("CREATE TABLE b (x INT);\n")},
	}))
	const want = `h1:+Lbxxa32VgSXqVICS1MHC76s4vOI9hCwWe9FWRshT/E=
1_a.sql h1:hEA2PStAvG+Qqhx0E9/oiFWZI/4febqTwe3Efj+Vekw=
2_b.sql h1:Idlp6kej3WZcl2MuusPDfGvg2YJ6vvD+mOGBCCX9uCc=
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
