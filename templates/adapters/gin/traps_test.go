//authgen:if gin

package auth

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// The client is the peer of the connection, even if the engine trusts the headers of the
// client, as it does by default.
func TestClientIP(t *testing.T) {
	a := newOfflineAuth(t)
	engine := gin.New()
	engine.Use(a.Middleware)
	engine.GET("/test", func(c *gin.Context) {
		rs, _ := a.stateOf(c.Request.Context())
		if got := rs.client.addr.String(); got != "192.0.2.1" {
			t.Errorf("the client is %s, want 192.0.2.1; gin says %s", got, c.ClientIP())
		}
		c.Status(http.StatusNoContent)
	})
	r := httptest.NewRequest("GET", "/test", nil)
	r.RemoteAddr = "192.0.2.1:1234"
	r.Header.Set("X-Forwarded-For", "203.0.113.7")
	r.Header.Set("X-Real-Ip", "203.0.113.7")
	if w := exchange(engine, r); w.Code != http.StatusNoContent {
		t.Errorf("status %d, want 204", w.Code)
	}
}

// Middleware passed to Use does not apply to earlier routes. Routes of the table, and
// those with a guard, do not need it.
func TestRoutesBeforeUse(t *testing.T) {
	app := newTestApp(t)
	engine := newEngine()
	app.Register(engine, usualRoutes(app.Auth))
	register(engine, []testRoute{{"POST /test", []testGuard{app.RequireUser}, func(c *gin.Context) { c.Status(http.StatusNoContent) }}})
	engine.Use(app.Middleware)
	app.server = startTLS(t, engine)
	b, _ := app.user(t, "ann@example.org", DefaultRole)

	b.want(http.StatusOK, "GET", prefix+"/me", "")
	b.want(http.StatusNoContent, "POST", "/test", "")
	app.browser(t).wantCode(http.StatusUnauthorized, "unauthenticated", "POST", prefix+"/logout", "")
	app.browser(t).wantCode(http.StatusUnauthorized, "unauthenticated", "POST", "/test", "")
	for _, route := range []string{prefix + "/login", prefix + "/logout", "/test"} {
		b.wantCode(http.StatusForbidden, "cross_origin", "POST", route, "", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		})
	}
}

