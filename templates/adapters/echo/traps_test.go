//authgen:if echo

package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"
)

// serveEcho returns the answer of an application to a request with a session
// cookie, or without if that is "".
func (app *testApp) serveEcho(e *echo.Echo, method, target, cookie string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if cookie != "" {
		r.Header.Set("Cookie", app.cookieName+"="+cookie)
	}
	return exchange(e, r)
}

// The principal is in the echo.Context as long as it is that of the visitor, and
// only where a guard has put it.
func TestCurrentUser(t *testing.T) {
	app := newTestApp(t)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	e := echo.New()
	e.Use(app.Middleware)
	current := func(c *echo.Context) UserID {
		p, ok := CurrentUser(c)
		if ok != p.Valid() {
			t.Errorf("CurrentUser: %v, %v", p, ok)
		}
		return p.UserID()
	}
	e.GET("/test/guarded", func(c *echo.Context) error {
		if got := current(c); got != u.ID {
			t.Errorf("behind a guard: %s, want %s", got, u.ID)
		}
		app.SetSession(c, Session{})
		if got := current(c); got != (UserID{}) {
			t.Errorf("after the session was given up: %s", got)
		}
		return c.NoContent(http.StatusNoContent)
	}, app.RequireUser)
	e.GET("/test/unguarded", func(c *echo.Context) error {
		if got := current(c); got != (UserID{}) {
			t.Errorf("without a guard: %s", got)
		}
		return c.NoContent(http.StatusNoContent)
	})
	// An echo.Context serves many requests, one after the other.
	for range 3 {
		for path, cookie := range map[string]string{"/test/guarded": ann.cookie(), "/test/unguarded": ann.cookie(), "/test/unguarded?": ""} {
			if w := app.serveEcho(e, "GET", path, cookie); w.Code != http.StatusNoContent {
				t.Errorf("GET %s: status %d", path, w.Code)
			}
		}
	}
}

// Errors have the one shape, whatever the application does with its own.
func TestErrorsAreAnsweredAtOnce(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	e := app.application()
	e.HTTPErrorHandler = func(c *echo.Context, err error) {
		t.Errorf("%s gets to the application's handler of errors: %v", c.Path(), err)
	}
	for _, test := range []struct {
		status                 int
		method, target, cookie string
	}{
		{http.StatusUnauthorized, "GET", prefix + "/me", ""},
		{http.StatusUnsupportedMediaType, "POST", prefix + "/reauthenticate", ann.cookie()},
	} {
		w := app.serveEcho(e, test.method, test.target, test.cookie)
		if got := w.Header().Get("Content-Type"); w.Code != test.status || got != "application/problem+json" {
			t.Errorf("%s %s: status %d, want %d; Content-Type %q", test.method, test.target, w.Code, test.status, got)
		}
	}
}

// What echo takes for the client's address, a client may have made up.
func TestForwardedAddress(t *testing.T) {
	a := newOfflineAuth(t)
	e := a.applicationOf(testRoute{"GET /test", nil, status(func(ctx context.Context) int {
		if v, _ := stateFrom(ctx); v.client.addr.String() != "192.0.2.1" {
			t.Errorf("the client is %s", v.client.addr)
		}
		return http.StatusNoContent
	})})
	r := httptest.NewRequest("GET", "/test", nil)
	r.RemoteAddr = "192.0.2.1:1234"
	r.Header.Set(echo.HeaderXForwardedFor, "203.0.113.7")
	r.Header.Set(echo.HeaderXRealIP, "203.0.113.7")
	if w := exchange(e, r); w.Code != http.StatusNoContent {
		t.Errorf("status %d", w.Code)
	}
}

