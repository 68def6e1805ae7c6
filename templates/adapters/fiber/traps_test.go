//authgen:if fiber

package auth

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v3"
)

// These tests cover the differences between fiber and net/http.

// fiber reuses the memory of requests. Strings that this package keeps, or passes to a
// handler, must not change.
func TestRequestsAreCopied(t *testing.T) {
	app := newTestApp(t)
	type copied struct {
		want    string // in all fields
		request *http.Request
		state   *requestState
		strings []string
	}
	var mu sync.Mutex
	var all []copied
	keep := func(r *Request) (Answer, error) {
		got := copied{string([]byte(r.PathValue("id"))), r.r, app.state(r.c), []string{r.PathValue("id"), r.Query("q")}}
		if r.r.Method == "POST" {
			var name string
			if err := r.Read(Fields{"name": &name}); err != nil {
				return Answer{}, err
			}
			got.strings = append(got.strings, name)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, got)
		return Answer{}, nil
	}
	app.server = startTLS(t, app.applicationWith([]Route{
		{Method: "GET", Path: "/test/{id}", Public: true, Handler: keep},
		{Method: "POST", Path: "/test/{id}", Public: true, Handler: keep},
		{Method: "POST", Path: "/form/{id}", Public: true, Form: true, Handler: keep},
	}))
	var clients sync.WaitGroup
	for i := range 8 {
		b := app.browser(t)
		clients.Go(func() {
			for j := range 50 {
				s := fmt.Sprintf("%08d", 1000*i+j)
				b.do("GET", "/test/"+s+"?q="+s, "", func(r *http.Request) {
					r.Header = http.Header{
						"Accept":                         {s},
						"Access-Control-Request-Headers": {s},
						"Content-Encoding":               {s},
						"Content-Type":                   {s},
						"Cookie":                         {app.deviceCookie + "=" + s},
						"Origin":                         {s},
						"Sec-Fetch-Site":                 {s},
						"User-Agent":                     {s},
						"X-Forwarded-For":                {s, s},
					}
				})
				b.do("POST", "/test/"+s+"?q="+s, jsonObject(map[string]any{"name": s}))
				b.do("POST", "/form/"+s+"?q="+s, "name="+s, func(r *http.Request) {
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				})
			}
		})
	}
	clients.Wait()
	if len(all) != 3*8*50 {
		t.Fatalf("%d requests arrived, want %d", len(all), 3*8*50)
	}
	for _, got := range all {
		s := got.want
		for _, kept := range got.strings {
			if kept != s {
				t.Errorf("%s: the strings that a handler kept are now %q", s, got.strings)
			}
		}
		if got.request.Method == "POST" {
			continue
		}
		header := http.Header{"Cookie": {app.deviceCookie + "=" + s}, "X-Forwarded-For": {s, s}}
		for _, name := range headersRead {
			if header[name] == nil {
				header[name] = []string{s}
			}
		}
		if got.request.Host != "example.com" || got.request.RequestURI != "" || got.request.URL.String() != "/test/"+s+"?q="+s {
			t.Errorf("%s: the request is now %s %s %s", s, got.request.Method, got.request.Host, got.request.URL)
		}
		if !reflect.DeepEqual(got.request.Header, header) {
			t.Errorf("%s: the header is now %q, want %q", s, got.request.Header, header)
		}
		if got.state.device != s || got.state.client.userAgent != s || !got.state.client.addr.IsLoopback() {
			t.Errorf("%s: now device %q, client %+v", s, got.state.device, got.state.client)
		}
	}
}

