//authgen:if postgres

package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// raise returns the error of the driver for the SQLSTATE.
func raise(tb testing.TB, db *sql.DB, state string) error {
	tb.Helper()
	_, err := db.ExecContext(tb.Context(), fmt.Sprintf(`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '%s'; END $$`, state))
	if err == nil {
		tb.Fatalf("no error was raised for %s", state)
	}
	return err
}

// Temporary errors are distinguished from permanent ones.
func TestUnavailable(t *testing.T) {
	db := openTestDB(t)
	for state, want := range map[string]bool{
		"08006": true,  // connection_failure
		"25006": true,  // read_only_sql_transaction
		"40001": true,  // serialization_failure
		"40P01": true,  // deadlock_detected
		"53300": true,  // too_many_connections
		"53100": true,  // disk_full
		"55P03": true,  // lock_not_available
		"57014": true,  // query_canceled
		"57P01": true,  // admin_shutdown
		"57P03": true,  // cannot_connect_now
		"22021": false, // character_not_in_repertoire
		"23505": false, // unique_violation
		"25P02": false, // in_failed_sql_transaction
		"28P01": false, // invalid_password
		"42P01": false, // undefined_table
		"42501": false, // insufficient_privilege
		"55006": false, // object_in_use
		"XX000": false, // internal_error
	} {
		err := fmt.Errorf("auth: a statement: %w", raise(t, db, state))
		if got := isUnavailable(err); got != want {
			t.Errorf("%s is unavailable: %t, want %t; error %v", state, got, want, err)
		}
		if got := isUniqueViolation(err); got != (state == "23505") {
			t.Errorf("%s is a unique violation: %t, want %t", state, got, !got)
		}
	}

	// There is no server at this address.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	nowhere, err := sql.Open(testdb.Driver, "postgres://nobody@"+l.Addr().String()+"/nothing?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = nowhere.Close() }()
	if _, err := userByEmail(t.Context(), nowhere, "ann@example.org"); !isUnavailable(err) {
		t.Errorf("without a server: error %v does not count as unavailable", err)
	}
}

// A statement that was aborted because of a conflict can be tried again, and logs nobody
// out.
func TestTransactionRollback(t *testing.T) {
	app, recorded := newRecordedApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	app.Wait()
	for _, state := range []string{"40001", "40P01"} {
		recorded.failWith(raise(t, app.store.db, state))
		got := b.wantCode(http.StatusServiceUnavailable, "unavailable", "DELETE", prefix+"/sessions", "")
		if got.Header.Get("Retry-After") != "1" || len(got.Header["Set-Cookie"]) > 0 {
			t.Errorf("%s: Retry-After %q, Set-Cookie %q; want 1, and no cookie", state, got.Header.Get("Retry-After"), got.Header["Set-Cookie"])
		}
		recorded.failWith(nil)
		b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
	}
}

// A request that waited too long for a row can be tried again.
func TestLockTimeout(t *testing.T) {
	schema := testdb.NewSchema(t)
	db := testdb.OpenSchema(t, schema)
	app := newTestApp(t, func(c *Config) { c.DB = db })
	b, u := app.user(t, "ann@example.org", DefaultRole)
	app.Wait()
	// Only now, since the migrations may have to wait for those of other tests.
	db.SetMaxIdleConns(0) // drops the existing connections
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	if _, err := db.ExecContext(t.Context(), `SET lock_timeout = 50`); err != nil {
		t.Fatal(err)
	}
	other, err := testdb.OpenSchema(t, schema).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback() }()
	if err := lockUser(t.Context(), other, u.ID); err != nil {
		t.Fatal(err)
	}
	got := b.wantCode(http.StatusServiceUnavailable, "unavailable", "DELETE", prefix+"/sessions", "")
	if len(got.Header["Set-Cookie"]) > 0 {
		t.Errorf("Set-Cookie %q, want none", got.Header["Set-Cookie"])
	}
	b.want(http.StatusOK, "GET", prefix+"/me", "") // readers do not wait
	if err := other.Rollback(); err != nil {
		t.Fatal(err)
	}
	b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
}