// A guard is in force wherever Register and Use are called, since it is part of
// its route.
func TestUseAfterARoute(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	for name, build := range map[string]func(*echo.Echo){
		"never": func(e *echo.Echo) { app.Register(e.Group("")) },
		"first": func(e *echo.Echo) {
			e.Use(app.Middleware)
			app.Register(e.Group(""))
		},
		"last": func(e *echo.Echo) {
			app.Register(e.Group(""))
			e.Use(app.Middleware)
		},
		"before routing": func(e *echo.Echo) {
			e.Pre(app.Middleware)
			app.Register(e.Group(""))
		},
		"on the group": func(e *echo.Echo) {
			g := e.Group("")
			app.Register(g)
			g.Use(app.Middleware)
		},
	} {
		e := echo.New()
		build(e)
		if w := app.serveEcho(e, "GET", prefix+"/me", ""); w.Code != http.StatusUnauthorized {
			t.Errorf("Use is called %s: status %d without a session, want 401", name, w.Code)
		}
		if w := app.serveEcho(e, "GET", prefix+"/me", ann.cookie()); w.Code != http.StatusOK {
			t.Errorf("Use is called %s: status %d, want 200", name, w.Code)
		}
	}
}

// Register, and a guard on a group, change nothing for other paths of the
// application.
func TestOtherRoutesAreLeftAlone(t *testing.T) {
	a := newOfflineAuth(t)
	answers := func(register func(*echo.Echo)) []int {
		e := echo.New()
		register(e)
		page := func(c *echo.Context) error { return c.NoContent(http.StatusAccepted) }
		e.GET("/", page)
		e.GET("/test/page", page)
		e.GET("/test/docs/:name", page)
		e.RouteNotFound("/test/files/*", func(c *echo.Context) error { return c.NoContent(http.StatusGone) })
		var statuses []int
		for _, path := range []string{"/", "/test/page", "/test/page/", "/test/docs/a", "/test/docs/a/b", "/test/docs", "/test/files/a", "/test", prefix + "x", prefix + "-x/y", "/test/adminx", "//"} {
			for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "FOO"} {
				statuses = append(statuses, exchange(e, httptest.NewRequest(method, "http://example.com"+path, nil)).Code)
			}
		}
		return statuses
	}
	want := answers(func(*echo.Echo) {})
	got := answers(func(e *echo.Echo) {
		a.Register(e.Group(""))
		e.Group("/test/admin", a.RequireUser)
	})
	if diff := unequal(want, got); diff != "" {
		t.Errorf("statuses without the routes of this package, and with them:%s", diff)
	}
}

// However echo is told to read paths, a guarded handler runs for nobody else: not
// for what a parameter at the end takes, which is all the rest, and not for a path
// that is matched after it was decoded.
func TestGuardedPaths(t *testing.T) {
	app := newTestApp(t)
	routers := map[string]*echo.Echo{"as they are sent": echo.New()}
	//authgen:if !echo4
	for name, config := range map[string]echo.RouterConfig{
		"decoded":                  {UseEscapedPathForMatching: true},
		"with decoded parameters":  {UnescapePathParamValues: true},
		"with HEAD taken from GET": {AutoHandleHEAD: true},
	} {
		routers[name] = echo.NewWithConfig(echo.Config{Router: echo.NewRouter(config)})
	}
	//authgen:end
	for name, e := range routers {
		app.Register(e.Group(""))
		e.GET("/:page", func(c *echo.Context) error { return c.NoContent(http.StatusNoContent) })
		e.GET("/test/:name", func(c *echo.Context) error {
			t.Errorf("paths %s: %s %s reaches the handler", name, c.Request().Method, c.Request().URL)
			return c.NoContent(http.StatusOK)
		}, app.RequireUser)
		for target, guarded := range map[string]bool{
			prefix + "/me": true,
			"/test/a":      true,
			"/test/a/b":    true,
			"/test/a%2Fb":  true,
			"/test//":      true,
			// Some of these are the page to one router, and need a session to another.
			prefix + "%2Fme":      false,
			prefix + "/users/a/b": false,
			"/test%2Fa":           false,
			"/page/..%2Ftest/a":   false,
			"/page/../test/a":     false,
		} {
			for _, method := range []string{"GET", "HEAD"} {
				w := app.serveEcho(e, method, target, "")
				if w.Code < 400 && (guarded || w.Code != http.StatusNoContent) {
					t.Errorf("paths %s: %s %s: status %d", name, method, target, w.Code)
				}
			}
		}
	}
}
