//authgen:if false

package auth

import (
	"database/sql"
	"testing"
)

// openTestDB stands in for the one of a database's driver, which the module that
// the templates belong to does not have.
func openTestDB(tb testing.TB) *sql.DB {
	tb.Helper()
	tb.Skip("needs a driver: TestTemplates in the directory above runs this with one")
	return nil
}

// bind stands in for the one of a database.
func bind(query string) string { return query }