// Rows that refer to a user can be inserted while the user is locked.
//
//authgen:if !adopted
func TestReferencesToLockedUser(t *testing.T) {
	db := openTestDB(t)
	a := newTestAuth(t, func(c *Config) { c.DB = db })
	u, err := a.CreateUser(t.Context(), NewUser{Email: "ann@example.org", Password: testPassword, Role: DefaultRole})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE notes (user_id UUID NOT NULL REFERENCES auth_users (id))`); err != nil {
		t.Fatal(err)
	}
	err = a.store.tx(t.Context(), func(tx *sql.Tx) error {
		if err := lockUser(t.Context(), tx, u.ID); err != nil {
			return err
		}
		_, err := exec(t.Context(), db, "add a note", bind(`INSERT INTO notes (user_id) VALUES (?)`), u.ID)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	err = a.store.tx(t.Context(), func(tx *sql.Tx) error {
		return lockUser(t.Context(), tx, anyID())
	})
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("locking an unknown user: error %v, want %v", err, ErrNotFound)
	}
}

// When the server closes connections, as in a restart, requests soon succeed again, and
// meanwhile no session is refused.
func TestLostConnections(t *testing.T) {
	schema := testdb.NewSchema(t)
	app := newTestApp(t, func(c *Config) {
		c.DB = testdb.OpenSchema(t, schema, "application_name="+schema)
	})
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	other := testdb.OpenSchema(t, schema)
	answers := make(map[int]int)
	for _, request := range []string{"GET /me", "DELETE /sessions"} {
		method, path, _ := strings.Cut(request, " ")
		for range 3 {
			var ended int
			err := other.QueryRowContext(t.Context(), bind(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE application_name = ?`), schema).Scan(&ended)
			if err != nil {
				t.Fatal(err)
			}
			if ended == 0 {
				t.Fatal("there was no connection to close")
			}
			for tries := 1; ; tries++ {
				got := b.do(method, prefix+path, "")
				answers[got.Status]++
				if got.Status == http.StatusOK || got.Status == http.StatusNoContent {
					break
				}
				if got.Status != http.StatusServiceUnavailable || len(got.Header["Set-Cookie"]) > 0 {
					t.Fatalf("%s: status %d, body %s, Set-Cookie %q; want 503 without a cookie", request, got.Status, got.Body, got.Header["Set-Cookie"])
				}
				if tries > 10 {
					t.Fatalf("%s: still status %d", request, got.Status)
				}
			}
		}
	}
	t.Logf("answers by status: %v", answers)
}

// If two processes start together, the second waits until the first has created the table
// of migrations.
//
//authgen:if migrate
func TestConcurrentMigrations(t *testing.T) {
	schema := testdb.NewSchema(t)
	db := testdb.OpenSchema(t, schema, "application_name="+schema)
	//authgen:if adopted
	testdb.CreateUsers(t, db)
	//authgen:end
	first, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Rollback() }()
	if _, err := first.ExecContext(t.Context(), createMigrations); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() { second <- Migrate(t.Context(), db) }()
	for waiting := 0; waiting == 0; {
		err := db.QueryRowContext(t.Context(), bind(`SELECT count(*) FROM pg_stat_activity
			WHERE application_name = ? AND wait_event_type = 'Lock'`), schema).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Error(err)
	}
}

