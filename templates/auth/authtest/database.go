package authtest

import (
	"database/sql"
	"testing"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// NewDatabase returns a new database for a test, in which the tables of auth are
// empty.
func NewDatabase(t testing.TB) *sql.DB {
	t.Helper()
	db := testdb.Open(t)
	if err := auth.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return db
}
