//authgen:if bridge_from_stateless
//authgen:as bridge_test.go

//go:build !stateless

package auth

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// legacySession returns a session of the previous style with its cookie.
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
	return s, app.legacyCookie(s, flagLegacy)
}

// legacyCookie returns the cookie of a session, with the style flag in its claims.
func (app *testApp) legacyCookie(s Session, style byte) string {
	claims := s.appendClaims(nil)
	claims[1] = claims[1]&^flagStateless | style
	return app.sealer.seal(claims, time.Now())
}

// wantRows checks the number of rows of sessions and of ended sessions.
func (app *testApp) wantRows(tb testing.TB, sessions, ended int) {
	tb.Helper()
	for table, want := range map[string]int{"auth_sessions": sessions, "auth_ended_sessions": ended} {
		var n int
		if err := app.store.db.QueryRowContext(tb.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil || n != want {
			tb.Errorf("%s has %d rows, want %d; error %v", table, n, want, err)
		}
	}
}

// A session that was only in the cookie continues as a row.
func TestBridge(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	before, _ := app.legacySession(t, u.ID, func(s *Session) {
		s.issuedAt, s.seenAt = s.issuedAt.Add(-time.Hour), s.seenAt.Add(-time.Hour)
		s.authenticatedAt = s.issuedAt
	})
	old := app.legacyCookie(before, flagLegacy)
	ann := app.resume(t, old)
	ann.want(http.StatusOK, "GET", prefix+"/me", "", func(r *http.Request) { r.Header.Set("User-Agent", "Ann's phone") })
	app.Wait()
	app.wantRows(t, 1, 1)

	after := ann.session()
	if after.legacy || ann.cookie() == old {
		t.Error("the cookie was not sealed again")
	}
	if !after.seenAt.After(before.seenAt) {
		t.Error("the cookie does not record the use")
	}
	after.seenAt = before.seenAt
	if after != before {
		t.Errorf("the converted session is %+v, want %+v", after, before)
	}
	list := ann.sessionList()
	if len(list) != 1 || !list[0].Current || list[0].UserAgent != "Ann's phone" ||
		!list[0].CreatedAt.Equal(before.issuedAt) || !list[0].ExpiresAt.Equal(before.expiresAt) {
		t.Errorf("the listed sessions are %+v, want only the converted one", list)
	}
	app.wantCookie(t, true, old, "the old cookie, in a late request")
	ann.wantCode(http.StatusForbidden, "reauthentication_required", "DELETE", prefix+"/sessions", "")
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	app.wantCookie(t, false, old, "the old cookie, after the logout")
	app.Wait()
	app.wantRows(t, 0, 2) // the session, and its family
	if n := strings.Count(app.log.String(), "session_converted"); n != 1 {
		t.Errorf("session_converted is %d times in the log, want once", n)
	}
}

// Concurrent requests of a browser all succeed, with one row.
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
	app.Wait()
	app.wantRows(t, 1, 1)
	if n := strings.Count(app.log.String(), "session_converted"); n != 1 {
		t.Errorf("session_converted is %d times in the log, want once", n)
	}
}

// A session that was a row before it was in the cookie is converted back, whether its
// old row still exists or has expired, and ends like any other.
func TestBridgeAfterBridge(t *testing.T) {
	for name, left := range map[string]time.Duration{"expired": -time.Second, "late": 50 * time.Minute} {
		for how, end := range map[string]func(b *browser){
			"logout": func(b *browser) { b.want(http.StatusNoContent, "POST", prefix+"/logout", "") },
			"end of the session": func(b *browser) {
				b.want(http.StatusNoContent, "DELETE", prefix+"/sessions/"+b.session().id.handle(), "")
			},
			"re-authentication": func(b *browser) {
				b.want(http.StatusNoContent, "POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword}))
			},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				app := newTestApp(t)
				u := app.createUser(t, "ann@example.org", DefaultRole)
				s, cookie := app.legacySession(t, u.ID)
				row := s
				row.expiresAt = time.Now().Add(left)
				if _, err := keepSession(t.Context(), app.store.db, row, client{}); err != nil {
					t.Fatal(err)
				}
				ann := app.resume(t, cookie)
				ann.want(http.StatusOK, "GET", prefix+"/me", "")
				ann.want(http.StatusOK, "GET", prefix+"/me", "")
				app.Wait()
				app.wantRows(t, 1, 1)
				if list := ann.sessionList(); len(list) != 1 || !list[0].ExpiresAt.Equal(s.expiresAt) {
					t.Errorf("the listed sessions are %+v, want only the converted one", list)
				}
				end(ann)
				app.wantCookie(t, false, cookie, "the old cookie, after the "+how)
				var until time.Time
				if err := app.store.db.QueryRowContext(t.Context(), "SELECT expires_at FROM auth_ended_sessions").Scan((*dbTime)(&until)); err != nil || !until.Equal(s.expiresAt) {
					t.Errorf("the end is remembered until %v, want %v; error %v", until, s.expiresAt, err)
				}
			})
		}
	}
}

