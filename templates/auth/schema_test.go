//authgen:if migrate

package auth

import (
	"database/sql"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// createTables creates the tables of this package unless they exist.
func createTables(tb testing.TB, db *sql.DB) {
	tb.Helper()
	//authgen:if adopted
	testdb.CreateUsers(tb, db)
	//authgen:end
	if err := Migrate(tb.Context(), db); err != nil {
		tb.Fatal(err)
	}
}

// tablesOfMigrations returns the tables that the migrations create, in order.
func tablesOfMigrations(tb testing.TB) []string {
	tb.Helper()
	names := tablesIn(allStatements(tb))
	if len(names) == 0 {
		tb.Fatal("the migrations create no table")
	}
	return names
}

// tablesIn returns the tables that statements create.
func tablesIn(statements []string) []string {
	var names []string
	for _, statement := range statements {
		if m := regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`).FindStringSubmatch(statement); m != nil {
			names = append(names, m[1])
		}
	}
	return names
}

func allStatements(tb testing.TB) []string {
	tb.Helper()
	files, err := migrationFiles()
	if err != nil {
		tb.Fatal(err)
	}
	var statements []string
	for _, version := range slices.Sorted(maps.Keys(files)) {
		file := files[version]
		text, err := Migrations.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		found := upStatements(string(text))
		if len(found) == 0 {
			tb.Errorf("%s has no statements", file)
		}
		statements = append(statements, found...)
	}
	return statements
}

// rowCount returns the number of rows of a table, or -1 if there is no such table.
func rowCount(tb testing.TB, db *sql.DB, table string) int {
	tb.Helper()
	var n int
	if err := db.QueryRowContext(tb.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
		return -1
	}
	return n
}
