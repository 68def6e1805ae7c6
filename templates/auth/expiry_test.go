//authgen:unit session.go

package auth

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// These tests have a fake clock, which only time.Sleep advances, so they can test limits
// to the nanosecond.

// forEachRole runs a test with a fake clock for the default role, and for a sensitive
// role if there is one.
func forEachRole(t *testing.T, test func(t *testing.T, role Role)) {
	tested := map[bool]bool{}
	for _, role := range append([]Role{DefaultRole}, testRoles()...) {
		if tested[role.sensitive()] {
			continue
		}
		tested[role.sensitive()] = true
		t.Run(role.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, role) })
		})
	}
}

// The timeouts are those of Config, with shorter ones for sensitive roles.
func TestTimeouts(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	a := newOfflineAuth(t)
	for _, role := range testRoles() {
		wantIdle, wantAbsolute := 7*day, 30*day
		if role.sensitive() {
			wantIdle, wantAbsolute = hour, day
		}
		if idle, absolute := a.timeouts(role); idle != wantIdle || absolute != wantAbsolute {
			t.Errorf("%v: idle %v, absolute %v; want %v and %v", role, idle, absolute, wantIdle, wantAbsolute)
		}
	}
}

// A session ends when it has been idle for the idle timeout, to the nanosecond.
func TestIdleLimit(t *testing.T) {
	for _, path := range []string{"/test/user", "/test/optimistic"} {
		t.Run(path[len("/test/"):], func(t *testing.T) {
			forEachRole(t, func(t *testing.T, role Role) {
				v := newVisitor(t, role, false)
				idle, _ := v.auth.timeouts(role)
				time.Sleep(idle - 1)
				v.want(http.StatusOK, path, "just before the limit")

				v.logIn(role, false)
				time.Sleep(idle)
				v.want(http.StatusUnauthorized, path, "at the limit")
			})
		})
	}
}

// The idle timeout starts again with each use.
func TestUseKeepsSession(t *testing.T) {
	forEachRole(t, func(t *testing.T, role Role) {
		v := newVisitor(t, role, false)
		idle, _ := v.auth.timeouts(role)
		for range 3 {
			time.Sleep(idle - time.Millisecond)
			v.want(http.StatusOK, "/test/user", "in use")
		}
		time.Sleep(idle)
		v.want(http.StatusUnauthorized, "/test/user", "no longer in use")
	})
}

// The optimistic check does not count as a use; only the secure check does.
func TestOptimisticCheckDoesNotRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitor(t, DefaultRole, false)
		idle, _ := v.auth.timeouts(DefaultRole)
		time.Sleep(idle / 2)
		if _, header := v.get("/test/optimistic"); header.Get("Set-Cookie") != "" {
			t.Errorf("Set-Cookie %q, want none", header.Get("Set-Cookie"))
		}
	})
}

// A session in use ends at the absolute timeout, to the nanosecond, and no cookie lasts
// longer.
func TestAbsoluteLimit(t *testing.T) {
	forEachRole(t, func(t *testing.T, role Role) {
		v := newVisitor(t, role, true)
		idle, absolute := v.auth.timeouts(role)
		end := time.Now().Add(absolute)
		for time.Until(end) > idle/2 {
			time.Sleep(idle / 2)
			if time.Until(end) <= 0 {
				break
			}
			status, header := v.get("/test/user")
			if status != http.StatusOK {
				t.Fatalf("%v before the limit: status %d", time.Until(end), status)
			}
			if maxAge, ok := v.keep(header); !ok || maxAge <= 0 || maxAge > time.Until(end) {
				t.Errorf("%v before the limit: Max-Age %v, want more than 0 and at most the rest", time.Until(end), maxAge)
			}
		}
		time.Sleep(time.Until(end) - 1)
		v.want(http.StatusOK, "/test/optimistic", "just before the limit")
		v.want(http.StatusOK, "/test/user", "just before the limit")
		time.Sleep(time.Nanosecond)
		v.want(http.StatusUnauthorized, "/test/optimistic", "at the limit")
		v.want(http.StatusUnauthorized, "/test/user", "at the limit")
	})
}

// Changing credentials requires that the password was checked recently, to the
// nanosecond. Using the session does not count.
func TestFreshness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitor(t, DefaultRole, false)
		fresh := v.auth.config.FreshFor
		v.want(http.StatusOK, "/test/fresh", "at the start")
		time.Sleep(fresh - 1)
		v.want(http.StatusOK, "/test/fresh", "just before the limit")
		time.Sleep(time.Nanosecond)
		v.want(http.StatusForbidden, "/test/fresh", "at the limit")
		v.want(http.StatusOK, "/test/user", "at the limit")
		v.want(http.StatusForbidden, "/test/fresh", "just after a use")
	})
}

// A Principal does not stay fresh.
func TestFreshnessOfPrincipal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitor(t, DefaultRole, false)
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.Header.Set("Cookie", v.auth.cookieName+"="+v.cookie)
		r = v.auth.enter(r)
		p, err := Verify(r.Context())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(v.auth.config.FreshFor - 1)
		if !p.Fresh() {
			t.Error("not fresh just before the limit")
		}
		time.Sleep(time.Nanosecond)
		if p.Fresh() {
			t.Error("fresh at the limit")
		}
		if err := v.auth.EndOtherSessions(r.Context(), p); !errors.Is(err, ErrReauthenticationRequired) {
			t.Errorf("error %v, want %v", err, ErrReauthenticationRequired)
		}
	})
}

