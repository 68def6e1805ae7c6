//authgen:if session_rows
//authgen:as sessions_test.go

//go:build !stateless

package auth

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// secureCheck is the statement of the secure check.
const secureCheck = selectSession

// age makes it so long ago that the password of the browser's user was checked.
func (b *browser) age(d time.Duration) {
	b.tb.Helper()
	s := b.session()
	statement := bind(`UPDATE auth_sessions SET authenticated_at = ? WHERE handle = ?`)
	if err := execOne(b.tb.Context(), b.app.store.db, "age a session", statement, dbTime(s.authenticatedAt.Add(-d)), s.id.handle()); err != nil {
		b.tb.Fatal(err)
	}
}

func (b *browser) devices() []SessionInfo {
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

	got := phone.devices()
	if len(got) != 2 {
		t.Fatalf("%d sessions, want the 2 of the user: %+v", len(got), got)
	}
	for _, d := range got {
		if want := d.ID == phone.session().id.handle(); d.Current != want {
			t.Errorf("session %s: current is %t, want %t", d.ID, d.Current, want)
		}
		if d.Current && d.UserAgent != "Ann's phone" {
			t.Errorf("user agent %q", d.UserAgent)
		}
		if d.Client != "127.0.0.1" && d.Client != "::1" {
			t.Errorf("client %q", d.Client)
		}
		if d.CreatedAt.IsZero() || d.SeenAt.Before(d.CreatedAt) || !d.ExpiresAt.After(d.SeenAt) {
			t.Errorf("times of %+v", d)
		}
	}
	laptop.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	if got := phone.devices(); len(got) != 1 {
		t.Errorf("%d sessions after a log-out, want 1", len(got))
	}
}

func TestEndOneSession(t *testing.T) {
	app := newTestApp(t)
	phone, _ := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, "ann@example.org")
	bob, _ := app.user(t, "bob@example.org", DefaultRole)
	path := prefix + "/sessions/" + laptop.session().id.handle()

	bob.wantCode(http.StatusNotFound, "not_found", "DELETE", path, "")
	app.wantCookie(t, true, laptop.cookie(), "after an attempt of somebody else")

	phone.age(time.Hour)
	phone.wantCode(http.StatusForbidden, "reauthentication_required", "DELETE", path, "")
	app.wantCookie(t, true, laptop.cookie(), "after an attempt that was not fresh")

	phone.want(http.StatusNoContent, "POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword}))
	phone.want(http.StatusNoContent, "DELETE", path, "")
	app.wantCookie(t, false, laptop.cookie(), "the session that was ended")
	app.wantCookie(t, true, phone.cookie(), "the session that asked")
	phone.wantCode(http.StatusNotFound, "not_found", "DELETE", path, "")
	// Not every text can be asked for in every database.
	for _, id := range []string{"0", "%00", "%FF", "%F0%9F%94%91"} {
		phone.wantCode(http.StatusNotFound, "not_found", "DELETE", prefix+"/sessions/"+id, "")
	}
}

// What a database holds of a session must not open it.
func TestHandleIsNoCookie(t *testing.T) {
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

func TestSessionsGoneFromTheDatabase(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	if _, err := app.store.db.ExecContext(t.Context(), `DELETE FROM auth_sessions`); err != nil {
		t.Fatal(err)
	}
	got := ann.wantCode(http.StatusUnauthorized, "unauthenticated", "GET", prefix+"/me", "")
	// It was good until just now: the answer to another request may hold the one
	// that replaces it.
	if cookies := got.Header["Set-Cookie"]; len(cookies) > 0 {
		t.Errorf("the answer sets %q", cookies)
	}
}

// A user has so many sessions at most; the one that was not used for longest
// makes room for another.
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
		t.Error("nothing is logged of it")
	}
}

// An account that is gone when the password was found right cannot be signed in to,
// which is not told apart from a wrong password.
func TestLogInRacesWithDeletion(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	row, err := userByID(t.Context(), app.store.db, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	derive := app.hasher.derive
	app.hasher.derive = func(password, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
		if _, err := app.store.db.ExecContext(t.Context(), bind(`DELETE FROM auth_users WHERE id = ?`), u.ID); err != nil {
			t.Error(err)
		}
		return derive(password, salt, time, memory, threads, size)
	}
	app.browser(t).wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/login", credentials(u.Email, testPassword))
	if !strings.Contains(app.log.String(), "authn_login_fail") {
		t.Error("nothing is logged of it")
	}
	if _, err := app.startSession(t.Context(), app.store.db, login{user: row}); !errors.Is(err, ErrInvalidCredentials) {
		t.Errorf("startSession: %v", err)
	}
}
