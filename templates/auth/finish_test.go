//authgen:unit account.go

package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// An application logs in a user whom it has authenticated itself.
func TestFinish(t *testing.T) {
	var hooked []User
	app := newTestApp(t, func(c *Config) {
		c.Hooks.LoggedIn = func(_ context.Context, u User) { hooked = append(hooked, u) }
	})
	ann := app.createUser(t, "ann@example.org", DefaultRole)
	disabled := app.createUser(t, "eve@example.org", DefaultRole)
	if _, err := app.store.db.ExecContext(t.Context(), bind(changeDisabled), true, disabled.ID); err != nil {
		t.Fatal(err)
	}
	id := ann.ID
	table := append(usualRoutes(app.Auth), Route{
		Method: "POST", Path: prefix + "/exchange", Public: true,
		Handler: func(r *Request) (Answer, error) {
			u, err := app.Finish(r.Context(), id, MethodApplication)
			if err == nil {
				if p, err := Verify(r.Context()); err != nil || p.UserID() != id {
					t.Errorf("after Finish, Verify returns %v, %v", p, err)
				}
			}
			return Answer{Value: u}, err
		},
	})
	app.server = startTLS(t, app.applicationWith(table))
	b := app.browser(t)
	if u := readUser(t, b.want(http.StatusOK, "POST", prefix+"/exchange", "")); u.ID != ann.ID {
		t.Errorf("logged in as %+v, want the user %s", u, ann.ID)
	}
	if s := b.session(); s.Method() != MethodApplication || s.UserID() != ann.ID || len(hooked) != 1 {
		t.Errorf("session %v by the method %v, Hooks.LoggedIn called %d times; want the user %s by %v, once",
			s, s.Method(), len(hooked), ann.ID, MethodApplication)
	}
	if p := app.principal(t, b); p.Method() != MethodApplication {
		t.Errorf("the principal has the method %v, want %v", p.Method(), MethodApplication)
	}
	first := b.cookie()
	b.want(http.StatusOK, "GET", prefix+"/me", "")
	b.want(http.StatusOK, "POST", prefix+"/exchange", "")
	app.wantCookie(t, false, first, "the session before the second login")

	id = disabled.ID
	app.browser(t).wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/exchange", "")
	id = noUser
	app.browser(t).wantCode(http.StatusNotFound, "not_found", "POST", prefix+"/exchange", "")
	if _, err := app.Finish(t.Context(), ann.ID, MethodApplication); err == nil {
		t.Error("Finish outside of a request: no error")
	}
}

// EndAll ends all sessions of the user, and no others, for every reason.
func TestEndAll(t *testing.T) {
	app := newTestApp(t)
	for why := PasswordChanged; endings[why].name != ""; why++ {
		ann, u := app.user(t, fmt.Sprintf("ann%d@example.org", why), DefaultRole)
		laptop := app.device(t, u.Email)
		bob, _ := app.user(t, fmt.Sprintf("bob%d@example.org", why), DefaultRole)
		if err := app.EndAll(t.Context(), u.ID, why); err != nil {
			t.Fatal(err)
		}
		app.wantCookie(t, false, ann.cookie(), endings[why].name)
		app.wantCookie(t, false, laptop.cookie(), endings[why].name)
		app.wantCookie(t, true, bob.cookie(), "the session of another user")
	}
	if err := app.EndAll(t.Context(), noUser, EndedByOperator); !errors.Is(err, ErrNotFound) {
		t.Errorf("EndAll for an unknown user: error %v, want %v", err, ErrNotFound)
	}
	u := app.createUser(t, "carl@example.org", DefaultRole)
	for _, why := range []EndReason{0, 255} {
		if err := app.EndAll(t.Context(), u.ID, why); err == nil {
			t.Errorf("EndAll for the reason %d: no error", why)
		}
	}
}

// Tx checks the principal again before it calls the function of the application.
func TestTx(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	p := b.principal()
	ran := 0
	count := func(tx *sql.Tx) error {
		ran++
		_, err := userByID(t.Context(), tx, u.ID)
		return err
	}
	if err := app.Tx(t.Context(), p, count); err != nil || ran != 1 {
		t.Errorf("Tx: error %v, ran %d times; want once", err, ran)
	}
	failed := errors.New("failed")
	err := app.Tx(t.Context(), p, func(tx *sql.Tx) error {
		if _, err := exec(t.Context(), tx, "change a password", bind(changePassword), "x", u.ID); err != nil {
			return err
		}
		return failed
	})
	if after, _ := userByID(t.Context(), app.store.db, u.ID); !errors.Is(err, failed) || after.passwordHash == "x" {
		t.Errorf("Tx with a failing function: error %v, change kept: %t", err, after.passwordHash == "x")
	}
	b.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	if err := app.Tx(t.Context(), p, count); !errors.Is(err, ErrUnauthenticated) || ran != 1 {
		t.Errorf("Tx for a session that has ended: error %v, ran %d times in total", err, ran)
	}
	if err := app.Tx(t.Context(), Principal{}, count); !errors.Is(err, ErrUnauthenticated) || ran != 1 {
		t.Errorf("Tx for the zero Principal: error %v, ran %d times in total", err, ran)
	}
}

