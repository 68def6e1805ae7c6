//authgen:if gin

package auth

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// The client is who opened the connection, also where the engine believes what the
// client says about that, as it does unless it is told otherwise.
func TestClientIsNotThatOfGin(t *testing.T) {
	a := newOfflineAuth(t)
	engine := gin.New()
	engine.Use(a.Middleware)
	engine.GET("/test", func(c *gin.Context) {
		v, _ := a.stateOf(c.Request.Context())
		if got := v.client.addr.String(); got != "192.0.2.1" {
			t.Errorf("the client is %s; gin says %s", got, c.ClientIP())
		}
		c.Status(http.StatusNoContent)
	})
	r := httptest.NewRequest("GET", "/test", nil)
	r.RemoteAddr = "192.0.2.1:1234"
	r.Header.Set("X-Forwarded-For", "203.0.113.7")
	r.Header.Set("X-Real-Ip", "203.0.113.7")
	if w := exchange(engine, r); w.Code != http.StatusNoContent {
		t.Errorf("status %d", w.Code)
	}
}

// Routes do not get what is given to Use after them. Those of this package, and
// those that have a guard, do not need it.
func TestRoutesBeforeUse(t *testing.T) {
	app := newTestApp(t)
	engine := newEngine()
	app.Register(engine)
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

// However a path is spelled, and whatever the engine makes of that, a handler is
// behind its guard.
func TestSpellingsOfPaths(t *testing.T) {
	a := newOfflineAuth(t)
	for name, set := range map[string]func(*gin.Engine){
		"as it is":            func(*gin.Engine) {},
		"no redirects":        func(e *gin.Engine) { e.RedirectTrailingSlash = false },
		"RedirectFixedPath":   func(e *gin.Engine) { e.RedirectFixedPath = true },
		"RemoveExtraSlash":    func(e *gin.Engine) { e.RemoveExtraSlash = true },
		"UseRawPath":          func(e *gin.Engine) { e.UseRawPath = true },
		"UnescapePathValues":  func(e *gin.Engine) { e.UnescapePathValues = false },
		"UseRawPath as it is": func(e *gin.Engine) { e.UseRawPath, e.UnescapePathValues = true, false },
		"all":                 func(e *gin.Engine) { e.RedirectFixedPath, e.RemoveExtraSlash, e.UseRawPath = true, true, true },
	} {
		engine := newEngine()
		set(engine)
		a.Register(engine)
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
					t.Errorf("%s: GET %s: status %d, body %s", name, spelling, w.Code, w.Body)
				}
			}
			if refused < 2 {
				t.Errorf("%s: of the spellings of %s, %d got to the guard", name, route, refused)
			}
		}
	}
}

// A *gin.Context is a context.Context that has nothing of its request, unless the
// engine says so. Whoever passes it is refused, and not let in.
func TestContextOfGin(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	for _, fallback := range []bool{false, true} {
		want := map[bool]error{false: ErrUnauthenticated, true: nil}[fallback]
		engine := newEngine()
		engine.ContextWithFallback = fallback
		register(engine, []testRoute{{"GET /test", []testGuard{app.RequireUser}, func(c *gin.Context) {
			if p, err := Verify(c); !errors.Is(err, want) || p.Valid() != fallback {
				t.Errorf("with fallback %v, Verify of the context of gin: %v, %v", fallback, p, err)
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
}

// CurrentUser is never behind what happened in the same request.
func TestCurrentUserIsCurrent(t *testing.T) {
	app := newTestApp(t)
	ann := app.createUser(t, "ann@example.org", DefaultRole)
	engine := newEngine()
	engine.Use(app.Middleware)
	engine.POST("/test", func(c *gin.Context) {
		if p, ok := CurrentUser(c); ok {
			t.Errorf("before the log-in, it is %v", p)
		}
		_, s, err := app.LogIn(c.Request.Context(), LogIn{Email: ann.Email, Password: testPassword})
		if err != nil {
			t.Error(err)
			return
		}
		app.SetSession(c, s)
		if p, ok := CurrentUser(c); !ok || p.UserID() != ann.ID {
			t.Errorf("after the log-in, it is %v, %v", p, ok)
		}
		if p, ok := CurrentUser(c.Copy()); !ok || p.UserID() != ann.ID {
			t.Errorf("in a copy, it is %v, %v", p, ok)
		}
		app.SetSession(c, Session{})
		if p, ok := CurrentUser(c); ok {
			t.Errorf("after the log-out, it is %v", p)
		}
	})
	app.server = startTLS(t, engine)
	app.browser(t).want(http.StatusOK, "POST", "/test", "")
}

// What went wrong is for the log, and not for the errors of a request, which some
// middleware shows to the client. No handler runs after the answer.
func TestErrorsOfGin(t *testing.T) {
	app := newTestApp(t)
	engine := newEngine()
	engine.Use(func(c *gin.Context) {
		c.Next()
		if len(c.Errors) > 0 {
			t.Errorf("%s: the errors are %v", c.FullPath(), c.Errors)
		}
	}, app.Middleware)
	app.Register(engine)
	engine.GET("/test", func(c *gin.Context) { app.WriteError(c, errors.New("from the database")) }, func(*gin.Context) {
		t.Error("a handler runs after the answer")
	})
	app.server = startTLS(t, engine)
	app.browser(t).want(http.StatusUnauthorized, "GET", prefix+"/me", "")
	got := app.browser(t).wantCode(http.StatusInternalServerError, "internal", "GET", "/test", "")
	if strings.Contains(got.Body, "database") || !strings.Contains(app.log.String(), "from the database") {
		t.Errorf("the answer is %s, the log %s", got.Body, app.log)
	}
}
