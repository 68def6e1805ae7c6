//authgen:if adopted

package testdb

import (
	"database/sql"
	"testing"
)

// createUsersTable creates the table of users with the columns that package auth uses.
const createUsersTable = `CREATE TABLE IF NOT EXISTS people` //authgen:value create_users

// CreateUsers creates the table of users, which is the application's.
func CreateUsers(tb testing.TB, db *sql.DB) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), createUsersTable); err != nil {
		tb.Fatal(err)
	}
}
