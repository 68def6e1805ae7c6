//authgen:if migrate && !mysql

package auth

import (
	"strings"
	"testing"
)

// A migration that fails leaves nothing behind, and is made when it can be.
func TestMigrateFails(t *testing.T) {
	db := openTestDB(t)
	all := tablesOfMigrations(t)
	inTheWay := all[len(all)-1]
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE "+inTheWay+" (other INTEGER)"); err != nil {
		t.Fatal(err)
	}
	err := Migrate(t.Context(), db)
	if err == nil || !strings.Contains(err.Error(), "migrations/") {
		t.Fatalf("error %v does not name the migration", err)
	}
	for _, table := range all[:len(all)-1] {
		if n := rowCount(t, db, table); n != -1 {
			t.Errorf("%s is there", table)
		}
	}
	if n := rowCount(t, db, "auth_migrations"); n != 0 {
		t.Errorf("%d migrations are noted", n)
	}

	if _, err := db.ExecContext(t.Context(), "DROP TABLE "+inTheWay); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	for _, table := range all {
		if n := rowCount(t, db, table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
}
