//authgen:if gorilla

package auth

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"
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
	r := newRouter()
	a.Register(r)
	return a.Handler(r)
}

// applicationOf returns one that has the routes given.
func (a *Auth) applicationOf(routes ...testRoute) testRouter {
	return a.Handler(routerOf(routes...))
}

// routerOf returns an application without what concerns all of its requests.
func routerOf(routes ...testRoute) testRouter {
	r := newRouter()
	for _, route := range routes {
		method, path, _ := strings.Cut(route.route, " ")
		methods := []string{method}
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		handler := route.handler
		for i := len(route.guards) - 1; i >= 0; i-- {
			handler = route.guards[i](handler)
		}
		r.Handle(path, handler).Methods(methods...)
	}
	return r
}

// newRouter returns a router with the settings that an application should have.
func newRouter() *mux.Router {
	r := mux.NewRouter()
	r.MethodNotAllowedHandler = MethodNotAllowed(r)
	return r
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
	r := newRouter()
	newTestAuth(t).Register(r)
	var routes []string
	err := r.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := route.GetMethods()
		if err != nil {
			return fmt.Errorf("%s is for every method: %w", path, err)
		}
		if slices.Contains(methods, http.MethodGet) != slices.Contains(methods, http.MethodHead) {
			t.Errorf("%s is registered for one of GET and HEAD only", path)
		}
		for _, method := range methods {
			if method != http.MethodHead {
				routes = append(routes, method+" "+path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return routes
}