// The first use after five minutes, and none before, renews the cookie. It keeps the
// time of the password check.
func TestRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitor(t, DefaultRole, false)
		began := time.Now()
		before := v.cookie
		v.want(http.StatusOK, "/test/user", "at the start")
		time.Sleep(renewalInterval - 1)
		v.want(http.StatusOK, "/test/user", "just before five minutes")
		if v.cookie != before {
			t.Error("renewed before five minutes")
		}
		time.Sleep(time.Nanosecond)
		v.want(http.StatusOK, "/test/user", "at five minutes")
		if v.cookie == before {
			t.Error("not renewed at five minutes")
		}
		s, _ := v.auth.openSession(http.Header{"Cookie": {v.auth.cookieName + "=" + v.cookie}}, time.Now())
		if !s.seenAt.Equal(time.Now()) || !s.authenticatedAt.Equal(began) || !s.issuedAt.Equal(began) {
			t.Errorf("renewed as %+v: seen at %v, authenticated at %v, issued at %v", s, s.seenAt, s.authenticatedAt, s.issuedAt)
		}
		after := v.cookie
		time.Sleep(renewalInterval - 1)
		v.want(http.StatusOK, "/test/user", "just before another five minutes")
		if v.cookie != after {
			t.Error("renewed again before five minutes")
		}
	})
}

// A cookie has Max-Age only if the user asked to be remembered.
func TestRenewalRemembers(t *testing.T) {
	for _, remember := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			v := newVisitor(t, DefaultRole, remember)
			time.Sleep(renewalInterval)
			_, header := v.get("/test/user")
			line := header.Get("Set-Cookie")
			if line == "" || strings.Contains(line, "Max-Age=") != remember {
				t.Errorf("remember %v: Set-Cookie %q, want Max-Age only if remembered", remember, line)
			}
		})
	}
}

// Many concurrent requests all succeed when the cookie is due for renewal.
func TestRenewalParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitor(t, DefaultRole, false)
		time.Sleep(renewalInterval)
		statuses := make(chan int)
		for range 50 {
			go func() {
				status, _ := v.ask("/test/user")
				statuses <- status
			}()
		}
		for range 50 {
			if status := <-statuses; status != http.StatusOK {
				t.Errorf("status %d, want %d", status, http.StatusOK)
			}
		}
	})
}

// Only the clock of the server counts. Sessions from more than a minute in the future are
// refused, since the clocks of two servers may differ by a minute at most, and so are
// sessions that expire before they are issued.
func TestOtherClocks(t *testing.T) {
	a := newOfflineAuth(t)
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	idle, absolute := a.timeouts(DefaultRole)
	at := func(d time.Duration) Session {
		return Session{
			id: newSessionID(), userID: anyID(), role: DefaultRole, version: 1,
			issuedAt: now.Add(d), authenticatedAt: now.Add(d), seenAt: now.Add(d), expiresAt: now.Add(d).Add(absolute),
		}
	}
	with := func(s Session, change func(*Session)) Session {
		change(&s)
		return s
	}
	for _, test := range []struct {
		about string
		s     Session
		ok    bool
	}{
		{"now", at(0), true},
		{"clock ahead by a minute", at(clockSkew), true},
		{"clock ahead by more", at(clockSkew + 1), false},
		{"clock set back by an hour", at(time.Hour), false},
		{"issued in the future", with(at(0), func(s *Session) { s.issuedAt = now.Add(clockSkew + 1) }), false},
		{"seen in the future", with(at(0), func(s *Session) { s.seenAt = now.Add(clockSkew + 1) }), false},
		{"seen a minute in the future", with(at(0), func(s *Session) { s.seenAt = now.Add(clockSkew) }), true},
		{"just not idle", at(-idle + 1), true},
		{"idle", at(-idle), false},
		{"expires now", with(at(0), func(s *Session) { s.expiresAt = now }), false},
		{"expires in a nanosecond", with(at(0), func(s *Session) { s.expiresAt = now.Add(1) }), true},
		{"expires before it is issued", with(at(0), func(s *Session) { s.expiresAt = now.Add(-time.Hour) }), false},
		// Shorter timeouts also apply to existing sessions.
		{"just before the new absolute timeout", with(at(-absolute+1), func(s *Session) { s.seenAt, s.expiresAt = now, now.Add(absolute) }), true},
		{"at the new absolute timeout", with(at(-absolute), func(s *Session) { s.seenAt, s.expiresAt = now, now.Add(absolute) }), false},
		{"seen in 1970", with(at(0), func(s *Session) { s.seenAt = time.Unix(0, 0) }), false},
		{"in the far future", with(at(0), func(s *Session) {
			s.issuedAt = time.Unix(0, 1<<63-1)
			s.authenticatedAt, s.seenAt, s.expiresAt = s.issuedAt, s.issuedAt, s.issuedAt
		}), false},
	} {
		if s, _ := a.openSession(a.cookieHeader(test.s, now), now); s.exists() != test.ok {
			t.Errorf("%s: opened %t, want %t", test.about, s.exists(), test.ok)
		}
	}
}
