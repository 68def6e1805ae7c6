//authgen:unit store.go

package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestStatementsOfTheChecks(t *testing.T) {
	app, recorded := newRecordedApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	app.Wait()
	recorded.take()

	app.serve(t,
		testRoute{"GET /optimistic", nil, status(func(ctx context.Context) int {
			if s, ok := SessionFrom(ctx); ok && s.UserID() != u.ID {
				t.Errorf("the session belongs to %s, want %s", s.UserID(), u.ID)
			}
			return http.StatusOK
		})},
		// The secure check runs once for each request, however often Verify is called.
		testRoute{"GET /secure", []testGuard{app.RequireUser, app.RequireRole(DefaultRole), app.RequireFresh}, status(func(ctx context.Context) int {
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					if p, err := Verify(ctx); err != nil || p.UserID() != u.ID {
						t.Errorf("Verify: %v, error %v; want the user %s", p, err, u.ID)
					}
				})
			}
			wg.Wait()
			return http.StatusNoContent
		})},
	)
	loggedIn, visitor, garbage := app.resume(t, b.cookie()), app.browser(t), app.resume(t, "garbage")

	loggedIn.want(http.StatusNoContent, "GET", "/secure", "")
	recorded.wantStatements(t, "the secure check", secureCheck)
	loggedIn.want(http.StatusNoContent, "GET", "/secure", "")
	recorded.wantStatements(t, "the secure check of the next request", secureCheck)

	loggedIn.want(http.StatusOK, "GET", "/optimistic", "")
	visitor.want(http.StatusOK, "GET", "/optimistic", "")
	visitor.want(http.StatusUnauthorized, "GET", "/secure", "")
	garbage.want(http.StatusUnauthorized, "GET", "/secure", "")
	recorded.wantStatements(t, "the optimistic check, and visitors")
}

//authgen:if gate
func TestStatementsOfTheGate(t *testing.T) {
	app, recorded := newRecordedApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	app.Wait()
	recorded.take()
	app.serve(t)
	for _, client := range []*browser{app.resume(t, b.cookie()), app.browser(t)} {
		for _, path := range append(publicPaths, protectedPaths...) {
			client.do("GET", path, "")
		}
	}
	recorded.wantStatements(t, "the gate")
}

// The time of the response does not reveal whether an address is known.
func TestWorkOfLogIn(t *testing.T) {
	app, recorded := newRecordedApp(t)
	app.createUser(t, "ann@example.org", DefaultRole)
	disabled := app.createUser(t, "eve@example.org", DefaultRole)
	if _, err := app.store.db.ExecContext(t.Context(), bind(changeDisabled), true, disabled.ID); err != nil {
		t.Fatal(err)
	}
	recorded.take()
	derivations := app.countDerivations()
	b := app.browser(t)
	for what, in := range map[string]string{
		"a wrong password":   credentials("ann@example.org", wrongPassword),
		"an unknown address": credentials("nobody@example.org", wrongPassword),
		"a disabled account": credentials(disabled.Email, testPassword),
	} {
		b.want(http.StatusUnauthorized, "POST", prefix+"/login", in)
		recorded.wantStatements(t, what, selectUserByEmail)
		if n := derivations(); n != 1 {
			t.Errorf("%s: the password was hashed %d times, want once", what, n)
		}
	}
}

