//authgen:if false

// Package testdb stands in for the one that opens a database with a driver, which
// the module that the templates belong to does not have.
package testdb

import (
	"database/sql"
	"testing"
)

// Open stands in for the one of a database.
func Open(tb testing.TB) *sql.DB {
	tb.Helper()
	tb.Skip("needs a driver: TestTemplates in the directory above runs this with one")
	return nil
}

// Bind stands in for the one of a database.
func Bind(query string) string { return query }
