//authgen:if migrate && mysql
//authgen:unit migrate.go

package auth

import (
	"strings"
	"testing"
)

// The applied statements of a failed migration stay, and a later attempt applies only the
// rest.
func TestMigrateFails(t *testing.T) {
	db := openTestDB(t)
	all := tablesOfMigrations(t)
	existing := all[len(all)-1]
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE "+existing+" (other INTEGER)"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := Migrate(t.Context(), db)
		if err == nil || !strings.Contains(err.Error(), "migrations/") || !strings.Contains(err.Error(), "migrate again") {
			t.Fatalf("error %v does not name the migration, or does not say what to do", err)
		}
		if errorNumber(err) != 1050 {
			t.Errorf("error %v, want that of the statement that failed", err)
		}
	}
	for _, table := range all[:len(all)-1] {
		if n := rowCount(t, db, table); n != 0 {
			t.Errorf("%s has %d rows, want 0", table, n)
		}
	}

	if _, err := db.ExecContext(t.Context(), "DROP TABLE "+existing); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range all {
		if n := rowCount(t, db, table); n != 0 {
			t.Errorf("%s has %d rows, want 0", table, n)
		}
	}
}
