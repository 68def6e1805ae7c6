//authgen:if postgres

package auth

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// openTestDB returns an empty database of its own for a test.
func openTestDB(tb testing.TB) *sql.DB {
	tb.Helper()
	return openTestSchema(tb, newTestSchema(tb))
}

// newTestSchema makes a schema, which is as good as a database, and drops it when
// the test has ended.
func newTestSchema(tb testing.TB) string {
	tb.Helper()
	db := openTestSchema(tb, "public")
	schema := "test_" + newSessionID().handle()[:16]
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

// openTestSchema connects to a schema. The settings are those of its connections.
func openTestSchema(tb testing.TB, schema string, settings ...string) *sql.DB {
	tb.Helper()
	db, err := sql.Open(testDriver, testDSN(tb, schema, settings...))
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(10) // the server may have to serve others
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// testDSN adds the schema and settings, each as name=value, to the database for
// tests.
func testDSN(tb testing.TB, schema string, settings ...string) string {
	tb.Helper()
	dsn := os.Getenv("TEST_DATABASE_URL")
	if dsn == "" {
		tb.Skip("set TEST_DATABASE_URL to a database in which tests may make schemas, such as postgres://localhost/test")
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

// bind returns a statement with the placeholders of the database in place of
// question marks.
func bind(query string) string {
	var b strings.Builder
	for i, part := range strings.Split(query, "?") {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}
