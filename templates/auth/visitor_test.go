package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// visitor is a client with one session cookie. It ignores Max-Age, like somebody who tries
// to use an expired session.
type visitor struct {
	tb     testing.TB
	auth   *Auth
	router testRouter
	cookie string
}

// newVisitor returns a visitor who has just logged in to a new application.
func newVisitor(tb testing.TB, role Role, remember bool, change ...func(*Config)) *visitor {
	tb.Helper()
	a := newTestAuth(tb, change...)
	ok := status(func(context.Context) int { return http.StatusOK })
	v := &visitor{tb: tb, auth: a, router: a.applicationOf(
		testRoute{"GET /test/user", []testGuard{a.RequireUser}, ok},
		testRoute{"GET /test/fresh", []testGuard{a.RequireFresh}, ok},
		testRoute{"GET /test/optimistic", nil, status(func(ctx context.Context) int {
			if _, ok := SessionFrom(ctx); !ok {
				return http.StatusUnauthorized
			}
			return http.StatusOK
		})},
	)}
	v.logIn(role, remember)
	return v
}

// logIn begins a session of a new user.
func (v *visitor) logIn(role Role, remember bool) {
	v.tb.Helper()
	email := newSessionID().handle()[:20] + "@example.org"
	dto, err := v.auth.CreateUser(v.tb.Context(), NewUser{Email: email, Password: testPassword, Role: role})
	if err != nil {
		v.tb.Fatal(err)
	}
	u, err := userByID(v.tb.Context(), v.auth.store.db, dto.ID)
	if err != nil {
		v.tb.Fatal(err)
	}
	s, err := v.auth.startSession(v.tb.Context(), v.auth.store.db, login{user: u, remember: remember})
	if err != nil {
		v.tb.Fatal(err)
	}
	header := http.Header{}
	v.auth.setSessionCookie(header, s)
	v.keep(header)
}

// keep stores the cookie that a response sets, and returns its Max-Age. It reports false
// if there is none.
func (v *visitor) keep(header http.Header) (maxAge time.Duration, ok bool) {
	v.tb.Helper()
	line := header.Get("Set-Cookie")
	if line == "" {
		return 0, false
	}
	c, err := http.ParseSetCookie(line)
	if err != nil {
		v.tb.Fatal(err)
	}
	v.cookie = c.Value
	return time.Duration(c.MaxAge) * time.Second, true
}

// get returns the response for a path, after background work is done. It does not store
// the cookie.
func (v *visitor) get(path string) (status int, header http.Header) {
	defer v.auth.Wait()
	return v.ask(path)
}

// ask is like get, but does not wait for background work. Calls may be concurrent.
func (v *visitor) ask(path string) (status int, header http.Header) {
	r := httptest.NewRequestWithContext(v.tb.Context(), "GET", path, nil)
	r.Header.Set("Cookie", v.auth.cookieName+"="+v.cookie)
	w := exchange(v.router, r)
	return w.Code, w.Header()
}

// want fails the test if the response for a path has another status. It stores the
// cookie.
func (v *visitor) want(status int, path, when string) {
	v.tb.Helper()
	got, header := v.get(path)
	if got != status {
		v.tb.Errorf("%s: GET %s: status %d, want %d", when, path, got, status)
	}
	v.keep(header)
}
