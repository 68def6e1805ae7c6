//authgen:if adopted

package testdb

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
)

// createUsersTable creates the table of users with the columns that package auth uses.
const createUsersTable = `CREATE TABLE IF NOT EXISTS people` //authgen:value create_users

// setFirstID sets the number that the database chooses next.
//
//authgen:if id_int && redis
const setFirstID = `ALTER TABLE people %d` //authgen:value first_id

// CreateUsers creates the table of users, which is the application's.
func CreateUsers(tb testing.TB, db *sql.DB) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), createUsersTable); err != nil {
		tb.Fatal(err)
	}
	//authgen:if id_int && redis
	// Tests have databases of their own, but share a Redis server, where the id of the user
	// is the key.
	if _, err := db.ExecContext(tb.Context(), fmt.Sprintf(setFirstID, 1000+rand.Int32N(1<<30))); err != nil {
		tb.Fatal(err)
	}
	//authgen:end
}
