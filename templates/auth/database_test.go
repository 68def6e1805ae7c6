package auth

import (
	"database/sql"
	"testing"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// openTestDB returns a new, empty database for a test.
func openTestDB(tb testing.TB) *sql.DB {
	tb.Helper()
	return testdb.Open(tb)
}

// bind replaces the question marks in a statement with the placeholders of the database.
func bind(query string) string { return testdb.Bind(query) }
