//authgen:if chi

package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
)

// What the tests need of the router: to put applications together, and to serve
// them.
type (
	testRouter  = http.Handler                                                     // an application
	testGuard   = func(http.Handler) http.Handler                                  // a guard, or another middleware
	testHandler = http.Handler                                                     // what a route ends in
	userHandler = func(*Auth, http.ResponseWriter, *http.Request, Principal) error // a handler for users, as a method expression
)

// testRoute is a route of a test's own.
type testRoute struct {
	route   string // method and path, with {id} for a part that varies; GET is also HEAD
	guards  []testGuard
	handler testHandler
}

// application returns one that has the routes of this package.
func (a *Auth) application() testRouter {
	r := chi.NewRouter()
	r.Use(a.Handler)
	a.Register(r)
	return r
}

// applicationOf returns one that has the routes given.
func (a *Auth) applicationOf(routes ...testRoute) testRouter {
	r := chi.NewRouter()
	r.Use(a.Handler)
	addRoutes(r, routes)
	return r
}

// routerOf returns an application without what concerns all of its requests.
func routerOf(routes ...testRoute) testRouter {
	r := chi.NewRouter()
	addRoutes(r, routes)
	return r
}

func addRoutes(r chi.Router, routes []testRoute) {
	for _, route := range routes {
		method, path, _ := strings.Cut(route.route, " ")
		guarded := r.With(route.guards...)
		guarded.Method(method, path, route.handler)
		if method == http.MethodGet {
			guarded.Method(http.MethodHead, path, route.handler)
		}
	}
}

// status returns a handler that answers with what serve returns.
func status(serve func(ctx context.Context) int) testHandler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(serve(r.Context())) })
}

// around returns a middleware that calls before and after.
func around(before, after func(ctx context.Context)) testGuard {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			before(r.Context())
			next.ServeHTTP(w, r)
			after(r.Context())
		})
	}
}

// unguarded returns what a guard of this package is around.
func (a *Auth) unguarded(f userHandler) testHandler {
	return a.answerTo(func(w http.ResponseWriter, r *http.Request, p Principal) error { return f(a, w, r, p) })
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

// registeredRoutes returns the routes that Register adds to a router. HEAD is
// where GET is, and nowhere else.
func registeredRoutes(t *testing.T) []string {
	t.Helper()
	r := chi.NewRouter()
	newTestAuth(t).Register(r)
	var routes []string
	heads := make(map[string]int)
	err := chi.Walk(r, func(method, path string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		switch method {
		case http.MethodHead:
			heads[path]++
			return nil
		case http.MethodGet:
			heads[path]--
		}
		routes = append(routes, method+" "+path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, n := range heads {
		if n != 0 {
			t.Errorf("%s is registered for one of GET and HEAD only", path)
		}
	}
	return routes
}
