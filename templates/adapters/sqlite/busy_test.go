//authgen:if sqlite

package auth

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// If another connection writes for too long, the answer is 503, and nobody is logged out.
func TestBusyDatabase(t *testing.T) {
	db := openTestDB(t)
	app := newTestApp(t, func(c *Config) {
		c.DB = db
	})
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	app.Wait() // wait for the background work of the login
	onlyConn(t, db, `PRAGMA busy_timeout = 1`)
	other := testdb.OpenDSN(t, testdb.DSN(databaseFile(t, db)))
	conn, err := other.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	got := b.do("DELETE", prefix+"/sessions", "")
	if got.Status != http.StatusServiceUnavailable || len(got.Header["Set-Cookie"]) > 0 {
		t.Errorf("status %d, body %s, Set-Cookie %q; want 503 without a cookie", got.Status, got.Body, got.Header["Set-Cookie"])
	}
	b.want(http.StatusOK, "GET", prefix+"/me", "")
	if _, err := conn.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
}

// onlyConn limits the database to one connection, on which it runs a statement.
func onlyConn(tb testing.TB, db *sql.DB, statement string) {
	tb.Helper()
	db.SetMaxIdleConns(0) // drops the existing connections
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	if _, err := db.ExecContext(tb.Context(), statement); err != nil {
		tb.Fatal(err)
	}
}

// databaseFile returns the path of the database.
func databaseFile(tb testing.TB, db *sql.DB) string {
	tb.Helper()
	var seq int
	var name, file string
	if err := db.QueryRowContext(tb.Context(), `PRAGMA database_list`).Scan(&seq, &name, &file); err != nil {
		tb.Fatal(err)
	}
	return filepath.ToSlash(file)
}
