//authgen:if handler

package auth

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// What the tests need of the router: to put applications together, and to serve
// them.
type (
	testRouter  = http.Handler                    // an application
	testGuard   = func(http.Handler) http.Handler // a guard, or another middleware
	testHandler = http.Handler                    // what a route ends in
)

// testRoute is a route of a test's own.
type testRoute struct {
	route   string // method and path, with {id} for a part that varies; GET is also HEAD
	guards  []testGuard
	handler testHandler
}

// status returns a handler that answers with what serve returns.
func status(serve func(ctx context.Context) int) testHandler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(serve(r.Context())) })
}

// rawHandler returns a Handler in the router's own idiom.
func rawHandler(status int, body string) Handler {
	return HTTP(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
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

func newTestTransport(w http.ResponseWriter, r *http.Request) transport { return transport{w, r} }
