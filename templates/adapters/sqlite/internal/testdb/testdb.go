//authgen:if sqlite

// Package testdb makes databases for tests.
package testdb

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// Open returns an empty database of its own for a test.
func Open(tb testing.TB) *sql.DB {
	tb.Helper()
	return OpenDSN(tb, DSN(filepath.ToSlash(filepath.Join(tb.TempDir(), "test.db"))))
}

// OpenDSN opens a database until the test ends.
func OpenDSN(tb testing.TB, dsn string) *sql.DB {
	tb.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// Bind returns a statement with the placeholders of the database in place of
// question marks.
func Bind(query string) string { return query }
