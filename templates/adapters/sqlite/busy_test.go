//authgen:if sqlite

package auth

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// A database that is opened so that of two writers one fails is refused.
func TestNoBusyTimeout(t *testing.T) {
	db := testdb.OpenDSN(t, "file:"+filepath.ToSlash(filepath.Join(t.TempDir(), "test.db")))
	if _, err := db.ExecContext(t.Context(), `PRAGMA busy_timeout = 0`); err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // the one without
	if err := CheckDatabase(t.Context(), db); err == nil || !strings.Contains(err.Error(), "busy_timeout") {
		t.Errorf("CheckDatabase: %v", err)
	}
}

// When others write for too long, that is said, and nobody is signed out by it.
func TestBusyDatabase(t *testing.T) {
	db := openTestDB(t)
	app := newTestApp(t, func(c *Config) {
		c.DB = db
	})
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	app.Wait() // for what the login left to be done, which writes
	if _, err := db.ExecContext(t.Context(), `PRAGMA busy_timeout = 1`); err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // the one with the short timeout
	other := testdb.OpenDSN(t, databaseFile(t, db))
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
		t.Errorf("status %d, body %s, Set-Cookie %q", got.Status, got.Body, got.Header["Set-Cookie"])
	}
	b.want(http.StatusOK, "GET", prefix+"/me", "")
	if _, err := conn.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
}

// databaseFile is where the database is.
func databaseFile(tb testing.TB, db *sql.DB) string {
	tb.Helper()
	var seq int
	var name, file string
	if err := db.QueryRowContext(tb.Context(), `PRAGMA database_list`).Scan(&seq, &name, &file); err != nil {
		tb.Fatal(err)
	}
	return "file:" + filepath.ToSlash(file)
}
