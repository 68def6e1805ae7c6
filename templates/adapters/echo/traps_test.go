//authgen:if echo

package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v5"
)

// serveEcho returns the response of an application to a request with a session cookie, or
// without one if cookie is "".
func (app *testApp) serveEcho(e *echo.Echo, method, target, cookie string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if cookie != "" {
		r.Header.Set("Cookie", app.cookieName+"="+cookie)
	}
	return exchange(e, r)
}

// CurrentUser is always up to date within a request, and never that of another request,
// although echo reuses its contexts.
func TestCurrentUser(t *testing.T) {
	app := newTestApp(t)
	ann, u := app.user(t, "ann@example.org", DefaultRole)
	e := echo.New()
	e.Use(app.Middleware)
	current := func(c *echo.Context) UserID {
		p, ok := CurrentUser(c)
		if ok != p.Valid() {
			t.Errorf("CurrentUser returns %v, %v", p, ok)
		}
		return p.UserID()
	}
	e.GET("/test/out", func(c *echo.Context) error {
		if got := current(c); !got.IsZero() {
			t.Errorf("without a session: user %s, want none", got)
		}
		return c.NoContent(http.StatusNoContent)
	})
	e.POST("/test/in", func(c *echo.Context) error {
		if got := current(c); got != u.ID {
			t.Errorf("behind a guard: user %s, want %s", got, u.ID)
		}
		if _, err := app.LogIn(c.Request().Context(), Credentials{Email: u.Email, Password: testPassword}); err != nil {
			t.Error(err)
		}
		p, ok := CurrentUser(c)
		if !ok || p.UserID() != u.ID {
			t.Errorf("after the login: CurrentUser returns %v, %v; want the user %s", p, ok, u.ID)
		}
		if err := app.LogOut(c.Request().Context(), p); err != nil {
			t.Error(err)
		}
		if got := current(c); !got.IsZero() {
			t.Errorf("after the logout: user %s, want none", got)
		}
		return c.NoContent(http.StatusNoContent)
	}, app.RequireUser)
	for range 3 {
		for _, test := range []struct{ method, path, cookie string }{{"POST", "/test/in", app.device(t, u.Email).cookie()}, {"GET", "/test/out", ""}} {
			if w := app.serveEcho(e, test.method, test.path, test.cookie); w.Code != http.StatusNoContent {
				t.Errorf("%s %s: status %d, want 204", test.method, test.path, w.Code)
			}
		}
	}
	app.wantCookie(t, true, ann.cookie(), "a session on another device")
}

