//authgen:if bridge_from_database
//authgen:as bridge_test.go

//go:build stateless

package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// legacySession inserts a session of the previous style, and returns it with its cookie.
func (app *testApp) legacySession(tb testing.TB, id UserID, change ...func(*Session)) (Session, string) {
	tb.Helper()
	u, err := userByID(tb.Context(), app.store.db, id)
	if err != nil {
		tb.Fatal(err)
	}
	s := app.newSession(login{user: u})
	for _, f := range change {
		f(&s)
	}
	statement := bind(`INSERT INTO auth_sessions
		(handle, family, user_id, user_agent, client, authenticated_at, created_at, seen_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	_, err = exec(tb.Context(), app.store.db, "insert a session", statement, s.id.handle(), s.familyHandle(), s.userID, "", "",
		dbTime(s.authenticatedAt), dbTime(s.issuedAt), dbTime(s.seenAt), dbTime(s.expiresAt))
	if err != nil {
		tb.Fatal(err)
	}
	return s, app.legacyCookie(s, flagLegacy)
}

// legacyCookie returns the cookie of a session, with the style flag in its claims.
func (app *testApp) legacyCookie(s Session, style byte) string {
	claims := s.appendClaims(nil)
	claims[1] = claims[1]&^flagStateless | style
	return app.sealer.seal(claims, time.Now())
}

// A session that was a row continues in the cookie.
func TestBridge(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	before, _ := app.legacySession(t, u.ID, func(s *Session) { s.seenAt = s.seenAt.Add(-time.Hour) })
	// The times in the row count, not those in the cookie.
	old := before
	old.seenAt = time.Now()
	cookie := app.legacyCookie(old, flagLegacy)
	ann := app.resume(t, cookie)
	ann.want(http.StatusOK, "GET", prefix+"/me", "")

	after := ann.session()
	if after.legacy || ann.cookie() == cookie {
		t.Error("the cookie was not sealed again")
	}
	after.seenAt = before.seenAt
	if after != before {
		t.Errorf("the converted session is %+v, want %+v", after, before)
	}
	ann.want(http.StatusOK, "GET", prefix+"/me", "")
	app.wantCookie(t, true, cookie, "the old cookie, in a late request")
	converted := ann.cookie()
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	app.wantCookie(t, false, cookie, "the old cookie, after the logout")
	app.wantCookie(t, false, converted, "the new cookie, after the logout")
	app.Wait()
	if !strings.Contains(app.log.String(), "session_converted") {
		t.Error("session_converted is not in the log")
	}
}

// The row expires soon after the conversion. Otherwise, a session that is logged out when
// the bridge is gone would be valid again after a change back to rows.
func TestLegacyRowIsShortLived(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	s, cookie := app.legacySession(t, u.ID)
	app.wantCookie(t, true, cookie, "the session")
	app.wantCookie(t, true, cookie, "the session, a little later")
	var until time.Time
	if err := app.store.db.QueryRowContext(t.Context(), "SELECT expires_at FROM auth_sessions").Scan((*dbTime)(&until)); err != nil {
		t.Fatal(err)
	}
	if left := time.Until(until); left > conversionGrace {
		t.Errorf("the row stays for %v, want at most %v", left, conversionGrace)
	}
	ann := app.resume(t, cookie)
	ann.want(http.StatusOK, "GET", prefix+"/me", "")
	if got := ann.session(); !got.expiresAt.Equal(s.expiresAt) {
		t.Errorf("the session expires at %v, want %v", got.expiresAt, s.expiresAt)
	}
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	var n int
	if err := app.store.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM auth_sessions").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows after the logout, want none; error %v", n, err)
	}
}

// The time in SECURITY.md is the one in the code.
func TestConversionGraceInSecurity(t *testing.T) {
	text, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("the row stays for %v,", conversionGrace); !strings.Contains(string(text), want) {
		t.Errorf("SECURITY.md does not say %q", want)
	}
}

// A session that was in a cookie before it was a row can be converted back.
func TestBridgeAfterBridge(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	s, cookie := app.legacySession(t, u.ID)
	if _, err := exec(t.Context(), app.store.db, "convert", insertEndedSession, s.id.handle(), dbTime(s.expiresAt)); err != nil {
		t.Fatal(err)
	}
	ann := app.resume(t, cookie)
	ann.want(http.StatusOK, "GET", prefix+"/me", "")
	ann.want(http.StatusOK, "GET", prefix+"/me", "")
	if after := ann.session(); after.id == s.id {
		t.Error("the session still has the id that was ended")
	}
	app.wantCookie(t, false, cookie, "the cookie of the row")
	app.wantCookie(t, false, app.legacyCookie(s, flagStyle), "the cookie from before the row")
	app.wantCookie(t, true, ann.cookie(), "the new cookie")
}

// Concurrent requests of a browser all succeed.
func TestBridgeAtOnce(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	_, cookie := app.legacySession(t, u.ID)
	var wg sync.WaitGroup
	for range 8 {
		b := app.resume(t, cookie)
		wg.Go(func() {
			if got := b.do("GET", prefix+"/me", ""); got.Status != http.StatusOK {
				t.Errorf("status %d, body %s", got.Status, got.Body)
			}
			if b.cookie() == cookie {
				t.Error("the cookie was not sealed again")
			}
		})
	}
	wg.Wait()
}

// Any request can be the first with the old cookie. If it ends the session, the old
// cookie is also invalid.
func TestBridgeByAnyRequest(t *testing.T) {
	for name, test := range map[string]struct {
		method, path, body string
		after              int
	}{
		"logout":            {"POST", "/logout", "", http.StatusUnauthorized},
		"re-authentication": {"POST", "/reauthenticate", jsonObject(map[string]any{"password": testPassword}), http.StatusOK},
		"other sessions":    {"DELETE", "/sessions", "", http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			app := newTestApp(t)
			u := app.createUser(t, "ann@example.org", DefaultRole)
			_, cookie := app.legacySession(t, u.ID)
			ann := app.resume(t, cookie)
			ann.want(http.StatusNoContent, test.method, prefix+test.path, test.body)
			app.wantCookie(t, false, cookie, "the old cookie")
			ann.want(test.after, "GET", prefix+"/me", "")
		})
	}
}

// Sessions that have ended are not converted.
func TestBridgeRefuses(t *testing.T) {
	change := func(statement string, args ...func(Session) any) func(*testing.T, *testApp, Session) {
		return func(t *testing.T, app *testApp, s Session) {
			var values []any
			for _, arg := range args {
				values = append(values, arg(s))
			}
			if _, err := app.store.db.ExecContext(t.Context(), bind(statement), values...); err != nil {
				t.Fatal(err)
			}
		}
	}
	userID := func(s Session) any { return s.userID }
	handle := func(s Session) any { return s.id.handle() }
	ago := func(d time.Duration) func(Session) any {
		return func(Session) any { return dbTime(time.Now().Add(-d)) }
	}
	for name, before := range map[string]func(*testing.T, *testApp, Session){
		"row deleted":            change(`DELETE FROM auth_sessions WHERE handle = ?`, handle),
		"all sessions ended":     change(endVersion, userID),
		"disabled":               change(changeDisabled, func(Session) any { return true }, userID),
		"deleted":                change(dropUser, userID),
		"expired":                change(`UPDATE auth_sessions SET expires_at = ?`, ago(0)),
		"idle":                   change(`UPDATE auth_sessions SET seen_at = ?`, ago(maxTimeout)),
		"authenticated long ago": change(`UPDATE auth_sessions SET authenticated_at = ?`, ago(maxTimeout)),
	} {
		t.Run(name, func(t *testing.T) {
			app := newTestApp(t)
			u := app.createUser(t, "ann@example.org", DefaultRole)
			s, cookie := app.legacySession(t, u.ID)
			before(t, app, s)
			app.wantCookie(t, false, cookie, "the cookie")
		})
	}
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	s, _ := app.legacySession(t, u.ID)
	app.wantCookie(t, false, app.legacyCookie(s, 4), "the cookie of another style")
	s.id = newSessionID()
	app.wantCookie(t, false, app.legacyCookie(s, flagLegacy), "the cookie of a missing row")
	app.wantCookie(t, true, app.legacyCookie(s, flagStyle), "the cookie of a session without a row")
}

// Ending a user's sessions also ends those that were not converted yet.
func TestEndingSessionsEndsLegacySessions(t *testing.T) {
	app := newTestApp(t)
	for name, end := range map[string]func(b *browser){
		"the other sessions end": func(b *browser) { b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "") },
		"the password changes": func(b *browser) {
			b.want(http.StatusNoContent, "POST", prefix+"/password", jsonObject(map[string]any{"current": testPassword, "new": otherPassword}))
		},
	} {
		ann, u := app.user(t, strings.ReplaceAll(name, " ", "-")+"@example.org", DefaultRole)
		_, cookie := app.legacySession(t, u.ID)
		end(ann)
		app.wantCookie(t, false, cookie, name)
		ann.want(http.StatusOK, "GET", prefix+"/me", "")
	}
}

// A login ends the previous session of the browser.
func TestLogInReplacesLegacySession(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	_, cookie := app.legacySession(t, u.ID)
	app.resume(t, cookie).logIn(u.Email)
	app.wantCookie(t, false, cookie, "the session that the browser had")
}

// failing is a database in which one statement fails.
type failing struct {
	querier
	statement string
}

func (f failing) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if query == f.statement {
		return nil, errors.New("down")
	}
	return f.querier.ExecContext(ctx, query, args...)
}

// After a logout that failed halfway, the session can still be logged out completely.
func TestLogOutFailsHalfway(t *testing.T) {
	for name, statement := range map[string]string{"delete the row": deleteFamily, "insert the ended session": insertEndedSession} {
		t.Run(name, func(t *testing.T) {
			app := newTestApp(t)
			u := app.createUser(t, "ann@example.org", DefaultRole)
			_, cookie := app.legacySession(t, u.ID)
			ann := app.resume(t, cookie)
			ann.want(http.StatusOK, "GET", prefix+"/me", "")
			converted := ann.cookie()
			if err := app.endFamily(t.Context(), failing{app.store.db, statement}, ann.session()); err == nil {
				t.Fatal("endFamily returns no error")
			}
			ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")
			app.wantCookie(t, false, cookie, "the old cookie")
			app.wantCookie(t, false, converted, "the new cookie")
		})
	}
}

// Only the rows of expired sessions are removed.
func TestExpiredRowsAreRemoved(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	s, _ := app.legacySession(t, u.ID)
	for _, test := range []struct {
		before time.Time
		rows   int
	}{{s.expiresAt.Add(-time.Second), 1}, {s.expiresAt, 0}} {
		if _, err := app.removeExpired(t.Context(), test.before, sweepRows); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := app.store.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM auth_sessions").Scan(&n); err != nil || n != test.rows {
			t.Errorf("%d rows, want %d; error %v", n, test.rows, err)
		}
	}
}
