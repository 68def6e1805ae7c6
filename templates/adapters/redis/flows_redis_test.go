//authgen:if redis
//authgen:as sessions_test.go

package auth

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// secureCheck is the statement of the secure check.
const secureCheck = selectUserState

// stored returns the record of a session in Redis, and whether it exists.
func (a *Auth) stored(tb testing.TB, s Session) (r record, ok bool) {
	tb.Helper()
	all, err := a.config.Redis.HGetAll(tb.Context(), sessionsKey(s.userID)).Result()
	if err != nil {
		tb.Fatal(err)
	}
	text, ok := all[s.id.handle()]
	if !ok {
		return record{}, false
	}
	if r, ok = parseRecord(text); !ok {
		tb.Fatalf("Redis has the invalid record %q", text)
	}
	return r, true
}

// rewrite changes the record of a session in Redis.
func (a *Auth) rewrite(tb testing.TB, s Session, change func(*record)) {
	tb.Helper()
	r, ok := a.stored(tb, s)
	if !ok {
		tb.Fatal("the session is not in Redis")
	}
	change(&r)
	if err := a.config.Redis.HSet(tb.Context(), sessionsKey(s.userID), s.id.handle(), r.String()).Err(); err != nil {
		tb.Fatal(err)
	}
}

// age makes the password check of the browser's session older by d.
func (b *browser) age(d time.Duration) {
	b.tb.Helper()
	b.app.rewrite(b.tb, b.session(), func(r *record) { r.authenticatedAt = r.authenticatedAt.Add(-d) })
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
		r.Header.Set("User-Agent", "Ann's\tphone")
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
		if s.Current && s.UserAgent != "Ann's\tphone" {
			t.Errorf("user agent %q, want %q", s.UserAgent, "Ann's\tphone")
		}
		if s.Client != "127.0.0.1" && s.Client != "::1" {
			t.Errorf("client %q, want a loopback address", s.Client)
		}
		if s.CreatedAt.IsZero() || s.SeenAt.Before(s.CreatedAt) || !s.ExpiresAt.After(s.SeenAt) {
			t.Errorf("the times of the session are not in order: %+v", s)
		}
	}
	app.rewrite(t, laptop.session(), func(r *record) { r.seenAt = r.seenAt.Add(time.Second) })
	if got := phone.sessionList(); got[0].Current {
		t.Error("the most recently used session is not the first")
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

// The list contains only the records of valid sessions.
func TestListNoEndedSessions(t *testing.T) {
	app := newTestApp(t)
	phone, _ := app.user(t, "ann@example.org", DefaultRole)
	idle, _ := app.timeouts(DefaultRole)
	for name, change := range map[string]func(*record){
		"expired":  func(r *record) { r.expiresAt = time.Now() },
		"idle":     func(r *record) { r.seenAt = r.seenAt.Add(-idle) },
		"outdated": func(r *record) { r.version++ },
	} {
		app.rewrite(t, app.device(t, "ann@example.org").session(), change)
		if got := phone.sessionList(); len(got) != 1 || !got[0].Current {
			t.Errorf("an %s session is in the list: %+v", name, got)
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
}

// After the other sessions have ended, the remaining one has a cookie of the new version,
// and is still in the list.
func TestEndOtherSessionsRaisesTheVersion(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, "ann@example.org")
	before, kept := ann.session(), ann.cookie()
	lost, _ := app.stored(t, laptop.session())
	ann.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
	if after := ann.session(); after.version != before.version+1 || after.id != before.id {
		t.Errorf("version %d, want %d; same session: %t, want true", after.version, before.version+1, after.id == before.id)
	}
	if got := ann.sessionList(); len(got) != 1 || !got[0].Current {
		t.Errorf("sessions %+v, want the one of the request", got)
	}
	app.wantCookie(t, false, kept, "the cookie of the old version")
	// Ended sessions stay invalid even if Redis restores old data.
	if err := app.config.Redis.HSet(t.Context(), sessionsKey(before.userID), laptop.session().id.handle(), lost.String()).Err(); err != nil {
		t.Fatal(err)
	}
	app.wantCookie(t, false, laptop.cookie(), "a session that Redis restored")
}

// The content of Redis must not give access to a session.
func TestHandleIsNotACookie(t *testing.T) {
	app := newTestApp(t)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	all, err := app.config.Redis.HGetAll(t.Context(), sessionsKey(u.ID)).Result()
	if err != nil || len(all) != 1 {
		t.Fatalf("%d sessions, error %v; want 1 session", len(all), err)
	}
	for handle := range all {
		if strings.Contains(ann.cookie(), handle) {
			t.Error("the cookie contains the handle")
		}
		app.browser(t).want(http.StatusUnauthorized, "GET", prefix+"/me", "", func(r *http.Request) {
			r.Header.Set("Cookie", app.cookieName+"="+handle)
		})
	}
}

func TestSessionDeletedFromRedis(t *testing.T) {
	app := newTestApp(t)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	for name, write := range map[string]func() error{
		"deleted": func() error { return app.config.Redis.Del(t.Context(), sessionsKey(u.ID)).Err() },
		"damaged": func() error {
			return app.config.Redis.HSet(t.Context(), sessionsKey(u.ID), ann.session().id.handle(), "1\t2\t3").Err()
		},
	} {
		ann.logIn("ann@example.org")
		if err := write(); err != nil {
			t.Fatal(err)
		}
		got := ann.wantCode(http.StatusUnauthorized, "unauthenticated", "GET", prefix+"/me", "")
		// The cookie is not deleted, since the response to another request may just have
		// replaced it.
		if cookies := got.Header["Set-Cookie"]; len(cookies) > 0 {
			t.Errorf("a %s session: the response sets the cookies %q, want none", name, cookies)
		}
	}
}

// A user has at most maxSessions sessions; a new one replaces the least recently used.
func TestSurplusSessions(t *testing.T) {
	app := newTestApp(t)
	first, u := app.user(t, "ann@example.org", DefaultRole)
	app.rewrite(t, first.session(), func(r *record) { r.seenAt = r.seenAt.Add(-time.Second) })
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
	if strings.Contains(app.log.String(), "excess_sessions_exceeded") {
		t.Error("excess_sessions_exceeded is in the log too early")
	}
	if _, err := app.startSession(t.Context(), app.store.db, login{user: row}); err != nil {
		t.Fatal(err)
	}
	first.want(http.StatusUnauthorized, "GET", prefix+"/me", "")
	if !strings.Contains(app.log.String(), "excess_sessions_exceeded") {
		t.Error("excess_sessions_exceeded is not in the log")
	}
}

// Concurrent logins end exactly as many sessions as necessary, and not each other's.
func TestSurplusSessionsParallel(t *testing.T) {
	a := newTestAuth(t)
	dto, err := a.CreateUser(t.Context(), NewUser{Email: "ann@example.org", Password: testPassword, Role: DefaultRole})
	if err != nil {
		t.Fatal(err)
	}
	u, err := userByID(t.Context(), a.store.db, dto.ID)
	if err != nil {
		t.Fatal(err)
	}
	start := func() Session {
		s, err := a.startSession(t.Context(), a.store.db, login{user: u})
		if err != nil {
			t.Error(err)
		}
		return s
	}
	var old []Session
	for range maxSessions - 2 {
		s := start()
		a.rewrite(t, s, func(r *record) { r.seenAt = r.seenAt.Add(-time.Minute) })
		old = append(old, s)
	}
	const parallel = 20
	started := make([]Session, parallel)
	var wg sync.WaitGroup
	for i := range started {
		wg.Go(func() { started[i] = start() })
	}
	wg.Wait()
	for _, s := range started {
		if _, ok := a.stored(t, s); !ok {
			t.Error("a session that was just started no longer exists")
		}
	}
	left := 0
	for _, s := range old {
		if _, ok := a.stored(t, s); ok {
			left++
		}
	}
	if left != maxSessions-parallel {
		t.Errorf("%d of the %d earlier sessions are left, want %d", left, len(old), maxSessions-parallel)
	}
}

// Expired sessions are removed without an event.
func TestExpiredSessionsMakeRoom(t *testing.T) {
	app := newTestApp(t)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	expired := ann.session()
	app.rewrite(t, expired, func(r *record) { r.expiresAt = time.Now().Add(-clockSkew) })
	app.device(t, "ann@example.org")
	if _, ok := app.stored(t, expired); ok {
		t.Error("an expired session still exists after another login")
	}
	if n := app.config.Redis.HLen(t.Context(), sessionsKey(u.ID)).Val(); n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}
	if strings.Contains(app.log.String(), "excess_sessions_exceeded") {
		t.Error("excess_sessions_exceeded is in the log")
	}
}
