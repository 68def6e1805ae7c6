//authgen:if sqlite

package auth

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"
)

// openTestDB returns an empty database of its own for a test.
func openTestDB(tb testing.TB) *sql.DB {
	tb.Helper()
	file := filepath.ToSlash(filepath.Join(tb.TempDir(), "test.db"))
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}