// A handler of fiber in the table has the guard and headers of its route, and the cookie
// that a flow sets. fiber handles its errors.
func TestFiberHandler(t *testing.T) {
	v := newVisitor(t, DefaultRole, false)
	var failed error
	config := v.auth.testConfig()
	config.ErrorHandler = func(c fiber.Ctx, err error) error {
		failed = err
		return c.SendStatus(http.StatusTeapot)
	}
	errOwn := errors.New("own")
	called := 0
	route := func(path string, h fiber.Handler) Route {
		return Route{Method: "GET", Path: path, Handler: Fiber(func(c fiber.Ctx) error {
			called++
			return h(c)
		})}
	}
	app := fiber.New(config)
	v.auth.Register(app, []Route{
		route("/streamed", func(c fiber.Ctx) error {
			c.Set("Content-Type", "text/csv")
			return c.SendStream(strings.NewReader("a,b"))
		}),
		route("/failed", func(fiber.Ctx) error { return errOwn }),
		route("/ended", func(c fiber.Ctx) error {
			v.auth.setSession(c.Context(), Session{})
			c.Set("Cache-Control", "public, max-age=60")
			return c.SendStatus(http.StatusAccepted)
		}),
	})
	v.router = ready(app)
	for _, test := range []struct {
		path   string
		status int
		body   string
	}{
		{"/streamed", http.StatusOK, "a,b"},
		{"/failed", http.StatusTeapot, "I'm a teapot"},
		{"/ended", http.StatusAccepted, "Accepted"},
	} {
		called, failed = 0, nil
		r := httptest.NewRequest("GET", "https://example.com"+test.path, nil)
		if w := exchange(v.router, r); w.Code != http.StatusUnauthorized || called != 0 {
			t.Errorf("GET %s without a session: status %d, the handler was called %d times; want 401, never", test.path, w.Code, called)
		}
		r.Header.Set("Cookie", v.auth.cookieName+"="+v.cookie)
		w := exchange(v.router, r)
		if w.Code != test.status || w.Body.String() != test.body || called != 1 {
			t.Errorf("GET %s: status %d, body %s; want %d, %s; the handler was called %d times, want once", test.path, w.Code, w.Body, test.status, test.body, called)
		}
		if policy := w.Header().Get("Content-Security-Policy"); policy != dataPolicy || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s: header %v, want the policy %q and no-store", test.path, w.Header(), dataPolicy)
		}
		if ended := strings.HasPrefix(w.Header().Get("Set-Cookie"), v.auth.cookieName+"=;"); ended != (test.path == "/ended") {
			t.Errorf("GET %s: Set-Cookie %q, want a deleted session only for /ended", test.path, w.Header()["Set-Cookie"])
		}
		if want := map[string]error{"/failed": errOwn}[test.path]; failed != want {
			t.Errorf("GET %s: fiber handles the error %v, want %v", test.path, failed, want)
		}
	}
}

// fiber accepts duplicate routes and calls the first. Register refuses them.
func TestDuplicateRoutes(t *testing.T) {
	route := Route{Method: "GET", Path: "/test/{id}", Handler: rawHandler(http.StatusOK, "")}
	other := route
	other.Path, other.Public = "/test/{name}", true
	defer func() {
		if recover() == nil {
			t.Error("Register does not panic")
		}
	}()
	newOfflineAuth(t).Register(fiber.New(), []Route{route, other})
}

// A path of the table is literal except for its parameters, and a path for GET answers
// HEAD, however fiber is configured.
func TestPathsOfTheTable(t *testing.T) {
	a := newOfflineAuth(t)
	configs := []fiber.Config{{}, a.testConfig()}
	//authgen:if !fiber2
	configs = append(configs, fiber.Config{DisableHeadAutoRegister: true})
	//authgen:end
	for _, config := range configs {
		app := fiber.New(config)
		a.Register(app, []Route{
			{Method: "GET", Path: "/a+b", Public: true, Handler: rawHandler(http.StatusAccepted, "")},
			{Method: "GET", Path: "/c.d~e_f-g/{userID}", Public: true, Handler: func(r *Request) (Answer, error) {
				return Answer{Value: r.PathValue("userID")}, nil
			}},
		})
		app = ready(app)
		for path, status := range map[string]int{
			"/a+b": http.StatusAccepted, "/aab": http.StatusNotFound, "/a/x": http.StatusNotFound, "/ax+b": http.StatusNotFound,
			"/c.d~e_f-g/Bob.x-y": http.StatusOK, "/c.d~e_f-g/": http.StatusNotFound, "/c.d~e_f-g/x/y": http.StatusNotFound,
		} {
			for _, method := range []string{"GET", "HEAD"} {
				w := exchange(app, httptest.NewRequest(method, path, nil))
				if w.Code != status || status == http.StatusOK && w.Body.String() != "\"Bob.x-y\"\n" {
					t.Errorf("%s %s: status %d, want %d; body %s", method, path, w.Code, status, w.Body)
				}
			}
		}
	}
}

