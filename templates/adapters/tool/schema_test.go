//authgen:if !migrate

package auth

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// migrationFiles are what the tool for migrations applies to make the tables, in
// this order, with colons between them.
const migrationFiles = "migrations/00001_auth.sql" //authgen:value migration_files

// createTables makes the tables of this package, from the same files as the tool for
// migrations does, unless they are there.
func createTables(tb testing.TB, db *sql.DB) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), "SELECT id FROM auth_users WHERE 1 = 0"); err == nil {
		return
	}
	if err := CheckDatabase(tb.Context(), db); err != nil {
		tb.Fatal(err)
	}
	for name := range strings.SplitSeq(migrationFiles, ":") {
		text, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			tb.Fatal(err)
		}
		for _, statement := range upStatements(string(text)) {
			if _, err := db.ExecContext(tb.Context(), statement); err != nil {
				tb.Fatalf("%s: %v: %s", name, err, statement)
			}
		}
	}
}

// upStatements returns the statements of the way up, each of which ends with a
// semicolon at the end of a line.
func upStatements(text string) []string {
	for _, down := range []string{"-- +goose Down", "-- migrate:down", "---- create above / drop below ----"} {
		text, _, _ = strings.Cut(text, down)
	}
	var statements []string
	for statement := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(statement) != "" {
			statements = append(statements, statement)
		}
	}
	return statements
}
