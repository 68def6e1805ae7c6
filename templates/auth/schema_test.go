//authgen:if migrate

package auth

import (
	"database/sql"
	"testing"
)

// createTables makes the tables of this package, unless they are there.
func createTables(tb testing.TB, db *sql.DB) {
	tb.Helper()
	if err := Migrate(tb.Context(), db); err != nil {
		tb.Fatal(err)
	}
}
