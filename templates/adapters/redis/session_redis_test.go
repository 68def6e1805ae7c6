//authgen:if redis

package auth

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// session returns the session in the cookie.
func (v *visitor) session() Session {
	v.tb.Helper()
	s, _ := v.auth.openSession(http.Header{"Cookie": {v.auth.cookieName + "=" + v.cookie}}, time.Now())
	if !s.exists() {
		v.tb.Fatal("the visitor has no session")
	}
	return s
}

// lifetime returns how long Redis keeps the sessions of a user.
func (a *Auth) lifetime(tb testing.TB, id UserID) time.Duration {
	tb.Helper()
	d, err := a.config.Redis.PTTL(tb.Context(), sessionsKey(id)).Result()
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// The record of a session is updated at most every five minutes, however often the session
// is used, and whether or not the client accepts the new cookies.
func TestTouch(t *testing.T) {
	for _, takesCookies := range []bool{true, false} {
		t.Run(strconv.FormatBool(takesCookies), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVisitor(t, DefaultRole, false)
				s := v.session()
				before, _ := v.auth.stored(t, s)
				last := before.seenAt
				writes := 0
				for range 60 {
					time.Sleep(time.Minute)
					status, header := v.get("/test/user")
					if status != http.StatusOK {
						t.Fatalf("status %d, want %d", status, http.StatusOK)
					}
					if takesCookies {
						v.keep(header)
					}
					r, _ := v.auth.stored(t, s)
					if r.seenAt.Equal(last) {
						continue
					}
					if r.seenAt.Sub(last) < renewalInterval || !r.seenAt.Equal(time.Now()) {
						t.Errorf("seenAt changed from %v to %v at %v, want the current time and at least %v later", last, r.seenAt, time.Now(), renewalInterval)
					}
					last = r.seenAt
					writes++
				}
				if writes != 12 {
					t.Errorf("%d writes in an hour, want 12", writes)
				}
				after, _ := v.auth.stored(t, s)
				if after.seenAt = before.seenAt; after != before {
					t.Errorf("more than the last use has changed:%s", unequal(before, after))
				}
			})
		})
	}
}

// Recording a use late, after the session has ended or was used again, changes nothing.
func TestLateTouch(t *testing.T) {
	app := newTestApp(t)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	app.device(t, "ann@example.org") // keeps the key
	s := ann.session()
	touch := func(at time.Time) int64 {
		t.Helper()
		n, err := app.run(t.Context(), "touch a session", touchScript, u.ID, s.id.handle(), at.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	lifetime := app.lifetime(t, u.ID)
	at := s.seenAt.Add(clockSkew)
	if n := touch(at); n != 1 {
		t.Errorf("a use: changed %d sessions, want 1", n)
	}
	if n := touch(at.Add(-time.Second)); n != 0 {
		t.Errorf("a use before the last one: changed %d sessions, want 0", n)
	}
	if r, _ := app.stored(t, s); !r.seenAt.Equal(at) {
		t.Errorf("seen at %v, want %v", r.seenAt, at)
	}
	if got := app.lifetime(t, u.ID); got > lifetime {
		t.Errorf("after uses, kept for %v, want at most %v", got, lifetime)
	}
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	if n := touch(at.Add(time.Hour)); n != 0 {
		t.Errorf("a use after the end: changed %d sessions, want 0", n)
	}
	if _, ok := app.stored(t, s); ok {
		t.Error("a use after its end restored the session")
	}
}

// The times in the record of a session decide, not those in the cookie.
func TestStoredSessionDecides(t *testing.T) {
	for name, change := range map[string]func(a *Auth, r *record){
		"expired": func(_ *Auth, r *record) { r.expiresAt = time.Now() },
		"idle": func(a *Auth, r *record) {
			idle, _ := a.timeouts(DefaultRole)
			r.seenAt = time.Now().Add(-idle)
		},
		"authenticated too long ago": func(a *Auth, r *record) {
			_, absolute := a.timeouts(DefaultRole)
			r.authenticatedAt = time.Now().Add(-absolute)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVisitor(t, DefaultRole, false)
				v.want(http.StatusOK, "/test/user", "at the start")
				v.auth.rewrite(t, v.session(), func(r *record) { change(v.auth, r) })
				v.want(http.StatusOK, "/test/optimistic", "after the change")
				v.want(http.StatusUnauthorized, "/test/user", "after the change")
			})
		})
	}
}

// The key of a user's sessions expires with the last of them, not earlier or later.
func TestLifetimeInRedis(t *testing.T) {
	a := newTestAuth(t, func(c *Config) {
		c.AbsoluteTimeout, c.IdleTimeout = 3*time.Hour, 3*time.Hour
	})
	dto, err := a.CreateUser(t.Context(), NewUser{Email: "ann@example.org", Password: testPassword, Role: DefaultRole})
	if err != nil {
		t.Fatal(err)
	}
	u, err := userByID(t.Context(), a.store.db, dto.ID)
	if err != nil {
		t.Fatal(err)
	}
	start := func(absolute time.Duration) Session {
		t.Helper()
		a.config.AbsoluteTimeout, a.config.SensitiveAbsoluteTimeout = absolute, absolute
		s, err := a.startSession(t.Context(), a.store.db, login{user: u})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	within := func(want time.Duration, what string) {
		t.Helper()
		if got := a.lifetime(t, u.id); got > want || got < want-time.Minute {
			t.Errorf("%s: kept for %v, want %v or a little less", what, got, want)
		}
	}
	start(2 * time.Hour)
	within(2*time.Hour, "one session")
	short := start(time.Hour)
	within(2*time.Hour, "another session that expires earlier")
	start(3 * time.Hour)
	within(3*time.Hour, "a session that expires later")
	if _, err := a.endOtherSessions(t.Context(), a.store.db, short); err != nil {
		t.Fatal(err)
	}
	within(time.Hour, "the remaining session")
	if err := a.endSession(t.Context(), a.store.db, short); err != nil {
		t.Fatal(err)
	}
	if n := a.config.Redis.Exists(t.Context(), sessionsKey(u.id)).Val(); n != 0 {
		t.Error("the key of a user without sessions still exists")
	}
}