// After a logout, no session of its family is valid, even if the session was replaced
// concurrently.
func TestLogOutEndsFamily(t *testing.T) {
	app := newTestApp(t)
	app.createUser(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, "ann@example.org")
	for range 10 {
		phone := app.device(t, "ann@example.org")
		before := phone.cookie()
		renewing, leaving := app.resume(t, before), app.resume(t, before)
		var wg sync.WaitGroup
		wg.Go(func() {
			renewing.do("POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword}))
		})
		var logout answer
		wg.Go(func() { logout = leaving.do("POST", prefix+"/logout", "") })
		wg.Wait()
		if logout.Status == http.StatusNoContent {
			app.wantCookie(t, false, before, "the session that was logged out")
			if renewed := renewing.cookie(); renewed != before && renewed != "" {
				app.wantCookie(t, false, renewed, "the session that replaced it concurrently")
			}
		}
	}
	app.wantCookie(t, true, laptop.cookie(), "the session on another device")
}

// The same in the most critical order: the session is replaced after the guard has let
// the logout pass.
func TestLogOutAfterTheSessionWasReplaced(t *testing.T) {
	app := newTestApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, "ann@example.org")
	p, old := b.principal(), b.cookie()
	for range 2 {
		b.want(http.StatusNoContent, "POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword}))
	}
	if err := app.LogOut(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	app.wantCookie(t, false, old, "the session that was logged out")
	app.wantCookie(t, false, b.cookie(), "the session that replaced it")
	app.wantCookie(t, true, laptop.cookie(), "the session on another device")
}

// A cookie that this instance cannot read is kept, since another instance may read it.
func TestUnreadableCookieIsKept(t *testing.T) {
	key := testKeys(1)
	app := newTestApp(t, func(c *Config) { c.Keys = key })
	_, u := app.user(t, "ann@example.org", DefaultRole)
	now := time.Now()
	s := app.newSession(login{user: user{id: u.ID, role: DefaultRole, version: 1}})
	early, old := s, s
	early.issuedAt = now.Add(2 * clockSkew)
	old.seenAt = now.Add(-app.config.IdleTimeout)
	newer := s.appendClaims(nil)
	newer = append(newer[:len(newer)-len(s.role.String())], "a role that only newer instances know"...)
	for name, test := range map[string]struct {
		cookie  string
		deleted bool
	}{
		"another key":     {newOfflineAuth(t).sealer.seal(s.appendClaims(nil), now), false},
		"another role":    {app.sealer.seal(newer, now), false},
		"another version": {app.sealer.seal(append([]byte{claimsVersion + 1}, s.appendClaims(nil)[1:]...), now), false},
		"a clock ahead":   {app.sealer.seal(early.appendClaims(nil), now), false},
		"garbage":         {"garbage", false},
		"idle":            {app.sealer.seal(old.appendClaims(nil), now), true},
	} {
		got := app.browser(t).want(http.StatusUnauthorized, "GET", prefix+"/me", "", func(r *http.Request) {
			r.Header.Set("Cookie", app.cookieName+"="+test.cookie)
		})
		if deleted := app.sessionCookie(t, got) != nil; deleted != test.deleted {
			t.Errorf("%s: deleted %t, want %t", name, deleted, test.deleted)
		}
	}
	if n := strings.Count(app.log.String(), "from the future"); n != 1 {
		t.Errorf("the log says %d times that a clock is wrong, want once", n)
	}
}

// A user with an unknown role cannot log in, and the log says why.
func TestUnknownRoleIsLogged(t *testing.T) {
	app := newTestApp(t)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	if _, err := app.store.db.ExecContext(t.Context(), bind(loseRole[0]), u.ID); err != nil {
		t.Fatal(err)
	}
	app.browser(t).wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/login", credentials(u.Email, testPassword))
	if log := app.log.String(); !strings.Contains(log, "unknown role in the database") || !strings.Contains(log, u.ID.String()) {
		t.Errorf("the unknown role of the user %s is not in the log: %s", u.ID, log)
	}
	app.browser(t).want(http.StatusUnauthorized, "POST", prefix+"/login", credentials(u.Email, wrongPassword))
	if n := strings.Count(app.log.String(), "unknown role in the database"); n != 1 {
		t.Errorf("logged %d times, want once: not for a wrong password", n)
	}
}

// Headers that affect the rest of the site are off by default.
func TestSiteWideHeaders(t *testing.T) {
	for _, test := range []struct {
		base, hsts, clear string // of the configuration
		wantHSTS          string
	}{
		{"https://example.com", "", "", "max-age=31536000"},
		{"https://example.com", "max-age=0", `"cookies"`, "max-age=0"},
		{"https://example.com", "max-age=1; includeSubDomains", `"cache", "storage"`, "max-age=1; includeSubDomains"},
		{"http://localhost:8080", "max-age=1", "", ""},
	} {
		a := newOfflineAuth(t, func(c *Config) { c.BaseURL, c.HSTS, c.ClearSiteData = test.base, test.hsts, test.clear })
		header := make(http.Header)
		a.setHeaders(header)
		if got := header.Get("Strict-Transport-Security"); got != test.wantHSTS {
			t.Errorf("%+v: Strict-Transport-Security %q, want %q", test, got, test.wantHSTS)
		}
		rs := &requestState{auth: a, header: header}
		a.setSession(withState(t.Context(), rs), Session{})
		if got := header.Get("Clear-Site-Data"); got != test.clear {
			t.Errorf("%+v: Clear-Site-Data %q, want %q", test, got, test.clear)
		}
	}
}
