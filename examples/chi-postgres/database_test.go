package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"
)

// newTestDatabase returns a schema of its own for a test, with the tables, in the
// database that TEST_DATABASE_URL names.
func newTestDatabase(t *testing.T) *sql.DB {
	t.Helper()
	base, err := url.Parse(os.Getenv("TEST_DATABASE_URL"))
	if err != nil || base.Scheme == "" {
		t.Skip("set TEST_DATABASE_URL to a database in which tests may make schemas, such as postgres://localhost/test")
	}
	server, err := sql.Open(driverName, base.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	schema := "test_" + strings.ToLower(rand.Text())
	if _, err := server.ExecContext(t.Context(), `CREATE SCHEMA `+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := server.ExecContext(context.Background(), `DROP SCHEMA `+schema+` CASCADE`); err != nil {
			t.Error(err)
		}
	})
	query := base.Query()
	query.Set("search_path", schema)
	base.RawQuery = query.Encode()
	db, err := openDatabase(t.Context(), base.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
