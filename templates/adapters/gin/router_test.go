//authgen:if gin

package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// The tests build and serve applications with these types of the router.
type (
	testRouter  = *gin.Engine     // an application
	testGuard   = gin.HandlerFunc // a guard, or another middleware
	testHandler = gin.HandlerFunc // the handler of a route
)

// testRoute is a route of a test.
type testRoute struct {
	route   string // method and path, with {id} for a parameter; GET includes HEAD
	guards  []testGuard
	handler testHandler
}

func init() {
	gin.SetMode(gin.TestMode) // otherwise gin prints all routes
}

// newEngine returns an engine with the recommended settings.
func newEngine() *gin.Engine {
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	return engine
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
	engine := newEngine()
	engine.Use(middleware)
	a.Register(engine, routes)
	register(engine, more)
	return engine
}

// routerOf returns an application without the middleware.
func routerOf(routes ...testRoute) testRouter {
	engine := newEngine()
	register(engine, routes)
	return engine
}

func register(engine *gin.Engine, routes []testRoute) {
	for _, r := range routes {
		method, path, _ := strings.Cut(r.route, " ")
		path = strings.ReplaceAll(path, "{id}", ":id")
		handlers := append(slices.Clone(r.guards), r.handler)
		engine.Handle(method, path, handlers...)
		if method == http.MethodGet {
			engine.Handle(http.MethodHead, path, handlers...)
		}
	}
}

// status returns a handler that answers with the status from serve.
func status(serve func(ctx context.Context) int) testHandler {
	return func(c *gin.Context) { c.Status(serve(c.Request.Context())) }
}

// rawHandler converts a handler of the router to a Handler.
func rawHandler(status int, body string) Handler {
	return Gin(func(c *gin.Context) { c.String(status, "%s", body) })
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
	c, _ := gin.CreateTestContext(w)
	c.Request = r
	return transport{c}
}
