//authgen:if echo

package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"
)

// What the tests need of the router: to put applications together, and to serve
// them.
type (
	testRouter  = *echo.Echo                                  // an application
	testGuard   = echo.MiddlewareFunc                         // a guard, or another middleware
	testHandler = echo.HandlerFunc                            // what a route ends in
	userHandler = func(*Auth, *echo.Context, Principal) error // a handler for users, as a method expression
)

// testRoute is a route of a test's own.
type testRoute struct {
	route   string // method and path, with {id} for a part that varies; GET is also HEAD
	guards  []testGuard
	handler testHandler
}

// application returns one that has the routes of this package.
func (a *Auth) application() testRouter {
	e := echo.New()
	e.Use(a.Middleware)
	a.Register(e.Group(""))
	return e
}

// applicationOf returns one that has the routes given.
func (a *Auth) applicationOf(routes ...testRoute) testRouter {
	e := routerOf(routes...)
	e.Use(a.Middleware)
	return e
}

// routerOf returns an application without what concerns all of its requests.
func routerOf(routes ...testRoute) testRouter {
	e := echo.New()
	for _, r := range routes {
		method, path, _ := strings.Cut(r.route, " ")
		methods := []string{method}
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		e.Match(methods, strings.ReplaceAll(path, "{id}", ":id"), r.handler, r.guards...)
	}
	return e
}

// status returns a handler that answers with what serve returns.
func status(serve func(ctx context.Context) int) testHandler {
	return func(c *echo.Context) error { return c.NoContent(serve(c.Request().Context())) }
}

// around returns a middleware that calls before and after.
func around(before, after func(ctx context.Context)) testGuard {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			before(c.Request().Context())
			err := next(c)
			after(c.Request().Context())
			return err
		}
	}
}

// unguarded returns what a guard of this package is around.
func (a *Auth) unguarded(f userHandler) testHandler {
	return a.answerTo(func(c *echo.Context, p Principal) error { return f(a, c, p) })
}

// exchange returns the answer of an application, without a socket between.
func exchange(app testRouter, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

// startTLS serves an application until the test ends.
func startTLS(tb testing.TB, app testRouter) *testServer {
	tb.Helper()
	server := httptest.NewTLSServer(app)
	tb.Cleanup(server.Close)
	return &testServer{server.Listener.Addr().String(), server.Client().Transport.(*http.Transport)}
}

// registeredRoutes returns the routes that Register adds to an application.
func registeredRoutes(t *testing.T) []string {
	t.Helper()
	e := echo.New()
	newTestAuth(t).Register(e.Group(""))
	parameter := regexp.MustCompile(`:(\w+)`)
	methods := make(map[string]bool)
	var routes []string
	for _, r := range e.Router().Routes() {
		methods[r.Method+" "+r.Path] = true
		if r.Method != http.MethodHead {
			routes = append(routes, r.Method+" "+parameter.ReplaceAllString(r.Path, "{$1}"))
		}
	}
	for route := range methods {
		method, path, _ := strings.Cut(route, " ")
		if method == http.MethodGet && !methods["HEAD "+path] || method == http.MethodHead && !methods["GET "+path] {
			t.Errorf("%s is registered, but not both GET and HEAD", route)
		}
	}
	return routes
}
