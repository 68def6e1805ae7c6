//authgen:if migrate

package auth

import (
	"database/sql"
	"testing"
)

// createTables makes the tables of this package in an empty database.
func createTables(tb testing.TB, db *sql.DB) {
	tb.Helper()
	if err := Migrate(tb.Context(), db); err != nil {
		tb.Fatal(err)
	}
}
