package main

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

// newTestDatabase returns a database of its own for a test, with its tables.
func newTestDatabase(t *testing.T) *sql.DB {
	t.Helper()
	file := filepath.ToSlash(filepath.Join(t.TempDir(), "app.db"))
	db, err := openDatabase(t.Context(), strings.Replace(defaultDatabase, "app.db", file, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
