//authgen:if migrate

package authtest

import (
	"database/sql"
	"testing"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// NewDatabase returns a database of its own for a test, with the tables of auth and
// nothing in them.
func NewDatabase(t testing.TB) *sql.DB {
	t.Helper()
	db := testdb.Open(t)
	if err := auth.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return db
}
