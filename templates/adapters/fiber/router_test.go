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

// testConfig is how an application is best configured.
func (a *Auth) testConfig() fiber.Config {
	return fiber.Config{
		ErrorHandler:   a.ErrorHandler,
		CaseSensitive:  true,
		StrictRouting:  true,
		ReadBufferSize: 16 << 10,
		// So that what is no JSON is refused in the same way, forms included.
		DisablePreParseMultipartForm: true,
	}
}

// application returns one that has the usual routes.
func (a *Auth) application() testRouter { return a.applicationWith(usualRoutes(a)) }

// applicationOf returns one that has the routes given.
func (a *Auth) applicationOf(routes ...testRoute) testRouter {
	return a.applicationWith(nil, routes...)
}

// applicationWith returns one that has the routes of a table, and more.
func (a *Auth) applicationWith(routes []Route, more ...testRoute) testRouter {
	app := newTestRouter(a.testConfig())
	app.Use(a.Middleware)
	a.Register(app, routes)
	addRoutes(app, more)
	return ready(app)
}

// routerOf returns an application without what concerns all of its requests.
func routerOf(routes ...testRoute) testRouter {
	app := newTestRouter(fiber.Config{})
	addRoutes(app, routes)
	return ready(app)
}

// contextKey is where the context is of a request that exchange sends.
type contextKey struct{}

func newTestRouter(c fiber.Config) *fiber.App {
	app := fiber.New(c)
	app.Use(func(c fiber.Ctx) error {
		if ctx, ok := c.Locals(contextKey{}).(context.Context); ok {
			c.SetContext(ctx)
		}
		return c.Next()
	})
	return app
}

func addRoutes(app *fiber.App, routes []testRoute) {
	for _, r := range routes {
		method, path, _ := strings.Cut(r.route, " ")
		path = strings.ReplaceAll(path, "{id}", ":id")
		// The handlers of one route may be given one after the other.
		for _, handler := range append(r.guards[:len(r.guards):len(r.guards)], r.handler) {
			switch method {
			case fiber.MethodGet:
				app.Get(path, handler)
			case fiber.MethodPost:
				app.Post(path, handler)
			case fiber.MethodPut:
				app.Put(path, handler)
			case fiber.MethodPatch:
				app.Patch(path, handler)
			case fiber.MethodDelete:
				app.Delete(path, handler)
			default:
				panic("no route of a test has the method " + method)
			}
		}
	}
}

// ready returns the application when it has all of its routes.
func ready(app *fiber.App) *fiber.App {
	app.Handler() // which indexes the routes
	return app
}

// status returns a handler that answers with what serve returns.
func status(serve func(ctx context.Context) int) testHandler {
	return func(c fiber.Ctx) error { return c.SendStatus(serve(c.Context())) }
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
