//authgen:if session_rows
//authgen:as sessions_test.go

//go:build !stateless

package auth

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// secureCheck is the statement of the secure check.
const secureCheck = selectSession

// age makes the password check of the browser's session older by d.
func (b *browser) age(d time.Duration) {
	b.tb.Helper()
	s := b.session()
	statement := bind(`UPDATE auth_sessions SET authenticated_at = ? WHERE handle = ?`)
	if err := execOne(b.tb.Context(), b.app.store.db, "age a session", statement, dbTime(s.authenticatedAt.Add(-d)), s.id.handle()); err != nil {
		b.tb.Fatal(err)
	}
}

func (b *browser) sessionList() []SessionInfo {
	b.tb.Helper()
	var list struct{ Sessions []SessionInfo }
	if err := json.Unmarshal([]byte(b.want(http.StatusOK, "GET", prefix+"/sessions", "").Body), &list); err != nil {
		b.tb.Fatal(err)
	}
	return list.Sessions
}

func TestListSessions(t *testing.T) {
	app := newTestApp(t)
	app.createUser(t, "ann@example.org", DefaultRole)
	app.user(t, "bob@example.org", DefaultRole)
	phone := app.browser(t)
	phone.want(http.StatusOK, "POST", prefix+"/login", credentials("ann@example.org", testPassword), func(r *http.Request) {
		r.Header.Set("User-Agent", "Ann's phone")
	})
	laptop := app.device(t, "ann@example.org")

	got := phone.sessionList()
	if len(got) != 2 {
		t.Fatalf("%d sessions, want the 2 of the user: %+v", len(got), got)
	}
	for _, s := range got {
		if want := s.ID == phone.session().id.handle(); s.Current != want {
			t.Errorf("session %s: current is %t, want %t", s.ID, s.Current, want)
		}
		if s.Current && s.UserAgent != "Ann's phone" {
			t.Errorf("user agent %q, want %q", s.UserAgent, "Ann's phone")
		}
		if s.Client != "127.0.0.1" && s.Client != "::1" {
			t.Errorf("client %q, want a loopback address", s.Client)
		}
		if s.CreatedAt.IsZero() || s.SeenAt.Before(s.CreatedAt) || !s.ExpiresAt.After(s.SeenAt) {
			t.Errorf("the times of the session are not in order: %+v", s)
		}
	}
	laptop.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	if got := phone.sessionList(); len(got) != 1 {
		t.Errorf("%d sessions after a logout, want 1", len(got))
	}
}

// A session from an unknown address is listed as "unknown".
func TestListSessionWithoutAddress(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	r := httptest.NewRequest("POST", "/", nil)
	r.RemoteAddr = "@"
	if _, err := app.LogIn(app.enter(r).Context(), Credentials{Email: u.Email, Password: testPassword}); err != nil {
		t.Fatal(err)
	}
	list := b.sessionList()
	if len(list) != 2 {
		t.Fatalf("%d sessions, want 2: %+v", len(list), list)
	}
	for _, s := range list {
		if (s.Client == "unknown") == s.Current {
			t.Errorf("client %q of the session with current %t", s.Client, s.Current)
		}
	}
}

func TestEndOneSession(t *testing.T) {
	app := newTestApp(t)
	phone, _ := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, "ann@example.org")
	bob, _ := app.user(t, "bob@example.org", DefaultRole)
	path := prefix + "/sessions/" + laptop.session().id.handle()

	bob.wantCode(http.StatusNotFound, "not_found", "DELETE", path, "")
	app.wantCookie(t, true, laptop.cookie(), "after an attempt by another user")

	phone.age(time.Hour)
	phone.wantCode(http.StatusForbidden, "reauthentication_required", "DELETE", path, "")
	app.wantCookie(t, true, laptop.cookie(), "after an attempt without a fresh session")

	phone.want(http.StatusNoContent, "POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword}))
	phone.want(http.StatusNoContent, "DELETE", path, "")
	app.wantCookie(t, false, laptop.cookie(), "the session that was ended")
	app.wantCookie(t, true, phone.cookie(), "the session of the request")
	phone.wantCode(http.StatusNotFound, "not_found", "DELETE", path, "")
	// Some databases refuse some of these texts.
	for _, id := range []string{"0", "%00", "%FF", "%F0%9F%94%91"} {
		phone.wantCode(http.StatusNotFound, "not_found", "DELETE", prefix+"/sessions/"+id, "")
	}
}

// The content of the database must not give access to a session.
func TestHandleIsNotACookie(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	var handle string
	if err := app.store.db.QueryRowContext(t.Context(), `SELECT handle FROM auth_sessions`).Scan(&handle); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(ann.cookie(), handle) {
		t.Error("the cookie contains the handle")
	}
	app.browser(t).want(http.StatusUnauthorized, "GET", prefix+"/me", "", func(r *http.Request) {
		r.Header.Set("Cookie", app.cookieName+"="+handle)
	})
}

func TestSessionDeletedFromDatabase(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	if _, err := app.store.db.ExecContext(t.Context(), `DELETE FROM auth_sessions`); err != nil {
		t.Fatal(err)
	}
	got := ann.wantCode(http.StatusUnauthorized, "unauthenticated", "GET", prefix+"/me", "")
	// The cookie is not deleted, since the response to another request may just have
	// replaced it.
	if cookies := got.Header["Set-Cookie"]; len(cookies) > 0 {
		t.Errorf("the response sets the cookies %q, want none", cookies)
	}
}

