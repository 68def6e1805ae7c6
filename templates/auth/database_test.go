package auth

import (
	"database/sql"
	"testing"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// openTestDB returns an empty database of its own for a test.
func openTestDB(tb testing.TB) *sql.DB {
	tb.Helper()
	return testdb.Open(tb)
}

// bind returns a statement with the placeholders of the database in place of
// question marks.
func bind(query string) string { return testdb.Bind(query) }
