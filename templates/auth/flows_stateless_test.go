//authgen:if session_stateless
//authgen:as sessions_test.go

//go:build stateless

package auth

import (
	"database/sql"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// secureCheck is the statement of the secure check.
const secureCheck = selectSessionUser

// age makes the password check of the browser's session older by d.
func (b *browser) age(d time.Duration) {
	b.tb.Helper()
	s := b.session()
	s.authenticatedAt = s.authenticatedAt.Add(-d)
	b.setCookie(b.app.sealer.seal(s.appendClaims(nil), time.Now()))
}

func TestLogOutIsRememberedUntilExpiry(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	s := ann.session()
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")

	var until dbTime
	query := bind(`SELECT expires_at FROM auth_ended_sessions WHERE handle = ?`)
	if err := app.store.db.QueryRowContext(t.Context(), query, s.id.handle()).Scan(&until); err != nil {
		t.Fatal(err)
	}
	if !time.Time(until).Equal(s.expiresAt) {
		t.Errorf("the end of the session is remembered until %v, want %v", time.Time(until), s.expiresAt)
	}
	// A session that replaced it may expire later.
	if err := app.store.db.QueryRowContext(t.Context(), query, s.familyHandle()).Scan(&until); err != nil {
		t.Fatal(err)
	}
	if time.Time(until).Before(s.expiresAt) {
		t.Errorf("the end of its family is remembered until %v, want %v or later", time.Time(until), s.expiresAt)
	}
}

// expire inserts ended sessions that would have expired a day ago.
func (a *Auth) expire(tb testing.TB, n int) {
	tb.Helper()
	// This may take longer than the timeout of a request.
	tx, err := a.store.db.BeginTx(tb.Context(), txOptions)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	stmt, err := tx.PrepareContext(tb.Context(), insertEndedSession)
	if err != nil {
		tb.Fatal(err)
	}
	for range n {
		if _, err := stmt.ExecContext(tb.Context(), newSessionID().handle(), dbTime(time.Now().Add(-24*time.Hour))); err != nil {
			tb.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		tb.Fatal(err)
	}
}

func (a *Auth) endedRows(tb testing.TB) (n int) {
	tb.Helper()
	if err := a.store.db.QueryRowContext(tb.Context(), `SELECT COUNT(*) FROM auth_ended_sessions`).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// All ended sessions that would have expired are forgotten, and no others, in small
// batches that do not block logins.
func TestSweep(t *testing.T) {
	app := newTestApp(t)
	bob, _ := app.user(t, "bob@example.org", DefaultRole)
	bob.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	app.Wait()                  // the sweep after the login found nothing
	const rows = 10 * sweepRows // besides those of the logout
	app.expire(t, rows)

	if n, err := app.removeExpired(t.Context(), time.Now().Add(-48*time.Hour), sweepRows); n != 0 || err != nil {
		t.Errorf("removed %d rows that have not expired, error %v", n, err)
	}
	if n, err := app.removeExpired(t.Context(), time.Now(), 7); n != 7 || err != nil {
		t.Errorf("removed %d rows, want 7; error %v", n, err)
	}
	if n := app.endedRows(t); n != rows-7+2 {
		t.Fatalf("%d rows are left, want %d", n, rows-7+2)
	}
	app.sweeper.last = time.Time{} // the last sweep was long ago
	for tries := 0; app.endedRows(t) > 2; tries++ {
		if tries == rows {
			t.Fatalf("after %d logins, %d rows are left", tries, app.endedRows(t))
		}
		app.device(t, "bob@example.org")
	}
	app.Wait()
	if n := app.endedRows(t); n != 2 {
		t.Errorf("%d rows are left, want the two that have not expired", n)
	}

	// A sweep that ran recently is not repeated, unless it stopped for lack of time.
	app.device(t, "bob@example.org")
	app.Wait()
	app.expire(t, 1)
	app.device(t, "bob@example.org")
	app.Wait()
	if n := app.endedRows(t); n != 3 {
		t.Errorf("%d rows, want 3 until the next sweep", n)
	}
}

// A sweep that takes long stops, and the next login continues it.
func TestLongSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recorded := new(recorder)
		a := newVisitor(t, DefaultRole, false, func(c *Config) {
			c.DB = sql.OpenDB(recordingConnector{c.DB, recorded})
			t.Cleanup(func() { _ = c.DB.Close() })
		}).auth
		const rows = 6*sweepRows + 1
		a.expire(t, rows)
		recorded.delay = time.Second
		sweeps := 0
		for before := rows; before > 0; sweeps++ {
			start := time.Now()
			a.sweep(t.Context())
			a.Wait()
			if took := time.Since(start); took > 2*sweepTime {
				t.Errorf("a sweep took %v, want at most %v", took, 2*sweepTime)
			}
			left := a.endedRows(t)
			if left == before {
				t.Fatalf("sweep %d removed none of %d rows", sweeps+1, before)
			}
			before = left
		}
		if sweeps < 2 {
			t.Errorf("one sweep removed all %d rows", rows)
		}
	})
}
