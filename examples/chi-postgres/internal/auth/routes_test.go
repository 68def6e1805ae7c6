// Written by authgen. Yours to edit; "authgen upgrade" merges.

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

// permission says what one route answers to whom.
type permission struct {
	route string // method and path below prefix
	body  string
	// handler is what the guard is around; nil for a public route.
	handler userHandler

	anonymous int // nobody
	member    int // the default role
	stale     int // the highest role, with an old check of the password
	highest   int // the highest role
}

// permissions is the table of who may call what. A route that is registered and
// not listed here is an error: think about who may call it, and write it down.
func permissions() []permission {
	const ok, created, none = http.StatusOK, http.StatusCreated, http.StatusNoContent
	const unauthenticated, forbidden, missing = http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound
	password := jsonObject(map[string]any{"password": testPassword})
	change := jsonObject(map[string]any{"current": testPassword, "new": otherPassword})

	list := []permission{
		{"POST /login", credentials("known@example.org", testPassword), nil, ok, ok, ok, ok},
		{"POST /logout", "", (*Auth).handleLogOut, unauthenticated, none, none, none},
		{"POST /reauthenticate", password, (*Auth).handleReauthenticate, unauthenticated, none, none, none},
		{"GET /me", "", (*Auth).handleMe, unauthenticated, ok, ok, ok},
		{"POST /password", change, (*Auth).handleChangePassword, unauthenticated, none, forbidden, none},
		{"DELETE /sessions", "", (*Auth).handleEndOtherSessions, unauthenticated, none, forbidden, none},
	}
	list = append(list, permission{"POST /signup", credentials("new@example.org", testPassword), nil, created, http.StatusConflict, http.StatusConflict, http.StatusConflict})
	list = append(list, permission{"PATCH /me", "{}", (*Auth).handleUpdateMe, unauthenticated, ok, ok, ok})
	list = append(list,
		permission{"GET /sessions", "", (*Auth).handleSessions, unauthenticated, ok, ok, ok},
		permission{"DELETE /sessions/{id}", "", (*Auth).handleEndSession, unauthenticated, missing, forbidden, missing},
	)
	list = append(list, permission{"DELETE /me", "", (*Auth).handleDeleteMe, unauthenticated, none, forbidden, none})
	readers := forbidden
	if DefaultRole.Has(PermissionUsersRead) {
		readers = ok
	}
	list = append(list,
		permission{"GET /users", "", (*Auth).handleUsers, unauthenticated, readers, ok, ok},
		permission{"GET /users/{id}", "", (*Auth).handleUser, unauthenticated, readers, ok, ok},
		permission{"PUT /users/{id}/role", jsonObject(map[string]any{"role": DefaultRole}), (*Auth).handleSetRole, unauthenticated, forbidden, forbidden, none},
		permission{"PUT /users/{id}/disabled", `{"disabled":true}`, (*Auth).handleSetDisabled, unauthenticated, forbidden, forbidden, none},
		permission{"DELETE /users/{id}/sessions", "", (*Auth).handleEndUserSessions, unauthenticated, forbidden, forbidden, none},
	)
	return list
}

// pattern is the route as it is registered.
func (p permission) pattern() string {
	method, path, _ := strings.Cut(p.route, " ")
	return method + " " + prefix + path
}

// Every route that this package registers is in the table.
func TestRoutesAreInTheTable(t *testing.T) {
	var table []string
	for _, p := range permissions() {
		table = append(table, p.pattern())
		t.Logf("%-50s nobody %d, %s %d, not fresh %d, %s %d", p.pattern(), p.anonymous, DefaultRole, p.member, p.stale, lastRole, p.highest)
	}
	registered := registeredRoutes(t)
	slices.Sort(table)
	slices.Sort(registered)
	if diff := unequal(table, registered); diff != "" {
		t.Errorf("routes in the table, and those that are registered:%s", diff)
	}
}

// callers are those whom the table has a column for.
var callers = []struct {
	name  string
	role  Role // 0 is nobody
	stale bool
	want  func(permission) int
}{
	{"anonymous", 0, false, func(p permission) int { return p.anonymous }},
	{"member", DefaultRole, false, func(p permission) int { return p.member }},
	{"stale", lastRole, true, func(p permission) int { return p.stale }},
	{"highest", lastRole, false, func(p permission) int { return p.highest }},
}

// call sends a request with the body, about another user than the caller.
func (p permission) call(tb testing.TB, app *testApp, b *browser, body string) answer {
	tb.Helper()
	method, path, _ := strings.Cut(p.pattern(), " ")
	if strings.Contains(path, "{id}") {
		u := app.createUser(tb, fmt.Sprintf("user-%x@example.org", randomBytes(8)), DefaultRole)
		path = strings.ReplaceAll(path, "{id}", u.ID.String())
	}
	return b.do(method, path, body)
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
			if got := p.call(t, app, b, p.body); got.Status != c.want(p) {
				t.Errorf("%s, %s: status %d, want %d; body %s", p.route, c.name, got.Status, c.want(p), got.Body)
			}
			if p.handler == nil || p.body == "" || c.want(p) < 400 {
				continue
			}
			// Who is refused is not told what is wrong with the request.
			if got := p.call(t, app, b, "{"); got.Status != c.want(p) {
				t.Errorf("%s, %s, malformed: status %d, want %d; body %s", p.route, c.name, got.Status, c.want(p), got.Body)
			}
		}
	}
}

// Whoever forgets a guard has forgotten one of two: behind it, everything that is
// not public is refused all the same.
func TestPermissionsWithoutGuards(t *testing.T) {
	app := newTestApp(t)
	var routes []testRoute
	for _, p := range permissions() {
		if p.handler != nil {
			routes = append(routes, testRoute{p.pattern(), nil, app.unguarded(p.handler)})
		}
	}
	guarded, unguarded := app.server, startTLS(t, app.applicationOf(routes...))
	for _, p := range permissions() {
		for _, c := range callers {
			if p.handler == nil || c.want(p) < 400 {
				continue
			}
			app.server = guarded
			caller := app.caller(t, c.role, c.stale)
			app.server = unguarded
			client := app.browser(t)
			client.Jar = caller.Jar
			got := p.call(t, app, client, p.body)
			// The data access layer does not tell those who may not read users
			// whether there is one.
			if got.Status != c.want(p) && (c.role == 0 || got.Status != http.StatusNotFound) {
				t.Errorf("%s, %s: status %d, want %d; body %s", p.route, c.name, got.Status, c.want(p), got.Body)
			}
		}
	}
}

// A handler never runs for somebody whom its guard refuses.
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
	sessions := make(map[string]string)
	for _, c := range callers {
		sessions[c.name] = app.caller(t, c.role, c.stale).cookie()
	}
	for name, g := range guards {
		// Whether the application opens the cookie of every request or not, a guard
		// does the same.
		for _, newApplication := range []func(...testRoute) testRouter{app.applicationOf, routerOf} {
			for _, c := range callers {
				ran := 0
				router := newApplication(testRoute{"GET /test", []testGuard{g.guard}, status(func(ctx context.Context) int {
					ran++
					if p, err := Verify(ctx); err != nil || p.Role() != c.role {
						t.Errorf("%s, %s: the handler finds %v, %v", name, c.name, p, err)
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
