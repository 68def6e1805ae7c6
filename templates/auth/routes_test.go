//authgen:unit route.go

package auth

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// permission holds the statuses of a route for each kind of caller.
type permission struct {
	name string // name of the route

	anonymous int // not logged in
	member    int // the default role
	stale     int // the highest role, not fresh
	highest   int // the highest role
}

// permissions returns who may call which usual route. It must list every route.
func permissions() []permission {
	const ok, created, noContent = http.StatusOK, http.StatusCreated, http.StatusNoContent
	const unauthenticated, forbidden, notFound = http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound

	list := []permission{
		{"login", ok, ok, ok, ok},
		{"logout", unauthenticated, noContent, noContent, noContent},
		{"reauthenticate", unauthenticated, noContent, noContent, noContent},
		{"me", unauthenticated, ok, ok, ok},
		{"password", unauthenticated, noContent, forbidden, noContent},
		{"sessions.end", unauthenticated, noContent, forbidden, noContent},
	}
	//authgen:if signup
	list = append(list, permission{"signup", created, http.StatusConflict, http.StatusConflict, http.StatusConflict})
	//authgen:end
	//authgen:if own_profile
	list = append(list, permission{"me.update", unauthenticated, ok, ok, ok})
	//authgen:end
	//authgen:if session_database
	list = append(list,
		permission{"sessions", unauthenticated, ok, ok, ok},
		permission{"session.end", unauthenticated, notFound, forbidden, notFound},
	)
	//authgen:end
	//authgen:if delete_account
	list = append(list, permission{"me.delete", unauthenticated, noContent, forbidden, noContent})
	//authgen:end
	//authgen:if manage_users
	readers := forbidden
	if DefaultRole.Has(PermissionUsersRead) {
		readers = ok
	}
	list = append(list,
		permission{"users", unauthenticated, readers, ok, ok},
		permission{"user", unauthenticated, readers, ok, ok},
		permission{"user.role", unauthenticated, forbidden, forbidden, noContent},
		permission{"user.disabled", unauthenticated, forbidden, forbidden, noContent},
		permission{"user.sessions.end", unauthenticated, forbidden, forbidden, noContent},
	)
	//authgen:end
	return list
}

// The table lists every usual route, and no other.
func TestRoutesAreInTheTable(t *testing.T) {
	var table, routes []string
	for _, p := range permissions() {
		table = append(table, p.name)
	}
	for _, r := range usualRoutes(newOfflineAuth(t)) {
		routes = append(routes, r.Name)
	}
	slices.Sort(table)
	slices.Sort(routes)
	if diff := unequal(table, routes); diff != "" {
		t.Errorf("the routes in the table are not the usual ones:%s", diff)
	}
}

// callers are the columns of the table.
var callers = []struct {
	name  string
	role  Role // 0 is not logged in
	stale bool
	want  func(permission) int
}{
	{"anonymous", 0, false, func(p permission) int { return p.anonymous }},
	{"member", DefaultRole, false, func(p permission) int { return p.member }},
	{"stale", lastRole, true, func(p permission) int { return p.stale }},
	{"highest", lastRole, false, func(p permission) int { return p.highest }},
}

// call sends a request with the body, about a user other than the caller.
func (p permission) call(tb testing.TB, app *testApp, b *browser, body string) answer {
	tb.Helper()
	route := usualRoute(app.Auth, p.name)
	u := app.createUser(tb, fmt.Sprintf("user-%x@example.org", randomBytes(8)), DefaultRole)
	return b.do(route.Method, strings.ReplaceAll(route.Path, "{id}", u.ID.String()), body)
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
	for _, p := range permissions() {
		for _, c := range callers {
			b := app.caller(t, c.role, c.stale)
			if got := p.call(t, app, b, usualBody(p.name)); got.Status != c.want(p) {
				t.Errorf("%s, %s: status %d, want %d; body %s", p.name, c.name, got.Status, c.want(p), got.Body)
			}
			if usualBody(p.name) == "" || c.want(p) < 400 || c.want(p) == http.StatusConflict {
				continue
			}
			// A refused caller does not learn what is wrong with the request.
			if got := p.call(t, app, b, "{"); got.Status != c.want(p) {
				t.Errorf("%s, %s, malformed: status %d, want %d; body %s", p.name, c.name, got.Status, c.want(p), got.Body)
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
		for _, p := range permissions() {
			if usualRoute(app.Auth, p.name).Public {
				continue
			}
			for _, c := range callers {
				want := c.want(p)
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
				got := p.call(t, app, client, usualBody(p.name))
				// The data access layer does not reveal whether a user exists to
				// callers who may not read users.
				if got.Status != want && (public || c.role == 0 || got.Status != http.StatusNotFound) {
					t.Errorf("%s, %s, public %t: status %d, want %d; body %s", p.name, c.name, public, got.Status, want, got.Body)
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
