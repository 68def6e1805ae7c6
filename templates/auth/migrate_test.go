//authgen:if migrate
//authgen:unit migrate.go

package auth

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// upStatements returns complete statements of the up part only.
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
		"text before up": {"A;\n-- +goose Up\nB;\n", []string{"B;"}},
		"several lines":  {"-- +goose Up\nCREATE TABLE a (\n    b\n);\nB;\n", []string{"CREATE TABLE a (\n    b\n);", "B;"}},
		"comment":        {"-- +goose Up\n-- x\nA; -- y\nB -- z;\n;\n", []string{"-- x\nA; -- y", "B -- z;\n;"}},
		"CRLF":           {"-- +goose Up\r\nA;\r\nB;\r\n-- +goose Down\r\nC;\r\n", []string{"A;", "B;"}},
		"no final break": {"-- +goose Up\nA;", []string{"A;"}},
		"block": {
			"-- +goose Up\n-- +goose StatementBegin\nCREATE TRIGGER a\nBEGIN\n  B;\n  C;\nEND;\n-- +goose StatementEnd\nD;\n",
			[]string{"CREATE TRIGGER a\nBEGIN\n  B;\n  C;\nEND;", "D;"},
		},
		"block in the down part": {
			"-- +goose Up\nA;\n-- +goose Down\n-- +goose StatementBegin\nB;\n-- +goose StatementEnd\n",
			[]string{"A;"},
		},
	} {
		if got := upStatements(test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s: upStatements returns %q, want %q", name, got, test.want)
		}
	}
}

// Every statement of the migrations is complete and belongs to the up part.
func TestMigrationFiles(t *testing.T) {
	for _, statement := range allStatements(t) {
		code, _, _ := strings.Cut(statement[strings.LastIndexByte(statement, '\n')+1:], "--")
		if !strings.HasSuffix(strings.TrimSpace(code), ";") {
			t.Errorf("%q does not end in a semicolon", statement)
		}
		if strings.Contains(statement, "DROP TABLE") {
			t.Errorf("%q drops a table", statement)
		}
	}
}

// Migrate can run twice. It creates empty tables: there is no built-in account.
func TestMigrate(t *testing.T) {
	db := openTestDB(t)
	for range 2 {
		if err := Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range tablesOfMigrations(t) {
		if n := rowCount(t, db, table); n != 0 {
			t.Errorf("%s has %d rows, want 0", table, n)
		}
	}
	files, err := migrationFiles()
	if err != nil {
		t.Fatal(err)
	}
	if n := rowCount(t, db, "auth_migrations"); n != len(files) {
		t.Errorf("%d of %d migrations are recorded, want all", n, len(files))
	}
}

// Processes that start together apply each migration once.
func TestMigrateParallel(t *testing.T) {
	db := openTestDB(t)
	//authgen:if sqlite
	// The first connection to a new SQLite file sets its journal mode, which cannot be done
	// concurrently.
	if err := db.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	//authgen:end
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := Migrate(t.Context(), db); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, table := range tablesOfMigrations(t) {
		if n := rowCount(t, db, table); n != 0 {
			t.Errorf("%s has %d rows, want 0", table, n)
		}
	}
}
