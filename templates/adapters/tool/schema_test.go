//authgen:if !migrate

package auth

import (
	"database/sql"
	"testing"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// createTables creates the tables of this package unless they exist.
func createTables(tb testing.TB, db *sql.DB) {
	tb.Helper()
	if err := CheckDatabase(tb.Context(), db); err != nil {
		tb.Fatal(err)
	}
	testdb.CreateTables(tb, db)
}