// A user has at most maxSessions sessions; a new one replaces the least recently used.
func TestSurplusSessions(t *testing.T) {
	app := newTestApp(t)
	first, u := app.user(t, "ann@example.org", DefaultRole)
	if _, err := app.store.db.ExecContext(t.Context(), bind(`UPDATE auth_sessions SET seen_at = ?`), dbTime(time.Now().Add(-time.Second))); err != nil {
		t.Fatal(err)
	}
	row, err := userByID(t.Context(), app.store.db, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	for range maxSessions - 1 {
		if _, err := app.startSession(t.Context(), app.store.db, login{user: row}); err != nil {
			t.Fatal(err)
		}
	}
	first.want(http.StatusOK, "GET", prefix+"/me", "")
	if _, err := app.startSession(t.Context(), app.store.db, login{user: row}); err != nil {
		t.Fatal(err)
	}
	first.want(http.StatusUnauthorized, "GET", prefix+"/me", "")
	if !strings.Contains(app.log.String(), "excess_sessions_exceeded") {
		t.Error("excess_sessions_exceeded is not in the log")
	}
}

// expire inserts rows of sessions that expired a day ago.
func (app *testApp) expire(tb testing.TB, id UserID, n int) {
	tb.Helper()
	// This may take longer than the timeout of a request.
	tx, err := app.store.db.BeginTx(tb.Context(), txOptions)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	stmt, err := tx.PrepareContext(tb.Context(), insertSession)
	if err != nil {
		tb.Fatal(err)
	}
	at := dbTime(time.Now().Add(-24 * time.Hour))
	for range n {
		if _, err := stmt.ExecContext(tb.Context(), newSessionID().handle(), "", id, "", "", at, at, at, at); err != nil {
			tb.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		tb.Fatal(err)
	}
}

// All expired rows are removed, and no others, in small batches that do not block logins.
func TestSweep(t *testing.T) {
	app := newTestApp(t)
	ann := app.createUser(t, "ann@example.org", DefaultRole)
	bob, _ := app.user(t, "bob@example.org", DefaultRole)
	app.Wait() // the sweep after the login found nothing
	const rows = 10 * sweepRows
	app.expire(t, ann.ID, rows)

	if n, err := app.removeExpired(t.Context(), time.Now().Add(-48*time.Hour), sweepRows); n != 0 || err != nil {
		t.Errorf("removed %d rows that have not expired, error %v", n, err)
	}
	if n, err := app.removeExpired(t.Context(), time.Now(), 7); n != 7 || err != nil {
		t.Errorf("removed %d rows, want 7; error %v", n, err)
	}
	expired := func() (n int) {
		t.Helper()
		statement := bind(`SELECT COUNT(*) FROM auth_sessions WHERE user_id = ?`)
		if err := app.store.db.QueryRowContext(t.Context(), statement, ann.ID).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := expired(); n != rows-7 {
		t.Fatalf("%d rows are left, want %d", n, rows-7)
	}

	app.sweeper.last = time.Time{} // the last sweep was long ago
	for tries := 0; expired() > 0; tries++ {
		if tries == rows {
			t.Fatalf("after %d logins, %d rows are left", tries, expired())
		}
		bob = app.device(t, "bob@example.org")
	}
	app.Wait()
	bob.want(http.StatusOK, "GET", prefix+"/me", "")
	if log := app.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("the log has an error:\n%s", log)
	}

	// A sweep that ran recently is not repeated, unless it stopped for lack of time.
	app.device(t, "bob@example.org")
	app.Wait()
	app.expire(t, ann.ID, 1)
	app.device(t, "bob@example.org")
	app.Wait()
	if n := expired(); n != 1 {
		t.Errorf("%d rows, want 1 until the next sweep", n)
	}
}

// If the account is deleted after the check of the password, the login fails as with a
// wrong password.
func TestLogInRacesWithDeletion(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	row, err := userByID(t.Context(), app.store.db, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	derive := app.hasher.derive
	app.hasher.derive = func(password, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
		if _, err := app.store.db.ExecContext(t.Context(), bind(dropUser), u.ID); err != nil {
			t.Error(err)
		}
		return derive(password, salt, time, memory, threads, size)
	}
	app.browser(t).wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/login", credentials(u.Email, testPassword))
	if !strings.Contains(app.log.String(), "authn_login_fail") {
		t.Error("authn_login_fail is not in the log")
	}
	if _, err := app.startSession(t.Context(), app.store.db, login{user: row}); !errors.Is(err, ErrInvalidCredentials) {
		t.Errorf("startSession: error %v, want %v", err, ErrInvalidCredentials)
	}
}

// If a transaction of the application is rolled back, the sessions that it ended live on.
func TestEndAllRolledBack(t *testing.T) {
	app := newTestApp(t)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	app.inTx(t, false, func(j Joined) error { return j.EndAll(t.Context(), u.ID, EndedByOperator) })
	app.wantCookie(t, true, ann.cookie(), "the end of the sessions was rolled back")
}
