//authgen:if migrate
//authgen:unit migrate.go

package auth

import (
	"database/sql"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// tablesOfMigrations returns those that the migrations make, in their order.
func tablesOfMigrations(tb testing.TB) []string {
	tb.Helper()
	names := tablesIn(allStatements(tb))
	if len(names) == 0 {
		tb.Fatal("the migrations make no table")
	}
	return names
}

// tablesIn returns the tables that statements make.
func tablesIn(statements []string) []string {
	var names []string
	for _, statement := range statements {
		if m := regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`).FindStringSubmatch(statement); m != nil {
			names = append(names, m[1])
		}
	}
	return names
}

func allStatements(tb testing.TB) []string {
	tb.Helper()
	files, err := migrationFiles()
	if err != nil {
		tb.Fatal(err)
	}
	var statements []string
	for _, version := range slices.Sorted(maps.Keys(files)) {
		file := files[version]
		text, err := Migrations.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		these := upStatements(string(text))
		if len(these) == 0 {
			tb.Errorf("%s has no statements", file)
		}
		statements = append(statements, these...)
	}
	return statements
}

// rowCount returns how many rows a table has; -1 if there is no such table.
func rowCount(tb testing.TB, db *sql.DB, table string) int {
	tb.Helper()
	var n int
	if err := db.QueryRowContext(tb.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
		return -1
	}
	return n
}

// The statements of a migration are those of the way up, whole.
func TestUpStatements(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":        {"", nil},
		"no annotations": {"CREATE TABLE a (b);\nB;", []string{"CREATE TABLE a (b);", "B;"}},
		"up":             {"-- +goose Up\nA;\nB;\n", []string{"A;", "B;"}},
		"up and down":    {"-- +goose Up\nA;\n\n-- +goose Down\nB;\nC;\n", []string{"A;"}},
		"down first":     {"-- +goose Down\nB;\n-- +goose Up\nA;\n", []string{"A;"}},
		"before":         {"A;\n-- +goose Up\nB;\n", []string{"B;"}},
		"many lines":     {"-- +goose Up\nCREATE TABLE a (\n    b\n);\nB;\n", []string{"CREATE TABLE a (\n    b\n);", "B;"}},
		"comment":        {"-- +goose Up\n-- x\nA; -- y\nB -- z;\n;\n", []string{"-- x\nA; -- y", "B -- z;\n;"}},
		"CRLF":           {"-- +goose Up\r\nA;\r\nB;\r\n-- +goose Down\r\nC;\r\n", []string{"A;", "B;"}},
		"no last break":  {"-- +goose Up\nA;", []string{"A;"}},
		"block": {
			"-- +goose Up\n-- +goose StatementBegin\nCREATE TRIGGER a\nBEGIN\n  B;\n  C;\nEND;\n-- +goose StatementEnd\nD;\n",
			[]string{"CREATE TRIGGER a\nBEGIN\n  B;\n  C;\nEND;", "D;"},
		},
		"block on the way down": {
			"-- +goose Up\nA;\n-- +goose Down\n-- +goose StatementBegin\nB;\n-- +goose StatementEnd\n",
			[]string{"A;"},
		},
	} {
		if got := upStatements(test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// Every statement of the migrations is complete, and none of the way down is
// among them.
func TestMigrationFiles(t *testing.T) {
	for _, statement := range allStatements(t) {
		code, _, _ := strings.Cut(statement[strings.LastIndexByte(statement, '\n')+1:], "--")
		if !strings.HasSuffix(strings.TrimSpace(code), ";") {
			t.Errorf("%q does not end", statement)
		}
		if strings.Contains(statement, "DROP TABLE") {
			t.Errorf("%q drops something", statement)
		}
	}
}

// Migrating makes the tables, once, and nothing in them: no account comes with
// the application.
func TestMigrate(t *testing.T) {
	db := openTestDB(t)
	for range 2 {
		if err := Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range tablesOfMigrations(t) {
		if n := rowCount(t, db, table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
	files, err := migrationFiles()
	if err != nil {
		t.Fatal(err)
	}
	if n := rowCount(t, db, "auth_migrations"); n != len(files) {
		t.Errorf("%d of %d migrations are noted", n, len(files))
	}
}

// Processes that start together migrate once.
func TestMigrateParallel(t *testing.T) {
	db := openTestDB(t)
	//authgen:if sqlite
	// The first connection to a new file of SQLite sets its journal mode, which
	// others cannot do at the same time.
	if err := db.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	//authgen:end
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := Migrate(t.Context(), db); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, table := range tablesOfMigrations(t) {
		if n := rowCount(t, db, table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
}
