//authgen:unit route.go

package auth

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// callers are the kinds of callers.
var callers = []struct {
	name  string
	role  Role // 0 is not logged in
	stale bool
	want  func(statuses) int
}{
	{"anonymous", 0, false, func(s statuses) int { return s.anonymous }},
	{"member", DefaultRole, false, func(s statuses) int { return s.member }},
	{"stale", lastRole, true, func(s statuses) int { return s.stale }},
	{"highest", lastRole, false, func(s statuses) int { return s.highest }},
}

// call sends a request with the body, about a user other than the caller.
func (r routeCase) call(tb testing.TB, app *testApp, b *browser, body string) answer {
	tb.Helper()
	u := app.createUser(tb, fmt.Sprintf("user-%x@example.org", randomBytes(8)), DefaultRole)
	return b.do(r.Method, strings.ReplaceAll(r.Path, "{id}", u.ID.String()), body)
}

// caller returns the browser of a new user with the role.
func (app *testApp) caller(tb testing.TB, role Role, stale bool) *browser {
	tb.Helper()
	if role == 0 {
		return app.browser(tb)
	}
	b, _ := app.user(tb, fmt.Sprintf("caller-%x@example.org", randomBytes(8)), role)
	if stale {
		b.age(time.Hour)
	}
	return b
}

func TestPermissions(t *testing.T) {
	app := newTestApp(t)
	app.createUser(t, "known@example.org", DefaultRole)
	for _, r := range routeCases(app.Auth) {
		for _, c := range callers {
			b, want := app.caller(t, c.role, c.stale), c.want(r.statuses)
			if got := r.call(t, app, b, r.body); got.Status != want {
				t.Errorf("%s, %s: status %d, want %d; body %s", r.Name, c.name, got.Status, want, got.Body)
			}
			if r.body == "" || want < 400 || want == http.StatusConflict {
				continue
			}
			// A refused caller does not learn what is wrong with the request.
			if got := r.call(t, app, b, "{"); got.Status != want {
				t.Errorf("%s, %s, malformed: status %d, want %d; body %s", r.Name, c.name, got.Status, want, got.Body)
			}
		}
	}
}

// If a route lacks its restriction, the functions that take a Principal still refuse it.
func TestPermissionsWithoutGuards(t *testing.T) {
	app := newTestApp(t)
	guarded := app.server
	for _, public := range []bool{true, false} {
		routes := usualRoutes(app.Auth)
		for i, r := range routes {
			// The handler of a public route gets the zero Principal. Without any
			// restriction, the guard only requires a user.
			routes[i] = Route{Name: r.Name, Method: r.Method, Path: r.Path, Public: public || r.Public, Handler: r.Handler}
		}
		unguarded := startTLS(t, app.applicationWith(routes))
		for _, r := range routeCases(app.Auth) {
			if r.Public {
				continue
			}
			for _, c := range callers {
				want := c.want(r.statuses)
				if public {
					want = http.StatusUnauthorized
				} else if want < 400 {
					continue
				}
				app.server = guarded
				caller := app.caller(t, c.role, c.stale)
				app.server = unguarded
				client := app.browser(t)
				client.Jar = caller.Jar
				got := r.call(t, app, client, r.body)
				// The data access layer does not reveal whether a user exists to
				// callers who may not read users.
				if got.Status != want && (public || c.role == 0 || got.Status != http.StatusNotFound) {
					t.Errorf("%s, %s, public %t: status %d, want %d; body %s", r.Name, c.name, public, got.Status, want, got.Body)
				}
			}
		}
	}
}

// A handler does not run for callers whom its guard refuses.
func TestGuardsStopTheHandler(t *testing.T) {
	app := newTestApp(t)
	guards := map[string]struct {
		guard   testGuard
		allowed map[string]bool // callers
	}{
		"RequireUser":        {app.RequireUser, map[string]bool{"member": true, "stale": true, "highest": true}},
		"RequireFresh":       {app.RequireFresh, map[string]bool{"member": true, "highest": true}},
		"RequireRole":        {app.RequireRole(lastRole), map[string]bool{"member": DefaultRole == lastRole, "stale": true, "highest": true}},
		"RequireRole of any": {app.RequireRole(1), map[string]bool{"member": true, "stale": true, "highest": true}},
		"RequireRole of 0":   {app.RequireRole(0), map[string]bool{"member": true, "stale": true, "highest": true}},
		"RequireRole of unknown": {
			app.RequireRole(lastRole + 1), nil,
		},
	}
	//authgen:if permissions
	for name, permission := range map[string]Permission{"no permission": 0, "the first permission": 1, "an unknown permission": 1 << 63} {
		g := guards["RequireUser"]
		g.guard = app.RequirePermission(permission)
		g.allowed = map[string]bool{
			"member":  DefaultRole.Has(permission),
			"stale":   lastRole.Has(permission),
			"highest": lastRole.Has(permission),
		}
		guards["RequirePermission of "+name] = g
	}
	//authgen:end
	sessions := make(map[string]string)
	for _, c := range callers {
		sessions[c.name] = app.caller(t, c.role, c.stale).cookie()
	}
	for name, g := range guards {
		// A guard does the same with and without the middleware.
		for _, newApplication := range []func(...testRoute) testRouter{app.applicationOf, routerOf} {
			for _, c := range callers {
				ran := 0
				router := newApplication(testRoute{"GET /test", []testGuard{g.guard}, status(func(ctx context.Context) int {
					ran++
					if p, err := Verify(ctx); err != nil || p.Role() != c.role {
						t.Errorf("%s, %s: in the handler, Verify returns %v, %v", name, c.name, p, err)
					}
					return http.StatusOK
				})})
				r := httptest.NewRequest("GET", "https://example.com/test", nil)
				if sessions[c.name] != "" {
					r.Header.Set("Cookie", app.cookieName+"="+sessions[c.name])
				}
				want, status := 0, http.StatusForbidden
				switch {
				case g.allowed[c.name]:
					want, status = 1, http.StatusOK
				case c.role == 0:
					status = http.StatusUnauthorized
				}
				if w := exchange(router, r); ran != want || w.Code != status {
					t.Errorf("%s, %s: the handler ran %d times, want %d; status %d, want %d", name, c.name, ran, want, w.Code, status)
				}
			}
		}
	}
}
