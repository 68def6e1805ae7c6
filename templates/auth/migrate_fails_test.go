//authgen:if migrate && !mysql
//authgen:unit migrate.go

package auth

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// A failed migration leaves nothing behind, and a later attempt applies it.
func TestMigrateFails(t *testing.T) {
	db := openTestDB(t)
	all := tablesOfMigrations(t)
	existing := all[len(all)-1]
	before, failing := tablesUntil(t, existing)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE "+existing+" (other INTEGER)"); err != nil {
		t.Fatal(err)
	}
	err := Migrate(t.Context(), db)
	if err == nil || !strings.Contains(err.Error(), "migrations/") {
		t.Fatalf("error %v does not name the migration", err)
	}
	for _, table := range all[:len(all)-1] {
		if n := rowCount(t, db, table); (n == 0) != slices.Contains(before, table) {
			t.Errorf("the table %s exists: %t, want %t", table, n == 0, n != 0)
		}
	}
	if n := rowCount(t, db, "auth_migrations"); n != failing {
		t.Errorf("%d migrations are recorded, want the %d before the one that failed", n, failing)
	}

	if _, err := db.ExecContext(t.Context(), "DROP TABLE "+existing); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	for _, table := range all {
		if n := rowCount(t, db, table); n != 0 {
			t.Errorf("%s has %d rows, want 0", table, n)
		}
	}
}

// tablesUntil returns the tables of the migrations before the one that creates a table,
// and the number of these migrations.
func tablesUntil(tb testing.TB, table string) (before []string, migrations int) {
	tb.Helper()
	files, err := migrationFiles()
	if err != nil {
		tb.Fatal(err)
	}
	for _, version := range slices.Sorted(maps.Keys(files)) {
		text, err := Migrations.ReadFile(files[version])
		if err != nil {
			tb.Fatal(err)
		}
		found := tablesIn(upStatements(string(text)))
		if slices.Contains(found, table) {
			break
		}
		before = append(before, found...)
		migrations++
	}
	return before, migrations
}