// Errors have the same form, whatever the error handler of the application.
func TestErrorsBypassErrorHandler(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	e := app.application()
	e.HTTPErrorHandler = func(c *echo.Context, err error) {
		t.Errorf("%s reaches the application's error handler: %v", c.Path(), err)
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

// The address that echo reports may be forged by the client.
func TestForwardedAddress(t *testing.T) {
	a := newOfflineAuth(t)
	e := a.applicationOf(testRoute{"GET /test", nil, status(func(ctx context.Context) int {
		if rs, _ := stateFrom(ctx); rs.client.addr.String() != "192.0.2.1" {
			t.Errorf("the client is %s, want 192.0.2.1", rs.client.addr)
		}
		return http.StatusNoContent
	})})
	r := httptest.NewRequest("GET", "/test", nil)
	r.RemoteAddr = "192.0.2.1:1234"
	r.Header.Set(echo.HeaderXForwardedFor, "203.0.113.7")
	r.Header.Set(echo.HeaderXRealIP, "203.0.113.7")
	if w := exchange(e, r); w.Code != http.StatusNoContent {
		t.Errorf("status %d, want 204", w.Code)
	}
}

// A guard works wherever Use is called, since it is part of its route.
func TestUseAfterARoute(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	for name, build := range map[string]func(*echo.Echo){
		"never": func(e *echo.Echo) { app.Register(e, usualRoutes(app.Auth)) },
		"first": func(e *echo.Echo) {
			e.Use(app.Middleware)
			app.Register(e, usualRoutes(app.Auth))
		},
		"last": func(e *echo.Echo) {
			app.Register(e, usualRoutes(app.Auth))
			e.Use(app.Middleware)
		},
		"before routing": func(e *echo.Echo) {
			e.Pre(app.Middleware)
			app.Register(e, usualRoutes(app.Auth))
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

// Register, and a guard on a group, do not affect other paths of the application.
func TestOtherRoutes(t *testing.T) {
	a := newOfflineAuth(t)
	statusesWith := func(register func(*echo.Echo)) []int {
		e := echo.New()
		register(e)
		page := func(c *echo.Context) error { return c.NoContent(http.StatusAccepted) }
		e.GET("/", page)
		e.GET("/test/page", page)
		e.GET("/test/docs/:name", page)
		//authgen:if !echo4
		e.RouteNotFound("/test/files/*", func(c *echo.Context) error { return c.NoContent(http.StatusGone) })
		//authgen:end
		var statuses []int
		for _, path := range []string{"/", "/test/page", "/test/page/", "/test/docs/a", "/test/docs/a/b", "/test/docs", "/test/files/a", "/test", prefix + "x", prefix + "-x/y", "/test/adminx", "//"} {
			for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "FOO"} {
				statuses = append(statuses, exchange(e, httptest.NewRequest(method, "http://example.com"+path, nil)).Code)
			}
		}
		return statuses
	}
	want := statusesWith(func(*echo.Echo) {})
	got := statusesWith(func(e *echo.Echo) {
		a.Register(e, usualRoutes(a))
		e.Group("/test/admin", a.RequireUser)
	})
	if diff := unequal(want, got); diff != "" {
		t.Errorf("Register changes the statuses of other paths:%s", diff)
	}
}

// A guarded handler runs only for users, however echo is configured to read paths. This
// includes a last parameter, which matches the rest of a path, and a path that is decoded
// before it is matched.
func TestGuardedPaths(t *testing.T) {
	app := newTestApp(t)
	routers := map[string]*echo.Echo{"by default": echo.New()}
	//authgen:if !echo4
	for name, config := range map[string]echo.RouterConfig{
		"decoded":                 {UseEscapedPathForMatching: true},
		"with decoded parameters": {UnescapePathParamValues: true},
	} {
		routers[name] = echo.NewWithConfig(echo.Config{Router: echo.NewRouter(config)})
	}
	//authgen:end
	for name, e := range routers {
		app.Register(e, usualRoutes(app.Auth))
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
			// Some of these match the page in one configuration, and need a session in another.
			prefix + "%2Fme":      false,
			prefix + "/users/a/b": false,
			"/test%2Fa":           false,
			"/page/..%2Ftest/a":   false,
			"/page/../test/a":     false,
		} {
			for _, method := range []string{"GET", "HEAD"} {
				w := app.serveEcho(e, method, target, "")
				if w.Code < 400 && (guarded || w.Code != http.StatusNoContent) {
					t.Errorf("paths %s: %s %s: status %d, want an error", name, method, target, w.Code)
				}
			}
		}
	}
}

// A route of the table exists only for its method and, in the case of GET, for HEAD.
func TestRoutesOfEcho(t *testing.T) {
	a := newOfflineAuth(t)
	e := echo.New()
	a.Register(e, usualRoutes(a))
	var want, got []string
	for _, r := range usualRoutes(a) {
		path := strings.ReplaceAll(r.Path, "{id}", ":id")
		want = append(want, r.Method+" "+path)
		if r.Method == http.MethodGet {
			want = append(want, "HEAD "+path)
		}
	}
	for _, r := range e.Router().Routes() {
		got = append(got, r.Method+" "+r.Path)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := unequal(want, got); diff != "" {
		t.Errorf("the routes of echo are not those of the table:%s", diff)
	}
}

// A parameter is one segment, and the handler gets it decoded, however echo is configured
// to read paths.
func TestParametersOfEcho(t *testing.T) {
	a := newOfflineAuth(t)
	routers := map[string]*echo.Echo{"by default": echo.New()}
	//authgen:if !echo4
	for name, config := range map[string]echo.RouterConfig{
		"decoded":                 {UseEscapedPathForMatching: true},
		"with decoded parameters": {UnescapePathParamValues: true},
	} {
		routers[name] = echo.NewWithConfig(echo.Config{Router: echo.NewRouter(config)})
	}
	//authgen:end
	value := func(r *Request) (Answer, error) { return Answer{Value: r.PathValue("id")}, nil }
	for name, e := range routers {
		a.Register(e, []Route{
			{Method: "GET", Path: "/test/{id}", Public: true, Handler: value},
			{Method: "GET", Path: "/test/{other}/of/{id}", Public: true, Handler: value},
			{Method: "GET", Path: "/raw/{id}", Public: true, Handler: rawHandler(http.StatusOK, "raw")},
		})
		for target, want := range map[string]string{
			"/test/a":             "200 \"a\"\n",
			"/test/x/of/a%20b+c":  "200 \"a b+c\"\n",
			"/test/x/of/a%2Fb":    "200 \"a/b\"\n",
			"/test/x/of/a%20%2Fb": "200 \"a /b\"\n",
			"/test/x/of/a%252Fb":  "200 \"a%2Fb\"\n",
			"/test/x/of/%2525%2F": "200 \"%25/\"\n",
			"/test/x/of/%c3%a9":   "200 \"é\"\n",
			"/raw/a":              "200 raw",
			"/raw/a%2Fb":          "200 raw",
			"/raw/a/b":            "404",
			"/raw/a/":             "404",
			"/test/a/b":           "404",
			"/test/":              "404",
			"/test//of/a":         "404",
			"/test/x/of/a/b":      "404",
			"/test/x%2Fof/a":      "404",
		} {
			w := exchange(e, httptest.NewRequest("GET", target, nil))
			got := strconv.Itoa(w.Code)
			if w.Code == http.StatusOK {
				got += " " + w.Body.String()
			}
			if got != want {
				t.Errorf("paths %s: GET %s: %q, want %q", name, target, got, want)
			}
		}
	}
}

// A handler of echo runs with the checks of its route. Nothing is added to its response,
// and its errors go to the error handler of the application.
func TestHandlersOfEcho(t *testing.T) {
	app := newTestApp(t)
	calls := 0
	stream := Echo(func(c *echo.Context) error {
		calls++
		p, ok := CurrentUser(c)
		if !ok {
			t.Error("the handler runs without a session")
		}
		return c.Stream(http.StatusOK, "text/csv", strings.NewReader("user\n"+p.UserID().String()+"\n"))
	})
	var returned []error
	e := app.applicationWith(append(usualRoutes(app.Auth),
		Route{Method: "GET", Path: "/test/export", Handler: stream},
		Route{Method: "POST", Path: "/test/export", Fresh: true, Handler: stream},
		Route{Method: "GET", Path: "/test/teapot", Public: true, Handler: Echo(func(*echo.Context) error {
			return echo.NewHTTPError(http.StatusTeapot, "short and stout")
		})},
		Route{Method: "GET", Path: "/test/forbidden", Handler: Echo(func(*echo.Context) error { return ErrForbidden })},
	))
	e.HTTPErrorHandler = func(c *echo.Context, err error) {
		returned = append(returned, err)
		_ = c.String(http.StatusTeapot, "an error")
	}
	app.server = startTLS(t, e)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	got := b.want(http.StatusOK, "GET", "/test/export", "")
	if got.Body != "user\n"+u.ID.String()+"\n" || got.Header.Get("Content-Type") != "text/csv" {
		t.Errorf("body %q with Content-Type %q, want the user as text/csv", got.Body, got.Header.Get("Content-Type"))
	}
	if got.Header.Get("Content-Security-Policy") != dataPolicy || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("header %v, want the policy %q and no-store", got.Header, dataPolicy)
	}
	b.want(http.StatusOK, "HEAD", "/test/export", "")
	b.want(http.StatusOK, "POST", "/test/export", "")
	b.want(http.StatusOK, "GET", prefix+"/me", "")
	if calls != 3 || len(returned) != 0 {
		t.Errorf("the handler ran %d times, want 3; errors %v, want none", calls, returned)
	}
	for _, path := range []string{"/test/teapot", "/test/forbidden"} {
		if got := b.want(http.StatusTeapot, "GET", path, ""); got.Body != "an error" {
			t.Errorf("GET %s: body %q, want that of the error handler", path, got.Body)
		}
	}
	var teapot *echo.HTTPError
	if len(returned) != 2 || !errors.As(returned[0], &teapot) || !errors.Is(returned[1], ErrForbidden) {
		t.Errorf("the error handler got %v, want the two errors of the handlers", returned)
	}

	calls, returned = 0, nil
	app.browser(t).wantCode(http.StatusUnauthorized, "unauthenticated", "GET", "/test/export", "")
	b.wantCode(http.StatusForbidden, "cross_origin", "POST", "/test/export", "", func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	})
	b.age(time.Hour)
	b.wantCode(http.StatusForbidden, "reauthentication_required", "POST", "/test/export", "")
	if calls != 0 || len(returned) != 0 {
		t.Errorf("the handler ran %d times for refused callers; errors %v", calls, returned)
	}
}
