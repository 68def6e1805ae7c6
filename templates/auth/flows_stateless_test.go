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

// age makes it so long ago that the password of the browser's user was checked.
func (b *browser) age(d time.Duration) {
	b.tb.Helper()
	s := b.session()
	s.authenticatedAt = s.authenticatedAt.Add(-d)
	b.setCookie(b.app.sealer.seal(s.appendClaims(nil), time.Now()))
}

func TestLogOutIsForgottenWhenTheSessionWouldHaveEnded(t *testing.T) {
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
		t.Errorf("the session has ended until %v, want until %v", time.Time(until), s.expiresAt)
	}
	// What may have replaced it lasts longer.
	if err := app.store.db.QueryRowContext(t.Context(), query, s.familyHandle()).Scan(&until); err != nil {
		t.Fatal(err)
	}
	if time.Time(until).Before(s.expiresAt) {
		t.Errorf("its family has ended until %v, want %v at least", time.Time(until), s.expiresAt)
	}
}

// expire inserts ended sessions that would have expired a day ago.
func (a *Auth) expire(tb testing.TB, n int) {
	tb.Helper()
	// Without the limit on the time that a request has.
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

// Ended sessions that would have expired are forgotten, however many there are, and
// no others. They go few at a time: those who log in meanwhile get in.
func TestSweep(t *testing.T) {
	app := newTestApp(t)
	bob, _ := app.user(t, "bob@example.org", DefaultRole)
	bob.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	app.Wait()                  // for the sweep after the login, when there was nothing
	const rows = 10 * sweepRows // beside those of the logout
	app.expire(t, rows)

	if n, err := app.removeExpired(t.Context(), time.Now().Add(-48*time.Hour), sweepRows); n != 0 || err != nil {
		t.Errorf("removed %d that expired later, error %v", n, err)
	}
	if n, err := app.removeExpired(t.Context(), time.Now(), 7); n != 7 || err != nil {
		t.Errorf("removed %d, want 7; error %v", n, err)
	}
	if n := app.endedRows(t); n != rows-7+2 {
		t.Fatalf("%d rows are left, want %d", n, rows-7+2)
	}
	app.sweeper.last = time.Time{} // it was long ago
	for tries := 0; app.endedRows(t) > 2; tries++ {
		if tries == rows {
			t.Fatalf("after as many logins as there were rows, %d are left", app.endedRows(t))
		}
		app.device(t, "bob@example.org")
	}
	app.Wait()
	if n := app.endedRows(t); n != 2 {
		t.Errorf("%d rows are left, want the two that have not expired", n)
	}

	// It was done lately, and so it is when the last one stopped for lack of time.
	app.device(t, "bob@example.org")
	app.Wait()
	app.expire(t, 1)
	app.device(t, "bob@example.org")
	app.Wait()
	if n := app.endedRows(t); n != 3 {
		t.Errorf("%d rows, want 3 until the next time", n)
	}
}

// A sweep that would take long stops, and the next login goes on with it.
func TestLongSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recorded := new(recorder)
		a := newVisitor(t, DefaultRole, false, func(c *Config) {
			c.DB = sql.OpenDB(recordingConnector{c.DB, recorded})
			t.Cleanup(func() { _ = c.DB.Close() })
		}).auth
		const rows = 6*sweepRows + 1
		a.expire(t, rows)
		recorded.takes = time.Second
		sweeps := 0
		for before := rows; before > 0; sweeps++ {
			start := time.Now()
			a.sweep(t.Context())
			a.Wait()
			if took := time.Since(start); took > 2*sweepTime {
				t.Errorf("a sweep took %v", took)
			}
			left := a.endedRows(t)
			if left == before {
				t.Fatalf("sweep %d removed none of %d rows", sweeps+1, before)
			}
			before = left
		}
		if sweeps < 2 {
			t.Errorf("%d rows are removed in one sweep", rows)
		}
	})
}