// Requests that are refused for other reasons do not hash a password.
func TestWorkOfRefusals(t *testing.T) {
	app, recorded := newRecordedApp(t)
	app.createUser(t, "ann@example.org", DefaultRole)
	locked := app.createUser(t, "locked@example.org", DefaultRole)
	b := app.browser(t)
	for range accountFailures {
		b.want(http.StatusUnauthorized, "POST", prefix+"/login", credentials(locked.Email, wrongPassword))
	}
	derivations := app.countDerivations()
	recorded.take()

	valid := credentials("ann@example.org", testPassword)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, route := range usualRoutes(app.Auth) {
		if !route.Public {
			continue // passwords are hashed for visitors
		}
		for _, test := range []struct {
			status int
			body   string
			change func(*http.Request)
		}{
			{http.StatusUnsupportedMediaType, valid, header("Content-Type", "text/plain")},
			{http.StatusForbidden, valid, header("Sec-Fetch-Site", "cross-site")},
			{http.StatusRequestEntityTooLarge, valid + strings.Repeat(" ", maxBody), header("Accept", "*/*")},
			{http.StatusBadRequest, `{"email":`, header("Accept", "*/*")},
			{http.StatusBadRequest, credentials("ann", testPassword), header("Accept", "*/*")},
			{http.StatusBadRequest, credentials("ann@example.org", ""), header("Accept", "*/*")},
			{http.StatusBadRequest, credentials("ann@example.org", strings.Repeat("a", maxPasswordLength+1)), header("Accept", "*/*")},
		} {
			b.want(test.status, route.Method, route.Path, test.body, test.change)
		}
	}
	b.want(http.StatusTooManyRequests, "POST", prefix+"/login", credentials(locked.Email, testPassword))
	recorded.wantStatements(t, "refused requests")
	if n := derivations(); n > 0 {
		t.Errorf("refused requests hashed %d passwords, want none", n)
	}
}

// If the database fails, nobody gets access, nobody is logged out, and the answer does
// not contain the error.
func TestDatabaseFails(t *testing.T) {
	app, recorded := newRecordedApp(t)
	b, u := app.user(t, "ann@example.org", lastRole)
	app.Wait()
	const message = "driver: no such table auth_users near SELECT"
	check := func(what string) {
		for _, route := range routeCases(app.Auth) {
			client := app.resume(t, b.cookie())
			if route.Public {
				client = app.browser(t)
			}
			got := client.do(route.Method, strings.ReplaceAll(route.Path, "{id}", u.ID.String()), route.body)
			if got.Status != http.StatusInternalServerError || got.Code() != "internal" {
				t.Errorf("%s: %s: status %d, want 500; body %s", what, route.Name, got.Status, got.Body)
			}
			if app.sessionCookie(t, got) != nil {
				t.Errorf("%s: %s: sets the cookie %q", what, route.Name, got.Header["Set-Cookie"])
			}
			for _, word := range []string{"driver", "SELECT", "sql", "closed"} {
				if strings.Contains(got.Body, word) {
					t.Errorf("%s: %s: the answer contains %q: %s", what, route.Name, word, got.Body)
				}
			}
		}
	}
	recorded.failWith(errors.New(message))
	check("failing statements")
	if !strings.Contains(app.log.String(), message) {
		t.Error("the error of the database is not in the log")
	}
	recorded.failWith(nil)
	app.wantCookie(t, true, b.cookie(), "when the database works again")

	if err := app.store.db.Close(); err != nil {
		t.Fatal(err)
	}
	check("a closed database")
}

// An attempt that could not be checked does not count as a failure.
func TestDatabaseFailuresAreNotCounted(t *testing.T) {
	app, recorded := newRecordedApp(t)
	app.createUser(t, "ann@example.org", DefaultRole)
	b := app.browser(t)
	recorded.failWith(errors.New("down"))
	for range addressFailures + 1 {
		b.want(http.StatusInternalServerError, "POST", prefix+"/login", credentials("ann@example.org", testPassword))
	}
	recorded.failWith(nil)
	b.logIn("ann@example.org")
}

func TestCanceledRequest(t *testing.T) {
	app := newTestApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	guarded := testRoute{"GET /test", []testGuard{app.RequireUser}, status(func(context.Context) int { return http.StatusOK })}
	for path, router := range map[string]testRouter{prefix + "/me": app.application(), "/test": app.applicationOf(guarded)} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(ctx, "GET", "https://example.com"+path, nil)
		r.Header.Set("Cookie", app.cookieName+"="+b.cookie())
		w := exchange(router, r)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("status %d, header %v, body %s; want 503 and no cookie set", w.Code, w.Header(), w.Body)
		}
	}
}
