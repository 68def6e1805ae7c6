//authgen:if !migrate

package auth

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// migrationFile is what the tool for migrations applies to make the tables.
const migrationFile = "migrations/00001_auth.sql" //authgen:value migration_file

// createTables makes the tables of this package, from the same file as the tool for
// migrations does, unless they are there.
func createTables(tb testing.TB, db *sql.DB) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), "SELECT id FROM auth_users WHERE 1 = 0"); err == nil {
		return
	}
	text, err := os.ReadFile(filepath.FromSlash(migrationFile))
	if err != nil {
		tb.Fatal(err)
	}
	if err := CheckDatabase(tb.Context(), db); err != nil {
		tb.Fatal(err)
	}
	for _, statement := range upStatements(string(text)) {
		if _, err := db.ExecContext(tb.Context(), statement); err != nil {
			tb.Fatalf("%v: %s", err, statement)
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
