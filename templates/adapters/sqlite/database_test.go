//authgen:if sqlite

package auth

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// openTestDB returns an empty database of its own for a test.
func openTestDB(tb testing.TB) *sql.DB {
	tb.Helper()
	return openTestFile(tb, testDSN(filepath.ToSlash(filepath.Join(tb.TempDir(), "test.db"))))
}

func openTestFile(tb testing.TB, dsn string) *sql.DB {
	tb.Helper()
	db, err := sql.Open(testDriver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// bind returns a statement with the placeholders of the database in place of
// question marks.
func bind(query string) string { return query }
