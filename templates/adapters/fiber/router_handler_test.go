//authgen:if fiber

package auth

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// What the tests need of the router: to put applications together, and to serve
// them.
type (
	testRouter  = *fiber.App    // an application
	testGuard   = fiber.Handler // a guard, or another middleware
	testHandler = fiber.Handler // what a route ends in
)

// testRoute is a route of a test's own.
type testRoute struct {
	route   string // method and path, with {id} for a part that varies; GET is also HEAD
	guards  []testGuard
	handler testHandler
}

// status returns a handler that answers with what serve returns.
func status(serve func(ctx context.Context) int) testHandler {
	return func(c fiber.Ctx) error { return c.SendStatus(serve(c.Context())) }
}

// around returns a middleware that calls before and after.
func around(before, after func(ctx context.Context)) testGuard {
	return func(c fiber.Ctx) error {
		before(c.Context())
		err := c.Next()
		after(c.Context())
		return err
	}
}

// rawHandler returns a Handler in the router's own idiom.
func rawHandler(status int, body string) Handler {
	return Fiber(func(c fiber.Ctx) error { return c.Status(status).SendString(body) })
}

// exchange returns the answer of an application, without a socket between.
func exchange(app testRouter, r *http.Request) *httptest.ResponseRecorder {
	var ctx fasthttp.RequestCtx
	ctx.Init(new(fasthttp.Request), net.TCPAddrFromAddrPort(netip.MustParseAddrPort(r.RemoteAddr)), nil)
	ctx.Request.Header.SetMethod(r.Method)
	ctx.Request.Header.SetHost(r.Host)
	ctx.Request.SetRequestURI(r.URL.RequestURI())
	for name, values := range r.Header {
		for _, value := range values {
			ctx.Request.Header.Add(name, value)
		}
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err) // no test has such a body
		}
		ctx.Request.SetBody(body)
	}
	ctx.SetUserValue(contextKey{}, r.Context())
	app.Server().Handler(&ctx)

	c := app.AcquireCtx(&ctx)
	defer app.ReleaseCtx(c)
	w := httptest.NewRecorder()
	for name, values := range c.GetRespHeaders() {
		for _, value := range values {
			w.Header().Add(name, strings.Clone(value))
		}
	}
	w.WriteHeader(ctx.Response.StatusCode())
	_, _ = w.Write(ctx.Response.Body())
	return w
}

// startTLS serves an application until the test ends.
func startTLS(tb testing.TB, app testRouter) *testServer {
	tb.Helper()
	// The certificate of httptest, and a client that trusts it.
	other := httptest.NewTLSServer(nil)
	other.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: other.TLS.Certificates})
	if err != nil {
		tb.Fatal(err)
	}
	transport := other.Client().Transport.(*http.Transport)
	served := make(chan error, 1)
	go func() { served <- ready(app).Server().Serve(listener) }()
	tb.Cleanup(func() {
		_ = listener.Close()
		if err := <-served; err != nil {
			tb.Error(err)
		}
	})
	return &testServer{listener.Addr().String(), transport}
}
