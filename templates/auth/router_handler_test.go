//authgen:if handler

package auth

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The tests build and serve applications with these types of the router.
type (
	testRouter  = http.Handler                    // an application
	testGuard   = func(http.Handler) http.Handler // a guard, or another middleware
	testHandler = http.Handler                    // the handler of a route
)

// testRoute is a route of a test.
type testRoute struct {
	route   string // method and path, with {id} for a parameter; GET includes HEAD
	guards  []testGuard
	handler testHandler
}

// status returns a handler that answers with the status from serve.
func status(serve func(ctx context.Context) int) testHandler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(serve(r.Context())) })
}

// rawHandler converts a handler of the router to a Handler.
func rawHandler(status int, body string) Handler {
	return HTTP(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
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

func newTestTransport(w http.ResponseWriter, r *http.Request) transport { return transport{w, r} }
