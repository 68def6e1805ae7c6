package emit

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgen/authgen/generator/answers"
	"github.com/authgen/authgen/templates"
)

// moveRoles emits the migrations that the answers and moves need, and returns all
// migrations.
func moveRoles(t *testing.T, a answers.Answers, migrated []Migrated, moves ...answers.RoleMove) []Migrated {
	t.Helper()
	files, err := Package(templates.FS, a, Target{Module: "example.com/app", Migrated: migrated, Moves: moves})
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Clone(migrated)
	for _, f := range files {
		if f.Class == Migration {
			all = append(all, Migrated{Path: f.Path, Adds: f.Adds, Data: f.Data})
		}
	}
	return all
}

func TestEmitMovesRoles(t *testing.T) {
	const header = "-- Written by authgen. To change the tables, add another migration.\n\n"
	editor := answers.RoleMove{From: "editor", To: "member"}
	for _, tt := range []struct {
		name   string
		change func(*answers.Answers)
		after  func(*answers.Answers)
		moves  []answers.RoleMove
		want   map[string]string
		adds   []string
	}{
		{
			"goose", func(*answers.Answers) {}, func(*answers.Answers) {},
			[]answers.RoleMove{editor},
			map[string]string{"migrations/00002_auth_editor_to_member.sql": header + `-- +goose Up
-- The role editor no longer exists. Users who had it have to log in again.
UPDATE auth_users SET role = 'member', session_version = session_version + 1 WHERE role = 'editor';

-- +goose Down
-- This cannot be undone: it is no longer known which users had the role editor.
SELECT 1;
`},
			[]string{"role.editor:member"},
		},
		{
			"a pair for PostgreSQL, with a prefix, a field and another role",
			func(a *answers.Answers) { a.Database, a.Migrations, a.Name = "postgres", "golang-migrate", "staff" },
			func(a *answers.Answers) { _ = a.Set("profile", "display_name:string:anyone,age:int:self") },
			[]answers.RoleMove{editor, {From: "author", To: "admin"}},
			map[string]string{
				"migrations/000002_staff_auth_age_editor_to_member_author_to_admin.up.sql": header + `ALTER TABLE staff_auth_users ADD COLUMN age BIGINT NOT NULL DEFAULT 0;
-- The role editor no longer exists. Users who had it have to log in again.
UPDATE staff_auth_users SET role = 'member', session_version = session_version + 1 WHERE role = 'editor';
-- The role author no longer exists. Users who had it have to log in again.
UPDATE staff_auth_users SET role = 'admin', session_version = session_version + 1 WHERE role = 'author';
`,
				"migrations/000002_staff_auth_age_editor_to_member_author_to_admin.down.sql": header + `-- This cannot be undone: it is no longer known which users had the role author.
-- This cannot be undone: it is no longer known which users had the role editor.
SELECT 1;
ALTER TABLE staff_auth_users DROP COLUMN age;
`,
			},
			[]string{"profile.age:int", "role.author:admin", "role.editor:member"},
		},
		{
			"Atlas on MySQL, in a directory of the project's",
			func(a *answers.Answers) { a.Database, a.Migrations, a.MigrationsDir = "mysql", "atlas", "db" }, func(*answers.Answers) {},
			[]answers.RoleMove{editor},
			map[string]string{"/db/20260101000001_auth_editor_to_member.sql": header + `-- The role editor no longer exists. Users who had it have to log in again.
UPDATE auth_users SET role = 'member', session_version = session_version + 1 WHERE role = 'editor';
`},
			[]string{"role.editor:member"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := answers.Default()
			tt.change(&a)
			a.Normalize()
			first := moveRoles(t, a, nil, tt.moves...) // there are no users yet
			if diff := cmp.Diff(SchemaParts(a), first[0].Adds); diff != "" {
				t.Errorf("the first migration adds (-want +got):\n%s", diff)
			}
			tt.after(&a)
			all := moveRoles(t, a, first, tt.moves...)
			got := make(map[string]string)
			for _, m := range all[len(first):] {
				got[m.Path] = string(m.Data)
				if diff := cmp.Diff(tt.adds, m.Adds); diff != "" {
					t.Errorf("%s adds (-want +got):\n%s", m.Path, diff)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			// The migration is emitted only once, unless the role was added again.
			if again := moveRoles(t, a, all); len(again) != len(all) {
				t.Errorf("%s is emitted once more", again[len(again)-1].Path)
			}
			former := tt.moves[0]
			former.Former = true
			_, err := Package(templates.FS, a, Target{Module: "example.com/app", Migrated: all, Moves: []answers.RoleMove{former}})
			by := path.Base(all[len(first)].Path)
			want := fmt.Sprintf(`roles: users with role "editor" already get role "member" by %s; for another migration that does the same, set roles+=editor too, before roles-=editor:member`, by)
			if err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
			if again := moveRoles(t, a, all, tt.moves[0]); len(again) == len(all) || !slices.Equal(again[len(again)-1].Adds, []string{"role.editor:member"}) {
				t.Error("no migration for a role that was added again and removed")
			}
		})
	}
}

// The migration for a removed role changes only the users with that role.
func TestMigrationToolsMoveRoles(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	tools := buildMigrationTools(t)
	for _, database := range answers.KeyNamed("database").Values {
		for _, tool := range answers.KeyNamed("migrations").Values {
			a := answers.Default()
			a.Database, a.Migrations = database.Name, tool.Name
			a.Normalize()
			if a.Check() != nil || tool.Name == "atlas" {
				continue // tern is for one database, and the library of Atlas does not record what it applied
			}
			t.Run(database.Name+"/"+tool.Name, func(t *testing.T) {
				t.Parallel()
				s, dir := newMigratedSchema(t, tools, database.Name), t.TempDir()
				first := writeMigrations(t, a, nil, dir)
				s.apply(t, tool.Name, "up", dir)
				now := map[string]string{"sqlite": "0", "postgres": "now()", "mysql": "now()"}[database.Name]
				for i, role := range []string{"admin", "editor", "member"} {
					id := fmt.Sprintf("00000000-0000-0000-0000-00000000000%d", i)
					if database.Name == "mysql" {
						id = fmt.Sprintf("000000000000000%d", i)
					}
					s.run(t, fmt.Sprintf(`INSERT INTO auth_users (id, email, email_verified, password_hash, role, disabled, session_version, created_at)
						VALUES ('%s', '%s@x', FALSE, '', '%s', FALSE, 7, %s)`, id, role, role, now), "exec")
				}
				for _, m := range moveRoles(t, a, first, answers.RoleMove{From: "editor", To: "member"})[len(first):] {
					if err := os.WriteFile(filepath.Join(dir, path.Base(m.Path)), m.Data, 0o666); err != nil {
						t.Fatal(err)
					}
				}
				s.applyLast(t, tool.Name, dir)
				got := s.run(t, `SELECT `+map[string]string{
					"sqlite":   `email || ' ' || role || ' ' || session_version`,
					"postgres": `email || ' ' || role || ' ' || session_version`,
					"mysql":    `concat(email, ' ', role, ' ', session_version)`,
				}[database.Name]+` FROM auth_users ORDER BY email`, "query")
				if want := "admin@x admin 7\neditor@x member 8\nmember@x member 7\n"; got != want {
					t.Errorf("the users are:\n%swant:\n%s", got, want)
				}
				s.apply(t, tool.Name, "down", dir)
				if left := s.describe(t); left != "" {
					t.Errorf("left after the down migrations:\n%s", left)
				}
			})
		}
	}
}

// applyLast applies the last of the migrations in dir, after the others were applied: a
// tool that records what it has applied skips the others, and for the rest applyLast does.
func (s migratedSchema) applyLast(t *testing.T, tool, dir string) {
	t.Helper()
	switch tool {
	case "dbmate":
		texts := dbmateSections(t, dir, "up")
		s.run(t, texts[len(texts)-1], "exec")
	case "plain":
		texts := plainFiles(t, dir, "up")
		s.run(t, texts[len(texts)-1], "exec")
	default:
		s.apply(t, tool, "up", dir)
	}
}

// Roles beside a table of the application move like those of the package's own table. Roles
// in the table are left to the application.
func TestEmitMovesRolesOfAdoptedTables(t *testing.T) {
	move := answers.RoleMove{From: "editor", To: "member"}
	for _, tt := range []struct{ users, statement string }{
		{"table=people,id=id:bigint,email=email", "UPDATE auth_accounts SET role = 'member', session_version = session_version + 1 WHERE role = 'editor';"},
		{"table=people,id=id:bigint,email=email,role=rank", ""},
	} {
		a := answers.Default()
		if err := a.Set("users", tt.users); err != nil {
			t.Fatal(err)
		}
		a.Normalize()
		first := moveRoles(t, a, nil)
		if tt.statement != "" {
			all := moveRoles(t, a, first, move)
			if text := string(all[len(all)-1].Data); len(all) != 2 || !strings.Contains(text, tt.statement) {
				t.Errorf("%s: %d migrations, the last is\n%s\nwant one with %s", tt.users, len(all), text, tt.statement)
			}
			continue
		}
		_, err := Package(templates.FS, a, Target{Module: "example.com/app", Migrated: first, Moves: []answers.RoleMove{move}})
		var problems answers.Problems
		if !errors.As(err, &problems) || problems[0].Key() != "roles" {
			t.Errorf("%s: error %v, want a problem with roles", tt.users, err)
		}
	}
}