// No spelling of a path bypasses the guard of a handler, whatever the settings of the
// engine.
func TestSpellingsOfPaths(t *testing.T) {
	a := newOfflineAuth(t)
	for name, set := range map[string]func(*gin.Engine){
		"by default":            func(*gin.Engine) {},
		"no redirects":          func(e *gin.Engine) { e.RedirectTrailingSlash = false },
		"RedirectFixedPath":     func(e *gin.Engine) { e.RedirectFixedPath = true },
		"RemoveExtraSlash":      func(e *gin.Engine) { e.RemoveExtraSlash = true },
		"UseRawPath":            func(e *gin.Engine) { e.UseRawPath = true },
		"UnescapePathValues":    func(e *gin.Engine) { e.UnescapePathValues = false },
		"UseRawPath by default": func(e *gin.Engine) { e.UseRawPath, e.UnescapePathValues = true, false },
		"all":                   func(e *gin.Engine) { e.RedirectFixedPath, e.RemoveExtraSlash, e.UseRawPath = true, true, true },
	} {
		engine := newEngine()
		set(engine)
		a.Register(engine, usualRoutes(a))
		register(engine, []testRoute{{"GET /test/{id}", []testGuard{a.RequireUser}, func(c *gin.Context) {
			t.Errorf("%s: the handler runs for %s", name, c.Request.RequestURI)
		}}})
		for _, route := range []string{prefix + "/me", "/test/page"} {
			dir, last := path.Split(route)
			refused := 0
			for _, spelling := range []string{
				route, "/" + route, route + "/", route + "//", dir + "/" + last, "/." + route, "/x/.." + route, "/%2e%2e" + route,
				"//evil.example/.." + route, dir + "%2f" + last, strings.TrimSuffix(dir, "/") + "%2f" + last, route + "%2f",
				fmt.Sprintf("%s%%%02x%s", dir, last[0], last[1:]), dir + "./" + last, dir + "%2e/" + last,
				strings.ToUpper(route), route + "%00", route + "%20", route + ";x", route + ".json", route + "?/x",
				dir + `\` + last, dir + "%5c" + last, route + "%3f", route + "%23", "/%61" + route[1:],
			} {
				r := httptest.NewRequest("GET", spelling, nil)
				switch w := exchange(engine, r); w.Code {
				case http.StatusUnauthorized:
					refused++
				case http.StatusMovedPermanently, http.StatusNotFound:
				default:
					t.Errorf("%s: GET %s: status %d, want 301, 401 or 404; body %s", name, spelling, w.Code, w.Body)
				}
			}
			if refused < 2 {
				t.Errorf("%s: %d spellings of %s reached the guard, want at least 2", name, refused, route)
			}
		}
	}
}

// By default, a *gin.Context does not have the values of its request's context, so Verify
// refuses it.
func TestContextOfGin(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	engine := newEngine()
	register(engine, []testRoute{{"GET /test", []testGuard{app.RequireUser}, func(c *gin.Context) {
		if p, err := Verify(c); !errors.Is(err, ErrUnauthenticated) || p.Valid() {
			t.Errorf("Verify of a *gin.Context returns %v, error %v; want error %v", p, err, ErrUnauthenticated)
		}
		if p, ok := CurrentUser(c); !ok || p.UserID() != u.ID {
			t.Errorf("CurrentUser returns %v, %v", p, ok)
		}
		if p, err := Verify(c.Request.Context()); err != nil || p.UserID() != u.ID {
			t.Errorf("Verify returns %v, %v", p, err)
		}
	}}})
	app.server = startTLS(t, engine)
	app.resume(t, b.cookie()).want(http.StatusOK, "GET", "/test", "")
}

// CurrentUser is always up to date within a request.
func TestCurrentUserIsCurrent(t *testing.T) {
	app := newTestApp(t)
	ann := app.createUser(t, "ann@example.org", DefaultRole)
	engine := newEngine()
	engine.Use(app.Middleware)
	engine.POST("/test", func(c *gin.Context) {
		if p, ok := CurrentUser(c); ok {
			t.Errorf("before the login, CurrentUser returns %v", p)
		}
		if _, err := app.LogIn(c.Request.Context(), Credentials{Email: ann.Email, Password: testPassword}); err != nil {
			t.Error(err)
			return
		}
		p, ok := CurrentUser(c)
		if !ok || p.UserID() != ann.ID {
			t.Errorf("after the login, CurrentUser returns %v, %v", p, ok)
		}
		if p, ok := CurrentUser(c.Copy()); !ok || p.UserID() != ann.ID {
			t.Errorf("for a copy, CurrentUser returns %v, %v", p, ok)
		}
		if err := app.LogOut(c.Request.Context(), p); err != nil {
			t.Error(err)
		}
		if p, ok := CurrentUser(c); ok {
			t.Errorf("after the logout, CurrentUser returns %v", p)
		}
	})
	app.server = startTLS(t, engine)
	app.browser(t).want(http.StatusOK, "POST", "/test", "")
}

// Errors are logged, but not added to the errors of the request, which some middleware
// shows to the client. No handler runs after WriteError.
func TestErrorsOfGin(t *testing.T) {
	app := newTestApp(t)
	engine := newEngine()
	engine.Use(func(c *gin.Context) {
		c.Next()
		if len(c.Errors) > 0 {
			t.Errorf("%s: the errors of the request are %v, want none", c.FullPath(), c.Errors)
		}
	}, app.Middleware)
	app.Register(engine, usualRoutes(app.Auth))
	engine.GET("/test", func(c *gin.Context) { app.WriteError(c, errors.New("from the database")) }, func(*gin.Context) {
		t.Error("a handler runs after WriteError")
	})
	app.server = startTLS(t, engine)
	app.browser(t).want(http.StatusUnauthorized, "GET", prefix+"/me", "")
	got := app.browser(t).wantCode(http.StatusInternalServerError, "internal", "GET", "/test", "")
	if strings.Contains(got.Body, "database") || !strings.Contains(app.log.String(), "from the database") {
		t.Errorf("the error belongs in the log, not in the body: body %s, log %s", got.Body, app.log)
	}
}

// A route of the table exists only for its method and, in the case of GET, for HEAD.
func TestRoutesOfGin(t *testing.T) {
	a := newOfflineAuth(t)
	engine := newEngine()
	a.Register(engine, usualRoutes(a))
	var want, got []string
	for _, r := range usualRoutes(a) {
		path := strings.ReplaceAll(r.Path, "{id}", ":id")
		want = append(want, r.Method+" "+path)
		if r.Method == http.MethodGet {
			want = append(want, "HEAD "+path)
		}
	}
	for _, r := range engine.Routes() {
		got = append(got, r.Method+" "+r.Path)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := unequal(want, got); diff != "" {
		t.Errorf("the routes of the engine are not those of the table:%s", diff)
	}
}

// In gin, parameters in the same place must have the same name in all paths.
func TestNamesOfParameters(t *testing.T) {
	a := newOfflineAuth(t)
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, ":name") || !strings.Contains(got, ":id") {
			t.Errorf("Register panics with %s, want one that says both names", got)
		}
	}()
	a.Register(newEngine(), []Route{
		{Method: "GET", Path: "/test/{id}/a", Public: true, Handler: rawHandler(http.StatusOK, "")},
		{Method: "GET", Path: "/test/{name}/b", Public: true, Handler: rawHandler(http.StatusOK, "")},
	})
}

// A parameter is one segment, and the handler gets it decoded.
func TestParametersOfGin(t *testing.T) {
	a := newOfflineAuth(t)
	engine := a.applicationWith([]Route{
		{Method: "GET", Path: "/test/{id}", Public: true, Handler: func(r *Request) (Answer, error) {
			return Answer{Value: r.PathValue("id")}, nil
		}},
		{Method: "GET", Path: "/test/{id}/raw", Public: true, Handler: Gin(func(c *gin.Context) { c.String(http.StatusOK, c.Param("id")) })},
	})
	for target, want := range map[string]string{
		"/test/a":         "200 \"a\"\n",
		"/test/a%20b+c":   "200 \"a b+c\"\n",
		"/test/a%252Fb":   "200 \"a%2Fb\"\n",
		"/test/%c3%a9":    "200 \"é\"\n",
		"/test/a/raw":     "200 a",
		"/test//raw":      "404 not_found",
		"/test/a/raw/raw": "404 ",
		"/test/a/b":       "404 ",
		"/test/":          "404 ",
	} {
		w := exchange(engine, httptest.NewRequest("GET", target, nil))
		got := fmt.Sprint(w.Code, " ", w.Body)
		if w.Code != http.StatusOK {
			got = fmt.Sprint(w.Code, " ", answer{Body: w.Body.String()}.Code())
		}
		if got != want {
			t.Errorf("GET %s: %q, want %q", target, got, want)
		}
	}
}

// A handler of gin runs with the checks of its route, and nothing is added to its
// response.
func TestHandlersOfGin(t *testing.T) {
	app := newTestApp(t)
	calls := 0
	stream := Gin(func(c *gin.Context) {
		calls++
		p, ok := CurrentUser(c)
		if !ok {
			t.Error("the handler runs without a session")
		}
		c.Header("Content-Type", "text/csv")
		for _, line := range []string{"user\n", p.UserID().String() + "\n"} {
			_, _ = c.Writer.WriteString(line)
			c.Writer.Flush()
		}
		c.Next() // there is no next handler
	})
	app.server = startTLS(t, app.applicationWith(append(usualRoutes(app.Auth),
		Route{Method: "GET", Path: "/test/export", Handler: stream},
		Route{Method: "POST", Path: "/test/export", Fresh: true, Handler: stream},
		Route{Method: "GET", Path: "/test/abort", Public: true, Handler: Gin(func(c *gin.Context) { c.AbortWithStatus(http.StatusTeapot) })},
	)))
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
	app.browser(t).want(http.StatusTeapot, "GET", "/test/abort", "")
	b.want(http.StatusOK, "GET", prefix+"/me", "")
	if calls != 3 {
		t.Errorf("the handler ran %d times, want 3", calls)
	}

	calls = 0
	app.browser(t).wantCode(http.StatusUnauthorized, "unauthenticated", "GET", "/test/export", "")
	b.wantCode(http.StatusForbidden, "cross_origin", "POST", "/test/export", "", func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	})
	b.age(time.Hour)
	b.wantCode(http.StatusForbidden, "reauthentication_required", "POST", "/test/export", "")
	if calls != 0 {
		t.Errorf("the handler ran %d times for refused callers", calls)
	}
}
