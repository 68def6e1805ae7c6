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

// The tests build and serve applications with these types of the router.
type (
	testRouter  = *fiber.App    // an application
	testGuard   = fiber.Handler // a guard, or another middleware
	testHandler = fiber.Handler // the handler of a route
)

// testRoute is a route of a test.
type testRoute struct {
	route   string // method and path, with {id} for a parameter; GET includes HEAD
	guards  []testGuard
	handler testHandler
}

// testConfig returns the recommended configuration.
func (a *Auth) testConfig() fiber.Config {
	return fiber.Config{
		ErrorHandler:   a.ErrorHandler,
		CaseSensitive:  true,
		StrictRouting:  true,
		ReadBufferSize: 16 << 10,
		// All bodies other than JSON, including forms, are refused in the same way.
		DisablePreParseMultipartForm: true,
	}
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
	app := newTestRouter(a.testConfig())
	app.Use(middleware)
	a.Register(app, routes)
	addRoutes(app, more)
	return ready(app)
}

// routerOf returns an application without the middleware.
func routerOf(routes ...testRoute) testRouter {
	app := newTestRouter(fiber.Config{})
	addRoutes(app, routes)
	return ready(app)
}

// contextKey is the key under which exchange stores the context of a request.
const contextKey = "context"

func newTestRouter(c fiber.Config) *fiber.App {
	app := fiber.New(c)
	app.Use(func(c fiber.Ctx) error {
		if ctx, ok := c.Locals(contextKey).(context.Context); ok {
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
		// A route may have several handlers.
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
				panic("unknown method of a test route: " + method)
			}
		}
	}
}

// ready returns the application ready to serve, once all routes are registered.
func ready(app *fiber.App) *fiber.App {
	app.Handler() // builds the index of the routes
	return app
}

// status returns a handler that answers with the status from serve.
func status(serve func(ctx context.Context) int) testHandler {
	return func(c fiber.Ctx) error { return c.SendStatus(serve(c.Context())) }
}

// rawHandler converts a handler of the router to a Handler.
func rawHandler(status int, body string) Handler {
	return Fiber(func(c fiber.Ctx) error { return c.Status(status).SendString(body) })
}

// exchange returns the response of an application to r, without a network connection.
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
	ctx.SetUserValue(contextKey, r.Context())
	app.Server().Handler(&ctx)

	w := httptest.NewRecorder()
	headerVisitor(&ctx.Response.Header).VisitAll(func(name, value []byte) { w.Header().Add(string(name), string(value)) })
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
