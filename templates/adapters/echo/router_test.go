//authgen:if echo

package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"
)

// The tests build and serve applications with these types of the router.
type (
	testRouter  = *echo.Echo          // an application
	testGuard   = echo.MiddlewareFunc // a guard, or another middleware
	testHandler = echo.HandlerFunc    // the handler of a route
)

// testRoute is a route of a test.
type testRoute struct {
	route   string // method and path, with {id} for a parameter; GET includes HEAD
	guards  []testGuard
	handler testHandler
}

// application returns an application with the usual routes.
func (a *Auth) application() testRouter { return a.applicationWith(usualRoutes(a)) }

// applicationOf returns an application with the given routes.
func (a *Auth) applicationOf(routes ...testRoute) testRouter {
	return a.applicationWith(nil, routes...)
}

// applicationWith returns an application with the routes of a table and others.
func (a *Auth) applicationWith(routes []Route, more ...testRoute) testRouter {
	return a.applicationBehind(a.Middleware, routes, more...)
}

// applicationBehind is applicationWith with a middleware for all requests.
func (a *Auth) applicationBehind(middleware testGuard, routes []Route, more ...testRoute) testRouter {
	e := routerOf(more...)
	e.Use(middleware)
	a.Register(e, routes)
	return e
}

// routerOf returns an application without the middleware.
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

// status returns a handler that answers with the status from serve.
func status(serve func(ctx context.Context) int) testHandler {
	return func(c *echo.Context) error { return c.NoContent(serve(c.Request().Context())) }
}

// rawHandler converts a handler of the router to a Handler.
func rawHandler(status int, body string) Handler {
	return Echo(func(c *echo.Context) error { return c.String(status, body) })
}

// exchange returns the response of an application to r, without a network connection.
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

func newTestTransport(w http.ResponseWriter, r *http.Request) transport {
	return transport{c: echo.New().NewContext(r, w)}
}
