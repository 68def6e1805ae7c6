//authgen:if postgres

// Package testdb creates databases for tests.
package testdb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Open returns a new database for a test, without the tables of package auth.
func Open(tb testing.TB) *sql.DB {
	tb.Helper()
	db := OpenSchema(tb, NewSchema(tb))
	//authgen:if adopted
	CreateUsers(tb, db)
	//authgen:end
	return db
}

// NewSchema creates a schema, which serves as a database, and drops it when the test
// ends.
func NewSchema(tb testing.TB) string {
	tb.Helper()
	db := OpenSchema(tb, "public")
	schema := "test_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(tb.Context(), `CREATE SCHEMA `+schema); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if _, err := db.ExecContext(context.Background(), `DROP SCHEMA `+schema+` CASCADE`); err != nil {
			tb.Error(err)
		}
	})
	return schema
}

// OpenSchema connects to a schema, with the settings for each connection.
func OpenSchema(tb testing.TB, schema string, settings ...string) *sql.DB {
	tb.Helper()
	db, err := sql.Open(Driver, DSN(tb, schema, settings...))
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(10) // the server may have to serve others
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// DSN returns the data source name of the database for tests, with the schema and the
// settings, each of which is name=value.
func DSN(tb testing.TB, schema string, settings ...string) string {
	tb.Helper()
	dsn := os.Getenv("TEST_DATABASE_URL")
	if dsn == "" {
		tb.Skip("set TEST_DATABASE_URL to a database in which tests may create schemas, for example postgres://localhost/test")
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		// The other form: host=localhost dbname=test
		return strings.Join(append([]string{dsn, "search_path=" + schema}, settings...), " ")
	}
	query := u.Query()
	for _, setting := range append(settings, "search_path="+schema) {
		name, value, _ := strings.Cut(setting, "=")
		query.Set(name, value)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// Bind replaces the question marks in a statement with the placeholders of the
// database.
func Bind(query string) string {
	var b strings.Builder
	for i, part := range strings.Split(query, "?") {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}
