//authgen:if sqlite

package auth

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// wantRefusal fails the test unless CheckDatabase returns an error that contains want.
func wantRefusal(tb testing.TB, what string, db *sql.DB, want string) {
	tb.Helper()
	if err := CheckDatabase(tb.Context(), db); err == nil || !strings.Contains(err.Error(), want) {
		tb.Errorf("%s: error %v, want one that says %q", what, err, want)
	}
}

// A database with wrong settings on any connection is refused, even if the first one has
// the right ones.
func TestConnectionSettings(t *testing.T) {
	for pragma, want := range map[string]string{
		"busy_timeout": "busy_timeout",
		//authgen:if session_rows
		"foreign_keys": "foreign_keys",
		//authgen:end
	} {
		db := openTestDB(t)
		first, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		second, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := second.ExecContext(t.Context(), `PRAGMA `+pragma+` = 0`); err != nil {
			t.Fatal(err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		if err := second.Close(); err != nil {
			t.Fatal(err)
		}
		wantRefusal(t, pragma, db, want)
		onlyConn(t, db, `PRAGMA `+pragma+` = 0`)
		wantRefusal(t, pragma+" of the only connection", db, want)
	}
}

// A database in memory is refused if each connection has its own.
func TestDatabaseInMemory(t *testing.T) {
	wantRefusal(t, "in memory", testdb.OpenDSN(t, testdb.DSN(":memory:")), "in memory")
	wantRefusal(t, "without a name", testdb.OpenDSN(t, testdb.DSN("")), "in memory")

	// Not every driver can share one. It is refused only if it is not shared.
	shared := testdb.OpenDSN(t, testdb.DSN(":memory:")+"&cache=shared")
	first, err := shared.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	if _, err := first.ExecContext(t.Context(), `CREATE TABLE shared (id INTEGER)`); err != nil {
		t.Fatal(err)
	}
	_, missing := shared.ExecContext(t.Context(), `INSERT INTO shared (id) VALUES (1)`)
	if err := CheckDatabase(t.Context(), shared); (err == nil) != (missing == nil) {
		t.Errorf("another connection writes: error %v; CheckDatabase: error %v; want both or neither", missing, err)
	}

	single := testdb.OpenDSN(t, testdb.DSN(":memory:"))
	single.SetMaxOpenConns(1)
	app := newTestApp(t, func(c *Config) { c.DB = single })
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	b.want(http.StatusOK, "GET", prefix+"/me", "")
	var left int
	if err := single.QueryRowContext(t.Context(), selectCheck).Scan(&left); err != nil || left != 0 {
		t.Errorf("the check left %d tables, want none; error %v", left, err)
	}
}

// A read-only database is refused, but one to which others are writing is not.
func TestReadOnlyDatabase(t *testing.T) {
	dsn := testdb.DSN(filepath.ToSlash(filepath.Join(t.TempDir(), "test.db")))
	db := testdb.OpenDSN(t, dsn)
	if err := CheckDatabase(t.Context(), db); err != nil {
		t.Error(err)
	}
	createTables(t, db)
	wantRefusal(t, "mode=ro", testdb.OpenDSN(t, dsn+"&mode=ro"), "read-only")

	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	other := testdb.OpenDSN(t, dsn)
	onlyConn(t, other, `PRAGMA busy_timeout = 1`)
	if err := CheckDatabase(t.Context(), other); err != nil {
		t.Errorf("while another connection writes: error %v", err)
	}
	if _, err := conn.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
}

// A journal with which readers wait for writers is a fault.
func TestJournal(t *testing.T) {
	db := openTestDB(t)
	createTables(t, db)
	onlyConn(t, db, `PRAGMA journal_mode = DELETE`)
	a := &Auth{store: &store{db: db}}
	wantFaults(t, "a rollback journal", a.CheckDatabase(t.Context()), "database-journal")
}