// A session that was not converted yet is listed while its old row exists, and only its
// user can end it there.
func TestEndLateRow(t *testing.T) {
	app := newTestApp(t)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	bob, _ := app.user(t, "bob@example.org", DefaultRole)
	s, cookie := app.legacySession(t, u.ID)
	_, other := app.legacySession(t, u.ID)
	row := s
	row.expiresAt = time.Now().Add(50 * time.Minute)
	if _, err := keepSession(t.Context(), app.store.db, row, client{}); err != nil {
		t.Fatal(err)
	}
	path := prefix + "/sessions/" + s.id.handle()
	bob.wantCode(http.StatusNotFound, "not_found", "DELETE", path, "")
	app.wantRows(t, 3, 0)
	ann.want(http.StatusNoContent, "DELETE", path, "")
	app.wantCookie(t, false, cookie, "the session that was ended")
	app.wantCookie(t, true, other, "another session of the user")
	var until time.Time
	query := bind("SELECT expires_at FROM auth_ended_sessions WHERE handle = ?")
	if err := app.store.db.QueryRowContext(t.Context(), query, s.id.handle()).Scan((*dbTime)(&until)); err != nil || until.Before(s.expiresAt) {
		t.Errorf("the end is remembered until %v, want %v or later; error %v", until, s.expiresAt, err)
	}
}

// Neither an invalid nor a late cookie causes a write, which others would have to wait for.
func TestWorkOfLegacyCookies(t *testing.T) {
	app, recorded := newRecordedApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	_, cookie := app.legacySession(t, u.ID)
	_, other := app.legacySession(t, u.ID)
	ann := app.resume(t, cookie)
	ann.want(http.StatusOK, "GET", prefix+"/me", "")
	app.Wait()
	recorded.take()
	check := func(alive bool, cookie, what string, want ...string) {
		t.Helper()
		app.wantCookie(t, alive, cookie, what)
		app.Wait()
		recorded.wantStatements(t, what, want...)
	}
	check(true, cookie, "the old cookie, in a late request", selectSessionUser, selectSession, selectUserByID)
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	recorded.take()
	check(false, cookie, "the old cookie, after the logout", selectSessionUser, selectSession)
	if err := app.endSessions(t.Context(), app.store.db, u.ID); err != nil {
		t.Fatal(err)
	}
	recorded.take()
	check(false, other, "a cookie of a version that has ended", selectSessionUser)
}

// Any request can be the first with the old cookie.
func TestBridgeByAnyRequest(t *testing.T) {
	for name, test := range map[string]struct {
		method, path, body string
		alive              bool
	}{
		"logout":            {"POST", "/logout", "", false},
		"re-authentication": {"POST", "/reauthenticate", jsonObject(map[string]any{"password": testPassword}), false},
		"other sessions":    {"DELETE", "/sessions", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			app := newTestApp(t)
			u := app.createUser(t, "ann@example.org", DefaultRole)
			_, cookie := app.legacySession(t, u.ID)
			ann := app.resume(t, cookie)
			ann.want(http.StatusNoContent, test.method, prefix+test.path, test.body)
			app.wantCookie(t, test.alive, cookie, "the old cookie")
			want := http.StatusOK
			if name == "logout" {
				want = http.StatusUnauthorized
			}
			ann.want(want, "GET", prefix+"/me", "")
		})
	}
}