// Of concurrent sign-ups with one address, exactly one succeeds.
func TestSignUpRace(t *testing.T) {
	a := newTestAuth(t)
	var created, taken atomic.Int32
	var wg sync.WaitGroup
	start := make(chan struct{})
	const parallel = 50
	for range parallel {
		wg.Go(func() {
			u := user{email: "ann@example.org", role: DefaultRole, createdAt: time.Now()}
			<-start
			switch err := insertUser(t.Context(), a.store.db, &u); {
			case err == nil:
				created.Add(1)
			case errors.Is(err, ErrEmailTaken):
				taken.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	if created.Load() != 1 || taken.Load() != parallel-1 {
		t.Errorf("%d sign-ups succeeded and %d found the address taken, want 1 and %d", created.Load(), taken.Load(), parallel-1)
	}
}

// The database itself refuses invalid and duplicate addresses.
func TestEmailConstraints(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	for _, email := range []string{"Ann@example.org", "bob@Example.org"} {
		if _, err := app.store.db.ExecContext(t.Context(), bind(`UPDATE auth_users SET email = ? WHERE id = ?`), email, u.ID); err == nil {
			t.Errorf("%s is accepted as an address", email)
		}
	}
}

// Times do not depend on the time zone of the connection.
func TestTimes(t *testing.T) {
	for _, zone := range []string{"UTC", "Asia/Kathmandu", "America/New_York"} {
		app := newTestApp(t, func(c *Config) {
			c.DB = testdb.OpenSchema(t, testdb.NewSchema(t), "TimeZone="+zone)
		})
		var set string
		if err := app.store.db.QueryRowContext(t.Context(), `SHOW TimeZone`).Scan(&set); err != nil || set != zone {
			t.Fatalf("TimeZone %q, error %v; want %s", set, err, zone)
		}
		for _, at := range []time.Time{
			time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
			time.Date(2026, 11, 1, 1, 30, 0, 999_999_999, time.FixedZone("", -4*60*60)), // twice in New York
			time.Date(2026, 11, 1, 1, 30, 0, 1_000_000, time.FixedZone("", -5*60*60)),
			time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
		} {
			var got time.Time
			err := app.store.db.QueryRowContext(t.Context(), bind(`SELECT CAST(? AS TIMESTAMPTZ)`), dbTime(at)).Scan((*dbTime)(&got))
			if err != nil {
				t.Fatal(err)
			}
			if want := time.UnixMilli(at.UnixMilli()).UTC(); got != want {
				t.Errorf("%s: %v is read as %v, want %v", zone, at, got, want)
			}
		}
		b, _ := app.user(t, "ann@example.org", DefaultRole)
		u := readUser(t, b.want(http.StatusOK, "GET", prefix+"/me", ""))
		if u.CreatedAt.Location() != time.UTC || time.Since(u.CreatedAt).Abs() > time.Minute {
			t.Errorf("%s: created at %v, want the current time in UTC", zone, u.CreatedAt)
		}
	}
}

// CheckDatabase refuses a read-only database.
func TestReadOnlyDatabase(t *testing.T) {
	db := testdb.OpenSchema(t, testdb.NewSchema(t), "default_transaction_read_only=on")
	if err := CheckDatabase(t.Context(), db); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("CheckDatabase: error %v, want one that says read-only", err)
	}
}

// So are encodings that cannot store every text.
func TestSettings(t *testing.T) {
	for _, test := range []struct {
		readOnly bool
		encoding string
		want     []string
	}{
		{false, "UTF8", nil},
		{true, "UTF8", []string{"database-read-only"}},
		{false, "LATIN1", []string{"database-encoding"}},
		{true, "SQL_ASCII", []string{"database-read-only", "database-encoding"}},
	} {
		var found faults
		found.addSettings(test.readOnly, test.encoding)
		wantFaults(t, fmt.Sprintf("read-only %t, encoding %s", test.readOnly, test.encoding), errors.Join(found...), test.want...)
	}
}

// Reads after a lock are current, whatever the default of the database.
func TestIsolation(t *testing.T) {
	s := store{db: testdb.OpenSchema(t, testdb.NewSchema(t), "default_transaction_isolation=serializable")}
	err := s.tx(t.Context(), func(tx *sql.Tx) error {
		var level string
		err := tx.QueryRowContext(context.Background(), `SHOW transaction_isolation`).Scan(&level)
		if err == nil && level != "read committed" {
			t.Errorf("isolation level %s, want read committed", level)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
