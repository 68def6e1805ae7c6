//authgen:if !migrate

package testdb

import (
	"database/sql"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// migrationFiles lists the migrations that create the tables, in this order, separated
// by colons. They are relative to the directory of package auth.
const migrationFiles = "migrations/00001_users.sql:migrations/00002_sessions.sql:migrations/00003_ended_sessions.sql" //authgen:value migration_files

// CreateTables creates the tables of package auth, unless they exist, from the files
// that the migration tool applies.
func CreateTables(tb testing.TB, db *sql.DB) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), "SELECT id FROM auth_users WHERE 1 = 0"); err == nil {
		return
	}
	//authgen:if adopted
	CreateUsers(tb, db)
	//authgen:end
	dir := packageDir(tb)
	for name := range strings.SplitSeq(migrationFiles, ":") {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
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

// packageDir returns the directory of package auth, whichever package is tested.
func packageDir(tb testing.TB) string {
	tb.Helper()
	_, file, _, _ := runtime.Caller(0)
	if filepath.IsAbs(file) {
		return filepath.Join(filepath.Dir(file), "..", "..")
	}
	// With -trimpath, the path of the file starts with that of the module. Tests run in
	// the directory of their package, which is in the module.
	wd, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for tail := file; strings.Count(tail, "/") > 1; _, tail, _ = strings.Cut(tail, "/") {
		for dir := wd; ; dir = filepath.Dir(dir) {
			found := filepath.Join(dir, filepath.FromSlash(tail))
			if _, err := os.Stat(found); err == nil {
				return filepath.Join(filepath.Dir(found), "..", "..")
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	tb.Fatalf("%s is not found from %s", file, wd)
	return ""
}

// upStatements returns the statements of the up migration, each of which ends with a
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