// Sessions that have ended are not converted.
func TestBridgeRefuses(t *testing.T) {
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	for name, test := range map[string]struct {
		session func(*Session)
		before  func(*testing.T, *testApp, Session)
		ended   int
	}{
		"ended": {nil, func(t *testing.T, app *testApp, s Session) {
			if _, err := exec(t.Context(), app.store.db, "end", insertEndedSession, s.id.handle(), dbTime(s.expiresAt)); err != nil {
				t.Fatal(err)
			}
		}, 1},
		"all sessions ended": {nil, func(t *testing.T, app *testApp, s Session) {
			if err := app.endSessions(t.Context(), app.store.db, s.userID); err != nil {
				t.Fatal(err)
			}
		}, 0},
		"disabled": {nil, func(t *testing.T, app *testApp, s Session) {
			if _, err := app.store.db.ExecContext(t.Context(), bind(changeDisabled), true, s.userID); err != nil {
				t.Fatal(err)
			}
		}, 0},
		"deleted": {nil, func(t *testing.T, app *testApp, s Session) {
			if _, err := app.store.db.ExecContext(t.Context(), bind(dropUser), s.userID); err != nil {
				t.Fatal(err)
			}
		}, 0},
		"a later version": {func(s *Session) { s.version++ }, nil, 0},
		"expired":         {func(s *Session) { s.expiresAt = ago(0) }, nil, 0},
		"idle":            {func(s *Session) { s.seenAt = ago(maxTimeout) }, nil, 0},
		"authenticated long ago": {
			func(s *Session) { s.authenticatedAt = ago(maxTimeout) }, nil, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			app := newTestApp(t)
			u := app.createUser(t, "ann@example.org", DefaultRole)
			if test.session == nil {
				test.session = func(*Session) {}
			}
			s, cookie := app.legacySession(t, u.ID, test.session)
			if test.before != nil {
				test.before(t, app, s)
			}
			app.wantCookie(t, false, cookie, "the cookie")
			app.wantRows(t, 0, test.ended)
		})
	}
}

// The limits are those of the user's current role.
func TestBridgeUsesCurrentRole(t *testing.T) {
	i := slices.IndexFunc(testRoles(), Role.sensitive)
	if i < 0 || DefaultRole.sensitive() {
		t.Skip("all roles have the same limits")
	}
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	idle, _ := app.timeouts(testRoles()[i])
	_, cookie := app.legacySession(t, u.ID, func(s *Session) { s.seenAt = s.seenAt.Add(-idle) })
	if _, err := app.store.db.ExecContext(t.Context(), bind(changeRole), testRoles()[i], u.ID); err != nil {
		t.Fatal(err)
	}
	app.wantCookie(t, false, cookie, "a session that is idle for too long for the new role")
	app.wantRows(t, 0, 0)
}

// A converted session may end between the guard and the flow, like any other.
func TestBridgeRevokedSinceTheGuard(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	_, cookie := app.legacySession(t, u.ID)
	ann, late := app.resume(t, cookie), app.resume(t, cookie)
	ann.want(http.StatusOK, "GET", prefix+"/me", "")
	p := late.principal()
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	if err := app.EndOtherSessions(t.Context(), p); !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("EndOtherSessions for a session that has ended: %v", err)
	}
}

// A session that began as a row ends with the row.
func TestBridgeNeedsLegacyCookie(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	s, _ := app.legacySession(t, u.ID)
	app.wantCookie(t, false, app.legacyCookie(s, flagStyle), "the cookie of a missing row")
	app.wantCookie(t, false, app.legacyCookie(s, 4), "the cookie of another style")
	app.wantRows(t, 0, 0)
}

// Ending a user's sessions also ends those that have no rows yet.
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

// A login ends the previous session of the browser, even if that has no row yet.
func TestLogInReplacesLegacySession(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	_, cookie := app.legacySession(t, u.ID)
	ann := app.resume(t, cookie)
	ann.logIn(u.Email)
	app.wantCookie(t, false, cookie, "the session that the browser had")
	app.wantRows(t, 1, 1)
}

// A conversion does not exceed the maximum number of sessions.
func TestBridgeKeepsSessionLimit(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	row, err := userByID(t.Context(), app.store.db, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	for range maxSessions {
		if _, err := app.startSession(t.Context(), app.store.db, login{user: row}); err != nil {
			t.Fatal(err)
		}
	}
	_, cookie := app.legacySession(t, u.ID, func(s *Session) { s.seenAt = s.seenAt.Add(-time.Hour) })
	app.wantCookie(t, true, cookie, "one more session")
	app.wantCookie(t, true, cookie, "the same session, which was used last")
	app.Wait()
	app.wantRows(t, maxSessions, 1)
	if !strings.Contains(app.log.String(), "excess_sessions_exceeded") {
		t.Error("excess_sessions_exceeded is not in the log")
	}
}

// A conversion is remembered until the session would have expired.
func TestBridgeIsForgotten(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	s, cookie := app.legacySession(t, u.ID)
	app.wantCookie(t, true, cookie, "the session")
	for _, test := range []struct {
		before time.Time
		rows   int
	}{{s.expiresAt.Add(-time.Second), 1}, {s.expiresAt, 0}} {
		if _, err := app.removeExpired(t.Context(), test.before, sweepRows); err != nil {
			t.Fatal(err)
		}
		app.wantRows(t, test.rows, test.rows)
	}
}
