//authgen:if sqlite

// Package testdb creates databases for tests.
package testdb

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// Open returns a new database for a test, without the tables of package auth.
func Open(tb testing.TB) *sql.DB {
	tb.Helper()
	db := OpenDSN(tb, DSN(filepath.ToSlash(filepath.Join(tb.TempDir(), "test.db"))))
	//authgen:if adopted
	CreateUsers(tb, db)
	//authgen:end
	return db
}

// OpenDSN opens a database, which is closed when the test ends.
func OpenDSN(tb testing.TB, dsn string) *sql.DB {
	tb.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// Bind replaces the question marks in a statement with the placeholders of the
// database.
func Bind(query string) string { return query }
