//authgen:if nethttp

package auth

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
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
	mux := http.NewServeMux()
	a.Register(mux)
	return a.Handler(mux)
}

// applicationOf returns one that has the routes given.
func (a *Auth) applicationOf(routes ...testRoute) testRouter {
	return a.Handler(routerOf(routes...))
}

// routerOf returns an application without what concerns all of its requests.
func routerOf(routes ...testRoute) testRouter {
	mux := http.NewServeMux()
	for _, r := range routes {
		handler := r.handler
		for i := len(r.guards) - 1; i >= 0; i-- {
			handler = r.guards[i](handler)
		}
		mux.Handle(r.route, handler)
	}
	return mux
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

// registeredRoutes returns the routes that Register adds to a mux, which cannot be
// asked for them: the constant strings in its source that start with a method.
func registeredRoutes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "routes.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	newTestAuth(t).Register(mux)
	var routes []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 2 {
			return true
		}
		pattern, constant := constantString(call.Args[0])
		method, path, found := strings.Cut(pattern, " ")
		switch {
		case !constant, !found && !strings.HasPrefix(pattern, "/"):
			return true
		case !found:
			t.Errorf("routes.go: the pattern %q is for every method", pattern)
			return true
		}
		routes = append(routes, pattern)
		r := httptest.NewRequest(method, strings.ReplaceAll(path, "{id}", "0"), nil)
		if _, by := mux.Handler(r); by != pattern {
			t.Errorf("%s is served by %q", pattern, by)
		}
		return true
	})
	return routes
}

// constantString returns the value of an expression that is made of literals and
// the constant prefix.
func constantString(e ast.Expr) (value string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		value, err := strconv.Unquote(e.Value)
		return value, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		return prefix, e.Name == "prefix"
	case *ast.BinaryExpr:
		x, constantX := constantString(e.X)
		y, constantY := constantString(e.Y)
		return x + y, e.Op == token.ADD && constantX && constantY
	}
	return "", false
}

// What a handler sets after [http.TimeoutHandler] has answered in its place is not
// for the header of that answer, which is on its way.
func TestLateCookie(t *testing.T) {
	a := newTestAuth(t)
	u := a.newSession(user{id: newUserID(time.Now()), role: DefaultRole}, false)
	late := make(chan struct{})
	h := a.Handler(http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-late
		a.SetSession(w, r, u)
		late <- struct{}{}
	}), time.Minute, ""))
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the client went away
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", a.BaseURL()+"/", nil))
	late <- struct{}{}
	<-late
	if got := w.Header()["Set-Cookie"]; len(got) > 0 {
		t.Errorf("Set-Cookie %q", got)
	}
}