// The headers of an answer add to a Vary that other middleware has set.
func TestVary(t *testing.T) {
	a := newOfflineAuth(t, func(c *Config) { c.TrustedOrigins = []string{"https://www.example.com"} })
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		c.Vary("Accept-Encoding")
		return c.Next()
	}, a.Middleware)
	a.Register(app, usualRoutes(a))
	w := exchange(ready(app), httptest.NewRequest("GET", "https://example.com"+prefix+"/me", nil))
	if got := strings.Join(w.Header()["Vary"], ", "); got != "Accept-Encoding, Origin" {
		t.Errorf("Vary: %q", got)
	}
}

// All headers that this package reads are copied.
func TestHeadersRead(t *testing.T) {
	reads := regexp.MustCompile(`(?i)header(?:\.get\(|\.values\(|\[)"([a-z-]+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range reads.FindAllStringSubmatch(string(source), -1) {
			name := match[1]
			if strings.HasSuffix(file, "_test.go") || name == "Set-Cookie" || name == "Content-Security-Policy" {
				continue // these two are response headers
			}
			if found++; !slices.Contains(headersRead[:], name) {
				t.Errorf("%s reads the header %s, which is not in headersRead", file, name)
			}
		}
	}
	if found < 4 {
		t.Errorf("found %d headers in %d files, want at least 4", found, len(files))
	}
}

// The guard of a route also applies to other spellings of its path that fiber accepts.
func TestSpellings(t *testing.T) {
	v := newVisitor(t, DefaultRole, false)
	v.router = fiber.New()
	v.auth.Register(v.router, usualRoutes(v.auth))
	v.router = ready(v.router)
	me := prefix + "/me"
	for path, served := range map[string]bool{
		me:                                true,
		me + "/":                          true,
		strings.ToUpper(me):               true,
		"/" + me:                          false,
		prefix + "//me":                   false,
		prefix + "/./me":                  false,
		prefix + "/x/../me":               false,
		prefix + "%2fme":                  false,
		prefix + "/%6de":                  false,
		me + ";x":                         false,
		me + "%00":                        false,
		prefix + "/users/..%2f..%2fme/me": false,
	} {
		anonymous := exchange(v.router, httptest.NewRequest("GET", "https://example.com"+path, nil))
		loggedIn, _ := v.get("https://example.com" + path)
		if want := map[bool]int{true: http.StatusUnauthorized, false: http.StatusNotFound}[served]; anonymous.Code != want {
			t.Errorf("GET %s: status %d, want %d", path, anonymous.Code, want)
		}
		if want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[served]; loggedIn != want {
			t.Errorf("GET %s, logged in: status %d, want %d", path, loggedIn, want)
		}
	}
}

// The routes of this package do not affect others, although in fiber the path of a group
// is a prefix, and the empty path is a prefix of all.
func TestOtherRoutes(t *testing.T) {
	a := newOfflineAuth(t)
	app := fiber.New()
	group := app.Group(prefix + "-group")
	a.Register(app, usualRoutes(a))
	a.Register(group, usualRoutes(a))
	paths := []string{"/", prefix, prefix + "x", prefix + "/x", prefix + ";x", prefix + "-group/x", prefix + "/users/x/y"}
	for _, path := range paths {
		app.Get(path, func(c fiber.Ctx) error { return c.SendString("here") })
	}
	app = ready(app)
	for _, path := range paths {
		w := exchange(app, httptest.NewRequest("GET", path, nil))
		if w.Code != http.StatusOK || w.Body.String() != "here" || w.Header().Get("Content-Security-Policy") != "" {
			t.Errorf("GET %s: status %d, header %v; want 200 without a policy", path, w.Code, w.Header())
		}
	}
	for _, path := range []string{prefix + "/me", prefix + "-group" + prefix + "/me"} {
		if w := exchange(app, httptest.NewRequest("GET", path, nil)); w.Code != http.StatusUnauthorized {
			t.Errorf("GET %s: status %d, want 401", path, w.Code)
		}
	}
}

// Middleware is not called for earlier routes. Their guards do not need it.
func TestMiddlewareAfterRoutes(t *testing.T) {
	v := newVisitor(t, DefaultRole, false)
	app := fiber.New()
	called := false
	app.Post("/test", v.auth.RequireUser, func(c fiber.Ctx) error {
		called = true
		return nil
	})
	app.Use(v.auth.Middleware)
	app = ready(app)
	for _, test := range []struct {
		site, cookie string
		status       int
	}{
		{"same-origin", "", http.StatusUnauthorized},
		{"cross-site", v.cookie, http.StatusForbidden},
		{"same-origin", v.cookie, http.StatusOK},
	} {
		called = false
		r := httptest.NewRequest("POST", "https://example.com/test", nil)
		r.Header.Set("Sec-Fetch-Site", test.site)
		if test.cookie != "" {
			r.Header.Set("Cookie", v.auth.cookieName+"="+test.cookie)
		}
		if w := exchange(app, r); w.Code != test.status || called != (test.status == http.StatusOK) {
			t.Errorf("%s with a cookie of %d bytes: status %d, want %d; handler called: %t", test.site, len(test.cookie), w.Code, test.status, called)
		}
	}
}

// If the method of a request is overridden, the new method is checked.
func TestOverriddenMethod(t *testing.T) {
	v := newVisitor(t, DefaultRole, false)
	app := fiber.New()
	app.Use(v.auth.Middleware, func(c fiber.Ctx) error {
		c.Method(c.Get("X-HTTP-Method-Override"))
		return c.Next()
	})
	called := false
	app.Delete("/test", v.auth.RequireUser, func(c fiber.Ctx) error {
		called = true
		return nil
	})
	app = ready(app)
	for site, status := range map[string]int{"same-origin": http.StatusOK, "cross-site": http.StatusForbidden} {
		called = false
		r := httptest.NewRequest("GET", "https://example.com/test", nil)
		r.Header.Set("Sec-Fetch-Site", site)
		r.Header.Set("X-HTTP-Method-Override", "DELETE")
		r.Header.Set("Cookie", v.auth.cookieName+"="+v.cookie)
		if w := exchange(app, r); w.Code != status || called != (status == http.StatusOK) {
			t.Errorf("%s: status %d, want %d; handler called: %t", site, w.Code, status, called)
		}
	}
}

// fiber and fasthttp reuse their contexts for other requests. These have no session:
// otherwise, code that runs longer could get another user.
func TestVerifyWithAnotherContext(t *testing.T) {
	v := newVisitor(t, DefaultRole, false)
	v.router = v.auth.applicationOf(testRoute{"GET /test", []testGuard{v.auth.RequireUser}, func(c fiber.Ctx) error {
		if p, err := Verify(c); !errors.Is(err, ErrUnauthenticated) || p.Valid() {
			t.Errorf("Verify of a fiber.Ctx returns %v, error %v; want error %v", p, err, ErrUnauthenticated)
		}
		_, err := Verify(c.Context())
		return err
	}})
	v.want(http.StatusOK, "/test", "logged in")
}

func TestCurrentUser(t *testing.T) {
	v := newVisitor(t, DefaultRole, false)
	current := func(want bool) testHandler {
		return func(c fiber.Ctx) error {
			p, ok := CurrentUser(c)
			if confirmed, err := Verify(c.Context()); ok != want || ok && (err != nil || p != confirmed) {
				t.Errorf("%s: CurrentUser returns %v, %v, want %v; Verify returns %v, %v", c.Path(), p, ok, want, confirmed, err)
			}
			v.auth.setSession(c.Context(), Session{})
			if p, ok := CurrentUser(c); ok || p.Valid() {
				t.Errorf("%s: after the logout, CurrentUser returns %v", c.Path(), p)
			}
			return nil
		}
	}
	v.router = v.auth.applicationOf(
		testRoute{"GET /guarded", []testGuard{v.auth.RequireUser}, current(true)},
		testRoute{"GET /open", nil, current(false)},
	)
	for _, path := range []string{"/guarded", "/open"} {
		if status, _ := v.get(path); status != http.StatusOK {
			t.Errorf("GET %s: status %d, want 200", path, status)
		}
	}
	if status, _ := (&visitor{tb: t, auth: v.auth, router: routerOf(testRoute{"GET /test", nil, func(c fiber.Ctx) error {
		if _, ok := CurrentUser(c); ok {
			t.Error("CurrentUser reports a user outside of this package's requests")
		}
		return nil
	}}), cookie: v.cookie}).get("/test"); status != http.StatusOK {
		t.Errorf("without the middleware: status %d, want 200", status)
	}
}

// The cookie that Verify renews is in the response once, wherever Verify was called and
// whatever the result of the request. Caches do not store such a response.
func TestRenewedCookie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitor(t, DefaultRole, false)
		a := v.auth
		own := func(c fiber.Ctx) error {
			c.Cookie(&fiber.Cookie{Name: "own", Value: "a"})
			return c.Next()
		}
		verify := func(c fiber.Ctx) error {
			_, err := Verify(c.Context())
			c.Set("Cache-Control", "public, max-age=60")
			return err
		}
		routes := []testRoute{
			{"GET /open", []testGuard{own}, verify},
			{"GET /guarded", []testGuard{own, a.RequireUser, a.RequireRole(1)}, verify},
			{"GET /refused", []testGuard{own, a.RequireUser, a.RequireRole(lastRole + 1)}, verify},
			{"GET /written", []testGuard{own, a.RequireUser}, func(c fiber.Ctx) error { return a.WriteError(c, ErrForbidden) }},
			{"GET /failed", []testGuard{own, a.RequireUser}, func(fiber.Ctx) error { return errors.New("failed") }},
			{"GET /changed", []testGuard{own, a.RequireUser}, func(c fiber.Ctx) error {
				s, _ := SessionFrom(c.Context())
				a.setSession(c.Context(), Session{})
				a.setSession(c.Context(), s)
				return nil
			}},
		}
		time.Sleep(renewalInterval)
		// The first route is for the middleware.
		for first, router := range []testRouter{a.applicationOf(routes...), routerOf(routes[1:]...)} {
			v.router = router
			for _, r := range routes[first:] {
				_, path, _ := strings.Cut(r.route, " ")
				status, header := v.get(path)
				var names []string
				for _, line := range header["Set-Cookie"] {
					name, _, _ := strings.Cut(line, "=")
					names = append(names, name)
				}
				slices.Sort(names)
				if diff := unequal([]string{a.cookieName, "own"}, names); diff != "" {
					t.Errorf("GET %s: status %d, cookies%s", path, status, diff)
				}
				if header.Get("Cache-Control") != "no-store" {
					t.Errorf("GET %s: Cache-Control %q, want no-store", path, header.Get("Cache-Control"))
				}
			}
		}
	})
}

// An error that deletes the session cookie replaces the cookie that was just renewed.
//
//authgen:if gate
func TestRenewedCookieIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitor(t, DefaultRole, false)
		app := v.auth.applicationWith([]Route{
			{Method: "GET", Path: "/page", Form: true, Handler: func(*Request) (Answer, error) { return Answer{}, ErrUnauthenticated }},
		}, testRoute{"GET /test", []testGuard{v.auth.RequireUser}, func(c fiber.Ctx) error {
			return v.auth.WriteError(c, ErrUnauthenticated)
		}})
		time.Sleep(renewalInterval)
		for _, path := range []string{"/page", "/test"} {
			r := httptest.NewRequest("GET", "https://example.com"+path, nil)
			r.Header.Set("Accept", "text/html")
			r.Header.Set("Cookie", v.auth.cookieName+"="+v.cookie)
			w := exchange(app, r)
			cookies := w.Header()["Set-Cookie"]
			if w.Code != http.StatusSeeOther || len(cookies) != 1 || !strings.HasPrefix(cookies[0], v.auth.cookieName+"=;") {
				t.Errorf("GET %s: status %d, Set-Cookie %q; want 303 and one deletion", path, w.Code, cookies)
			}
		}
	})
}

// The context of a request does not end when the client disconnects, but there is a
// timeout for the database.
func TestHangingDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitor(t, DefaultRole, false)
		db := v.auth.store.db
		db.SetMaxOpenConns(1)
		conn, err := db.Conn(t.Context()) // the only connection
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		v.want(http.StatusServiceUnavailable, "/test/user", "while the database hangs")
		if waited := time.Since(began); waited != queryTimeout {
			t.Errorf("the request took %v, want %v", waited, queryTimeout)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		v.want(http.StatusOK, "/test/user", "when the database works again")
	})
}

// The cookies of this package need little of the 4096 bytes that fiber has for the headers
// of a request.
func TestCookieSizes(t *testing.T) {
	app := newTestApp(t)
	b, _ := app.user(t, "ann@example.org", lastRole)
	size := 0
	for _, c := range b.Jar.Cookies(b.base()) {
		size += len(c.String()) + len("; ")
	}
	if size == 0 || size > 1024 {
		t.Errorf("the cookies have %d bytes, want 1 to 1024", size)
	}
}

// fiber's own errors have the same form as all others, and do not repeat the request.
func TestErrorHandler(t *testing.T) {
	app := newTestApp(t)
	config := app.testConfig()
	config.BodyLimit = 1 << 10
	router := fiber.New(config)
	router.Use(app.Middleware)
	app.Register(router, usualRoutes(app.Auth))
	for path, err := range map[string]error{
		"/teapot":    fiber.NewError(http.StatusTeapot, "secret"),
		"/broken":    errors.New("secret"),
		"/forbidden": fmt.Errorf("secret: %w", ErrForbidden),
	} {
		router.Get(path, func(c fiber.Ctx) error { return err })
	}
	app.server = startTLS(t, router)
	b := app.browser(t)
	page := b.want(http.StatusForbidden, "GET", "/forbidden", "", func(r *http.Request) { r.Header.Set("Accept", "text/html") })
	if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") || strings.Contains(page.Body, "secret") {
		t.Errorf("a browser gets %s, want a page without the secret: %s", page.Header.Get("Content-Type"), page.Body)
	}
	for _, test := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		//authgen:if !fiber2
		{"GET", "/secret", "", http.StatusNotFound, "not_found"},
		//authgen:end
		{"POST", prefix + "/me?secret", "", http.StatusMethodNotAllowed, "method_not_allowed"},
		{"POST", prefix + "/login", strings.Repeat("secret", 200), http.StatusRequestEntityTooLarge, "too_large"},
		{"GET", "/teapot", "", http.StatusTeapot, "i'm_a_teapot"},
		{"GET", "/broken", "", http.StatusInternalServerError, "internal"},
		{"GET", "/forbidden", "", http.StatusForbidden, "forbidden"},
	} {
		got := b.wantCode(test.status, test.code, test.method, test.path, test.body)
		if got.Header.Get("Content-Type") != "application/problem+json" || strings.Contains(got.Body, "secret") {
			t.Errorf("%s %s: Content-Type %q, want a problem without the secret; body %s", test.method, test.path, got.Header.Get("Content-Type"), got.Body)
		}
		if allow := strings.Join(got.Header["Allow"], ", "); test.status == http.StatusMethodNotAllowed && !strings.Contains(allow, "GET") {
			t.Errorf("%s %s: Allow %q, want GET in it", test.method, test.path, allow)
		}
	}
}

// A streamed body, which fiber does not limit, has the same limit as others.
func TestStreamedBody(t *testing.T) {
	app := newStreamingApp(t)
	app.createUser(t, "ann@example.org", DefaultRole)
	valid := credentials("ann@example.org", testPassword)
	chunked := func(r *http.Request) { r.ContentLength = -1 }
	for body, status := range map[string]int{
		valid: http.StatusOK,
		valid + strings.Repeat(" ", maxBody-len(valid)):   http.StatusOK,
		valid + strings.Repeat(" ", maxBody-len(valid)+1): http.StatusRequestEntityTooLarge,
		"{": http.StatusBadRequest,
	} {
		app.browser(t).want(status, "POST", prefix+"/login", body)
		app.browser(t).want(status, "POST", prefix+"/login", body, chunked)
	}
}

// The unread rest of a streamed body must not be parsed as the next request, as fasthttp
// does: behind a proxy, another client would get the response.
func TestUnreadBody(t *testing.T) {
	app := newStreamingApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	for _, test := range []struct {
		path, header string
		status       int
	}{
		{prefix + "/logout", "", http.StatusUnauthorized},
		{prefix + "/login", "Content-Type: text/plain\r\n", http.StatusUnsupportedMediaType},
		{prefix + "/login", "Content-Type: application/json\r\n", http.StatusBadRequest},
		{"/test", "", http.StatusUnauthorized},
		{"/test", "Sec-Fetch-Site: cross-site\r\n", http.StatusForbidden},
		{prefix + "/logout", "Cookie: " + app.cookieName + "=" + b.cookie() + "\r\n", http.StatusNoContent},
	} {
		conn, err := tls.Dial("tcp", app.server.address, &tls.Config{
			RootCAs: app.server.transport.TLSClientConfig.RootCAs, ServerName: "example.com",
		})
		if err != nil {
			t.Fatal(err)
		}
		const next = "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"
		if _, err := io.WriteString(conn, "POST "+test.path+" HTTP/1.1\r\nHost: example.com\r\n"+test.header+"Transfer-Encoding: chunked\r\n\r\n"+next); err != nil {
			t.Fatal(err)
		}
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		answers, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(answers), fmt.Sprintf("HTTP/1.1 %d ", test.status)) || strings.Count(string(answers), "HTTP/1.1 ") != 1 {
			t.Errorf("POST %s with %q: want one answer with status %d, got\n%s", test.path, test.header, test.status, answers)
		}
		_ = conn.Close()
	}
}

// newStreamingApp is newTestApp with handlers that are called before the body has arrived.
func newStreamingApp(t *testing.T) *testApp {
	t.Helper()
	app := newTestApp(t)
	config := app.testConfig()
	config.StreamRequestBody = true
	router := fiber.New(config)
	router.Use(app.Middleware)
	app.Register(router, usualRoutes(app.Auth))
	router.Post("/test", app.RequireUser, func(c fiber.Ctx) error { return nil })
	app.server = startTLS(t, router)
	return app
}
