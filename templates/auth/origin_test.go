//authgen:unit origin.go

package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Unsafe requests are accepted from pages of the application and, unless StrictOrigin is
// set, from programs other than browsers.
func TestCheckOrigin(t *testing.T) {
	const absent = ""
	check := func(method, host, site, origin string, a *Auth) error {
		r := httptest.NewRequest(method, "/", nil)
		r.Host = host
		if site != absent {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		if origin != absent {
			r.Header.Set("Origin", origin)
		}
		return a.checkOrigin(r)
	}
	lax := newOfflineAuth(t)
	strict := newOfflineAuth(t, func(c *Config) { c.StrictOrigin = true })
	// Of the trusted origins, only exactly these pass.
	choosy := newOfflineAuth(t, func(c *Config) {
		c.TrustedOrigins = []string{"https://app.example.com", "https://example.com:8443", "https://EXAMPLE.org:443/"}
	})
	type verdicts struct{ lax, strict bool }
	for _, test := range []struct {
		site, origin string
		want         verdicts
	}{
		{"same-origin", absent, verdicts{true, true}},
		{"same-origin", "https://example.com", verdicts{true, true}},
		{"none", absent, verdicts{true, true}},
		{"cross-site", absent, verdicts{}},
		{"cross-site", "https://evil.example", verdicts{}},
		{"cross-site", "https://example.com", verdicts{}},
		{"same-site", absent, verdicts{}},
		{"same-site", "https://sub.example.com", verdicts{}},
		{"bogus", absent, verdicts{}},
		{"same-origin, cross-site", absent, verdicts{}},
		{"SAME-ORIGIN", absent, verdicts{}},
		{absent, "https://example.com", verdicts{true, true}},
		{absent, "http://example.com", verdicts{}},
		{absent, "https://example.com:8443", verdicts{}},
		{absent, "https://EXAMPLE.com", verdicts{}},
		{absent, "https://example.com/", verdicts{}},
		{absent, "https://sub.example.com", verdicts{}},
		{absent, "https://example.com.evil.example", verdicts{}},
		{absent, "https://evilexample.com", verdicts{}},
		{absent, "https://evil.example", verdicts{}},
		{absent, "null", verdicts{}},
		{absent, "example.com", verdicts{}},
		{absent, "https://example.com https://evil.example", verdicts{}},
		{absent, "\x00", verdicts{}},
		{absent, absent, verdicts{true, false}},
		{"same-site", "https://app.example.com", verdicts{}},
	} {
		// Methods are unsafe unless they are known to be safe.
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get"} {
			for _, mode := range []struct {
				name string
				a    *Auth
				want bool
			}{{"lax", lax, test.want.lax}, {"strict", strict, test.want.strict}} {
				err := check(method, "example.com", test.site, test.origin, mode.a)
				if (err == nil) != mode.want || err != nil && !errors.Is(err, errCrossOrigin) {
					t.Errorf("%s %s, Sec-Fetch-Site %q, Origin %q: error %v, want accepted: %t", mode.name, method, test.site, test.origin, err, mode.want)
				}
			}
		}
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			if err := check(method, "example.com", test.site, test.origin, strict); err != nil {
				t.Errorf("%s, Sec-Fetch-Site %q, Origin %q: error %v", method, test.site, test.origin, err)
			}
		}
	}
	for origin, want := range map[string]bool{
		"https://app.example.com":              true,
		"https://example.com:8443":             true,
		"https://example.org":                  true,
		"https://example.com":                  false, // BaseURL, but from elsewhere
		"http://app.example.com":               false,
		"https://app.example.com:8443":         false,
		"https://app.example.com/":             false,
		"https://APP.example.com":              false,
		"https://evil.app.example.com":         false,
		"https://app.example.com.evil.example": false,
		"https://EXAMPLE.org:443/":             false,
		"null":                                 false,
		absent:                                 false,
	} {
		for _, site := range []string{"same-site", "cross-site"} {
			if err := check("POST", "example.com", site, origin, choosy); (err == nil) != want {
				t.Errorf("trusted origins, Sec-Fetch-Site %s, Origin %q: error %v, want accepted: %t", site, origin, err, want)
			}
		}
	}
	if err := check("POST", "example.com", absent, "https://app.example.com", choosy); err != nil {
		t.Errorf("a trusted origin without Sec-Fetch-Site: %v", err)
	}
	// Behind a proxy that rewrites Host, the Origin is still that of BaseURL.
	if err := check("POST", "backend:8080", absent, "https://example.com", lax); err != nil {
		t.Errorf("rewritten Host: %v", err)
	}
	if err := check("POST", "backend:8080", absent, "https://backend:8080", lax); err == nil {
		t.Error("rewritten Host: the origin of the backend is accepted")
	}
}

// Development mode serves only its own host and those of trusted origins, whatever the
// method, so that pages of other sites cannot reach it under another name.
func TestCheckHost(t *testing.T) {
	local := newOfflineAuth(t, func(c *Config) {
		c.BaseURL, c.TrustedOrigins = "http://LocalHost:8080", []string{"http://[::1]:8080", "https://localhost:5173"}
	})
	public := newOfflineAuth(t, func(c *Config) { c.TrustedOrigins = []string{"https://app.example.com"} })
	for host, want := range map[string]error{
		"localhost:8080":      nil,
		"LOCALHOST:8080":      nil,
		"[::1]:8080":          nil,
		"localhost:5173":      nil,
		"[::1]:5173":          errWrongHost,
		"localhost":           errWrongHost,
		"localhost:8081":      errWrongHost,
		"127.0.0.1:8080":      errWrongHost,
		"evil.example:8080":   errWrongHost,
		"localhost.evil:8080": errWrongHost,
		"":                    errWrongHost,
	} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST"} {
			r := httptest.NewRequest(method, "/", nil)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Host = host
			if err := local.checkHost(r); !errors.Is(err, want) {
				t.Errorf("%s to %q: error %v, want %v", method, host, err, want)
			}
			if err := public.checkHost(r); err != nil {
				t.Errorf("%s to %q outside of development mode: %v", method, host, err)
			}
		}
	}
	r := httptest.NewRequest("POST", "/", nil)
	r.Host = "localhost:8080"
	r.Header.Set("Origin", "https://localhost:8080")
	if err := local.checkOrigin(r); !errors.Is(err, errCrossOrigin) {
		t.Errorf("Origin with another scheme: error %v, want %v", err, errCrossOrigin)
	}
}

// use is a way to mount the package.
type use struct {
	name       string
	middleware testGuard // for all requests
	all        bool      // it refuses requests from other origins to every route
}

// uses returns the two ways.
func uses(a *Auth) []use {
	return []use{{"Middleware", a.Middleware, true}, {"SessionMiddleware", a.SessionMiddleware, false}}
}

// A refused request does not reach the application. Middleware refuses those for every
// route, SessionMiddleware only for the table and for guards; elsewhere, what another
// origin sends has no session.
func TestOwnRoutes(t *testing.T) {
	v := newVisitor(t, DefaultRole, false)
	for _, use := range uses(v.auth) {
		called, loggedIn := false, false
		own := status(func(ctx context.Context) int {
			called = true
			_, loggedIn = SessionFrom(ctx)
			_, err := Verify(ctx)
			if loggedIn != (err == nil) {
				t.Errorf("%s: SessionFrom reports %t, Verify returns error %v", use.name, loggedIn, err)
			}
			return http.StatusOK
		})
		router := v.auth.applicationBehind(use.middleware, usualRoutes(v.auth),
			testRoute{"POST /own", nil, own}, testRoute{"GET /own", nil, own},
			testRoute{"POST /guarded", []testGuard{v.auth.RequireUser}, own})
		for _, test := range []struct {
			route, site       string
			passes, anonymous bool
		}{
			{"POST /own", "same-origin", true, false},
			{"POST /own", "none", true, false},
			{"POST /own", "same-site", !use.all, true},
			{"POST /own", "cross-site", !use.all, true},
			{"GET /own", "cross-site", true, false},
			{"POST /guarded", "same-origin", true, false},
			{"POST /guarded", "same-site", false, false},
		} {
			called, loggedIn = false, false
			method, path, _ := strings.Cut(test.route, " ")
			r := httptest.NewRequest(method, "https://example.com"+path, nil)
			r.Header.Set("Sec-Fetch-Site", test.site)
			r.Header.Set("Cookie", v.auth.cookieName+"="+v.cookie)
			w := exchange(router, r)
			want := http.StatusForbidden
			if test.passes {
				want = http.StatusOK
			}
			if w.Code != want || called != test.passes || loggedIn != (test.passes && !test.anonymous) {
				t.Errorf("%s: %s, Sec-Fetch-Site %s: status %d, handler called: %t, with a session: %t; want %d", use.name, test.route, test.site, w.Code, called, loggedIn, want)
			}
			if !test.passes && (answer{Body: w.Body.String()}).Code() != "cross_origin" {
				t.Errorf("%s: %s, Sec-Fetch-Site %s: body %s, want the code cross_origin", use.name, test.route, test.site, w.Body)
			}
		}
	}
}

// Every route of the table refuses other origins and, in development mode, other hosts,
// however the package is mounted. Other routes are served for every host.
func TestEveryRouteOfTheTable(t *testing.T) {
	public := newOfflineAuth(t)
	local := newOfflineAuth(t, func(c *Config) { c.BaseURL = "http://localhost:8080" })
	for _, a := range []*Auth{public, local} {
		for _, use := range uses(a) {
			router := a.applicationBehind(use.middleware, usualRoutes(a),
				testRoute{"GET /own", nil, status(func(context.Context) int { return http.StatusAccepted })})
			for _, route := range usualRoutes(a) {
				r := httptest.NewRequest(route.Method, a.BaseURL()+strings.ReplaceAll(route.Path, "{id}", "x"), nil)
				r.Header.Set("Sec-Fetch-Site", "cross-site")
				if w := exchange(router, r); route.Method != "GET" && w.Code != http.StatusForbidden {
					t.Errorf("%s: %s from another site: status %d, want 403; body %s", use.name, route.Name, w.Code, w.Body)
				}
				r.Host = "evil.example"
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				if w := exchange(router, r); (w.Code == http.StatusMisdirectedRequest) != (a == local) {
					t.Errorf("%s: %s of %s for another host: status %d; body %s", use.name, route.Name, a.BaseURL(), w.Code, w.Body)
				}
			}
			r := httptest.NewRequest("GET", a.BaseURL()+"/own", nil)
			r.Host = "172.17.0.2:8080"
			if w := exchange(router, r); w.Code != http.StatusAccepted {
				t.Errorf("%s: a route outside of the table of %s for another host: status %d, want 202", use.name, a.BaseURL(), w.Code)
			}
		}
	}
}

// In development, TrustedOrigins covers a development server, whether it changes Host or
// the page calls the application directly, and other names of this machine.
func TestDevelopmentServers(t *testing.T) {
	a := newOfflineAuth(t, func(c *Config) {
		c.BaseURL = "http://localhost:8080"
		c.TrustedOrigins = []string{"http://localhost:5173", "http://127.0.0.1:8080", "http://[::1]:8080"}
	})
	for _, use := range uses(a) {
		router := a.applicationBehind(use.middleware, usualRoutes(a))
		for _, test := range []struct {
			host, origin string
			sites        []string // each of which gets the same answer
			want         int
		}{
			{"localhost:8080", "http://localhost:8080", []string{"same-origin", ""}, http.StatusUnsupportedMediaType},
			{"localhost:5173", "http://localhost:5173", []string{"same-origin", ""}, http.StatusUnsupportedMediaType},
			{"localhost:8080", "http://localhost:5173", []string{"same-origin", "same-site", ""}, http.StatusUnsupportedMediaType},
			{"127.0.0.1:8080", "http://127.0.0.1:8080", []string{"same-origin", ""}, http.StatusUnsupportedMediaType},
			{"[::1]:8080", "http://[::1]:8080", []string{"same-origin", ""}, http.StatusUnsupportedMediaType},
			{"localhost:8080", "http://localhost:3000", []string{"same-site", "cross-site", ""}, http.StatusForbidden},
			{"localhost:3000", "http://localhost:3000", []string{"same-origin"}, http.StatusMisdirectedRequest},
			{"api:8080", "http://localhost:5173", []string{"same-origin", ""}, http.StatusMisdirectedRequest},
			{"evil.example:8080", "", []string{"same-origin", ""}, http.StatusMisdirectedRequest},
		} {
			for _, site := range test.sites {
				r := httptest.NewRequest("POST", a.BaseURL()+prefix+"/login", nil)
				r.Host = test.host
				for name, value := range map[string]string{"Origin": test.origin, "Sec-Fetch-Site": site} {
					if value != "" {
						r.Header.Set(name, value)
					}
				}
				if w := exchange(router, r); w.Code != test.want {
					t.Errorf("%s: Host %s, Origin %q, Sec-Fetch-Site %q: status %d, want %d; body %s", use.name, test.host, test.origin, site, w.Code, test.want, w.Body)
				}
			}
		}
	}
}

// A refusal says, in the log and in the answer, what came and which setting to change.
func TestRefusalsSayWhy(t *testing.T) {
	const secret = "secret-in-a-cookie"
	for _, test := range []struct {
		about  string
		change func(*Config)
		host   string
		header []string // names and values
		status int
		want   []string
	}{
		{
			"a development server", func(c *Config) { c.BaseURL = "http://localhost:8080" },
			"localhost:8080",
			[]string{"Origin", "http://localhost:5173", "Sec-Fetch-Site", "same-site"},
			http.StatusForbidden,
			[]string{`Origin is "http://localhost:5173"`, `Host "localhost:8080"`, `BaseURL is "http://localhost:8080"`, "Config.TrustedOrigins"},
		},
		{
			"another name of this machine", func(c *Config) { c.BaseURL = "http://localhost:8080" },
			"127.0.0.1:8080",
			[]string{"Origin", "http://127.0.0.1:8080", "Sec-Fetch-Site", "same-origin"},
			http.StatusMisdirectedRequest,
			[]string{`Host is "127.0.0.1:8080"`, "served: localhost:8080.", `Add "http://127.0.0.1:8080" to Config.TrustedOrigins`},
		},
		{
			"another machine", func(c *Config) {
				c.BaseURL, c.TrustedOrigins = "http://localhost:8080", []string{"http://localhost:5173"}
			},
			"172.17.0.2:8080", nil,
			http.StatusMisdirectedRequest,
			[]string{`Host is "172.17.0.2:8080"`, "served: localhost:8080, localhost:5173.", "must not change Host", "Config.BaseURL"},
		},
		{
			"a program", func(c *Config) { c.StrictOrigin = true },
			"example.com", nil,
			http.StatusForbidden,
			[]string{`Origin is ""`, "Config.StrictOrigin", "Config.AllowCrossOrigin"},
		},
		{
			"a long host", func(c *Config) { c.BaseURL = "http://localhost:8080" },
			strings.Repeat("a", 5000), nil,
			http.StatusMisdirectedRequest,
			[]string{"Config.BaseURL"},
		},
		{
			"a long origin", func(*Config) {},
			"example.com",
			[]string{"Origin", "https://" + strings.Repeat("<", 5000)},
			http.StatusForbidden,
			[]string{"Config.TrustedOrigins"},
		},
	} {
		log := new(logBuffer)
		a := newOfflineAuth(t, test.change, func(c *Config) { c.Logger = slog.New(slog.NewJSONHandler(log, nil)) })
		for _, use := range uses(a) {
			before := len(log.String())
			r := httptest.NewRequest("POST", a.BaseURL()+prefix+"/login", nil)
			r.Host = test.host
			for i := 0; i < len(test.header); i += 2 {
				r.Header.Set(test.header[i], test.header[i+1])
			}
			r.Header.Set("Cookie", a.cookieName+"="+secret)
			w := exchange(a.applicationBehind(use.middleware, usualRoutes(a)), r)
			var p Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != test.status {
				t.Fatalf("%s, %s: status %d, want %d; body %s; error %v", use.name, test.about, w.Code, test.status, w.Body, err)
			}
			var record struct{ Msg, Code, Path, Detail, Client string }
			if err := json.Unmarshal([]byte(log.String()[before:]), &record); err != nil {
				t.Fatalf("%s, %s: log %s: %v", use.name, test.about, log.String()[before:], err)
			}
			if record.Msg != "authz_fail" || record.Code != p.Code || record.Path != prefix+"/login" || record.Client != "192.0.2.1" || record.Detail != p.Detail {
				t.Errorf("%s, %s: logged %+v, want the refusal %+v", use.name, test.about, record, p)
			}
			for _, want := range test.want {
				if !strings.Contains(p.Detail, want) {
					t.Errorf("%s, %s: detail %q, want %q in it", use.name, test.about, p.Detail, want)
				}
			}
			// For other routes, there is another middleware.
			if hint := strings.Contains(p.Detail, "SessionMiddleware"); hint != (use.all && test.status == http.StatusForbidden) {
				t.Errorf("%s, %s: detail %q", use.name, test.about, p.Detail)
			}
			if text := w.Body.String() + log.String(); strings.Contains(text, secret) || len(p.Detail) > 1200 {
				t.Errorf("%s, %s: a secret, or %d bytes: %s", use.name, test.about, len(p.Detail), text)
			}
		}
	}
}

// A browser that is refused sees why, as text.
func TestRefusalPage(t *testing.T) {
	a := newOfflineAuth(t, func(c *Config) { c.BaseURL = "http://localhost:8080" })
	router := a.applicationWith([]Route{{Method: "GET", Path: "/page", Public: true, Form: true, Handler: rawHandler(http.StatusOK, "")}})
	r := httptest.NewRequest("GET", "/page", nil)
	r.Host = "app:8080"
	r.Header.Set("Accept", "text/html")
	w := exchange(router, r)
	if body := w.Body.String(); w.Code != http.StatusMisdirectedRequest || !strings.Contains(body, "Open http://localhost:8080 instead.") || !strings.Contains(body, "app:8080") {
		t.Errorf("status %d, body %s; want 421 with both hosts", w.Code, body)
	}
	var b strings.Builder
	if err := a.errorPage(&b, Problem{Detail: "<b>"}); err != nil || !strings.Contains(b.String(), "&lt;b&gt;") {
		t.Errorf("the page is %s, error %v; want the detail as text", &b, err)
	}
}

const trustedOrigin = "https://www.example.com"

func trusting(c *Config) { c.TrustedOrigins = []string{"https://other.example.com", trustedOrigin} }

// corsHeaders returns the CORS headers of an answer, and whether it varies by Origin.
func corsHeaders(header http.Header) (cors map[string]string, varies bool) {
	cors = make(map[string]string)
	for name := range header {
		if short, ok := strings.CutPrefix(name, "Access-Control-"); ok {
			cors[short] = header.Get(name)
		}
	}
	return cors, strings.Contains(strings.Join(header.Values("Vary"), ","), "Origin")
}

// Pages of trusted origins, and of no others, may read all answers of the table, refusals
// included.
func TestTrustedOriginsReadAnswers(t *testing.T) {
	app := newTestApp(t, trusting)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	readable := map[string]string{"Allow-Origin": trustedOrigin, "Allow-Credentials": "true", "Expose-Headers": "Retry-After"}
	for _, use := range uses(app.Auth) {
		app.server = startTLS(t, app.applicationBehind(use.middleware, usualRoutes(app.Auth),
			testRoute{"GET /own", nil, status(func(context.Context) int { return http.StatusOK })}))
		for _, test := range []struct {
			method, path, body, origin string
			status                     int
			reads                      bool
		}{
			{"GET", prefix + "/me", "", trustedOrigin, http.StatusOK, true},
			{"HEAD", prefix + "/me", "", trustedOrigin, http.StatusOK, true},
			{"POST", prefix + "/reauthenticate", jsonObject(map[string]any{"password": testPassword}), trustedOrigin, http.StatusNoContent, true},
			{"POST", prefix + "/reauthenticate", "{", trustedOrigin, http.StatusBadRequest, true},
			{"GET", prefix + "/me", "", "https://evil.example.com", http.StatusOK, false},
			{"GET", prefix + "/me", "", "null", http.StatusOK, false},
			{"GET", prefix + "/me", "", "", http.StatusOK, false},
			{"POST", prefix + "/reauthenticate", "{", "https://evil.example.com", http.StatusForbidden, false},
			{"POST", prefix + "/reauthenticate", "{", "null", http.StatusForbidden, false},
			{"GET", "/own", "", trustedOrigin, http.StatusOK, false},
		} {
			b := app.resume(t, ann.cookie())
			got := b.want(test.status, test.method, test.path, test.body, func(r *http.Request) {
				r.Header.Set("Sec-Fetch-Site", "same-site")
				if test.origin != "" {
					r.Header.Set("Origin", test.origin)
				}
			})
			if cookie := b.cookie(); cookie != ann.cookie() {
				ann.setCookie(cookie)
			}
			want := map[string]string{}
			if test.reads {
				want = readable
			}
			cors, varies := corsHeaders(got.Header)
			if diff := unequal(want, cors); diff != "" {
				t.Errorf("%s: %s %s from %q: status %d, CORS headers%s", use.name, test.method, test.path, test.origin, got.Status, diff)
			}
			// The middleware refuses before there is a route.
			if want := test.path != "/own" && !(use.all && got.Status == http.StatusForbidden); varies != want {
				t.Errorf("%s: %s %s from %q: Vary %q", use.name, test.method, test.path, test.origin, got.Header["Vary"])
			}
		}
	}
}

// The answer to a preflight request lists what a trusted origin may send.
func TestPreflight(t *testing.T) {
	a := newOfflineAuth(t, trusting)
	methods := make(map[string][]string)
	for _, r := range usualRoutes(a) {
		path := strings.ReplaceAll(r.Path, "{id}", "x")
		methods[path] = append(methods[path], r.Method)
		if r.Method == "GET" {
			methods[path] = append(methods[path], "HEAD")
		}
	}
	for _, use := range uses(a) {
		router := a.applicationBehind(use.middleware, usualRoutes(a))
		for path, allowed := range methods {
			for _, test := range []struct {
				origin, headers string
				status          int
				want            map[string]string
			}{
				{trustedOrigin, "content-type,x-trace", http.StatusNoContent, map[string]string{"Allow-Headers": "content-type,x-trace"}},
				{trustedOrigin, "", http.StatusNoContent, map[string]string{}},
				{"https://example.com", "", http.StatusNoContent, nil},
				{"", "", http.StatusNoContent, nil},
				{"https://evil.example.com", "content-type", http.StatusForbidden, nil},
				{"null", "content-type", http.StatusForbidden, nil},
			} {
				r := httptest.NewRequest("OPTIONS", "https://example.com"+path, nil)
				r.Header.Set("Access-Control-Request-Method", allowed[0])
				for name, value := range map[string]string{"Origin": test.origin, "Access-Control-Request-Headers": test.headers} {
					if value != "" {
						r.Header.Set(name, value)
					}
				}
				want := map[string]string{}
				list := strings.Join(allowed, ", ")
				if test.want != nil {
					want = map[string]string{
						"Allow-Origin": trustedOrigin, "Allow-Credentials": "true", "Expose-Headers": "Retry-After",
						"Allow-Methods": list, "Max-Age": "600",
					}
					if test.headers != "" {
						want["Allow-Headers"] = test.headers
					}
				}
				w := exchange(router, r)
				cors, varies := corsHeaders(w.Header())
				if diff := unequal(want, cors); diff != "" || w.Code != test.status || !varies {
					t.Errorf("%s: OPTIONS %s from %q: status %d, want %d; varies by Origin: %t; CORS headers%s", use.name, path, test.origin, w.Code, test.status, varies, diff)
				}
				if allow := w.Header().Get("Allow"); allow != list+", OPTIONS" || w.Header().Get("Set-Cookie") != "" {
					t.Errorf("%s: OPTIONS %s: Allow %q, Set-Cookie %q; want %s, OPTIONS and none", use.name, path, allow, w.Header().Get("Set-Cookie"), list)
				}
			}
		}
	}
}

// Without trusted origins, the package answers no preflight request and no header of it
// depends on the origin.
func TestNoTrustedOrigins(t *testing.T) {
	a := newOfflineAuth(t)
	router := a.application()
	for _, method := range []string{"GET", "OPTIONS"} {
		r := httptest.NewRequest(method, "https://example.com"+prefix+"/me", nil)
		r.Header.Set("Origin", "https://example.com")
		r.Header.Set("Access-Control-Request-Method", "GET")
		w := exchange(router, r)
		if cors, varies := corsHeaders(w.Header()); len(cors) > 0 || varies && method == "GET" {
			t.Errorf("%s: CORS headers %v, Vary %q; want none", method, cors, w.Header()["Vary"])
		}
		if method == "OPTIONS" && w.Header().Get("Content-Security-Policy") != "" {
			t.Errorf("OPTIONS: the package answers, with status %d", w.Code)
		}
	}
}

// The headers add to a Vary that other middleware has set.
func TestVaryIsKept(t *testing.T) {
	a := newOfflineAuth(t, trusting)
	header := http.Header{"Vary": {"Accept-Encoding"}}
	a.setOriginHeaders(header, httptest.NewRequest("GET", "/", nil), Route{Method: "GET"})
	if got := strings.Join(header["Vary"], ", "); got != "Accept-Encoding, Origin" {
		t.Errorf("Vary: %s", got)
	}
}

// Browsers do not send the cookie to another site. That is logged, once.
func TestTrustedOriginOnAnotherSite(t *testing.T) {
	log := new(logBuffer)
	a := newOfflineAuth(t, trusting, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
	router := a.application()
	for _, site := range []string{"same-site", "cross-site", "cross-site"} {
		r := httptest.NewRequest("POST", "https://example.com"+prefix+"/login", nil)
		r.Header.Set("Origin", trustedOrigin)
		r.Header.Set("Sec-Fetch-Site", site)
		if w := exchange(router, r); w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%s: status %d, want 415", site, w.Code)
		}
		lines := strings.Count(log.String(), "\n")
		if want := map[bool]int{true: 0, false: 1}[site == "same-site"]; lines != want || want == 1 && !strings.Contains(log.String(), trustedOrigin) {
			t.Errorf("after a request with %s: log %q, want %d lines", site, log, want)
		}
	}
}

// hooked returns a table with public routes that tell whether they had a session.
func hooked(report func(name string, loggedIn bool)) []Route {
	route := func(name, path string) Route {
		return Route{Name: name, Method: "POST", Path: path, Public: true, Handler: func(r *Request) (Answer, error) {
			_, loggedIn := SessionFrom(r.Context())
			report(name, loggedIn)
			return Answer{}, nil
		}}
	}
	return []Route{route("webhook", "/hooks/{id}"), route("other", "/hooks/{id}/again"), route("special", "/hooks/special")}
}

// A route that AllowCrossOrigin names accepts requests from other origins, without the
// session of their cookie. All others still refuse them.
func TestAllowCrossOrigin(t *testing.T) {
	for _, baseURL := range []string{"https://example.com", "http://localhost:8080"} {
		v := newVisitor(t, DefaultRole, false, func(c *Config) {
			c.BaseURL, c.StrictOrigin, c.AllowCrossOrigin = baseURL, true, []string{"webhook"}
		})
		if !v.auth.AllowsCrossOrigin("webhook") || v.auth.AllowsCrossOrigin("other") || v.auth.AllowsCrossOrigin("") {
			t.Error("AllowsCrossOrigin does not report what AllowCrossOrigin names")
		}
		for _, use := range uses(v.auth) {
			called := ""
			own := status(func(ctx context.Context) int {
				_, loggedIn := SessionFrom(ctx)
				called = fmt.Sprint("own ", loggedIn)
				return http.StatusNoContent
			})
			router := v.auth.applicationBehind(use.middleware, hooked(func(name string, loggedIn bool) { called = fmt.Sprint(name, " ", loggedIn) }),
				testRoute{"POST /own", nil, own}, testRoute{"PUT /hooks/{id}", nil, own})
			unguarded := map[bool]string{true: "", false: "own false"}[use.all]
			for _, test := range []struct {
				route, host, site string
				want              string // who was called, "" if the request was refused
			}{
				{"POST /hooks/acme", "", "cross-site", "webhook false"},
				{"POST /hooks/acme", "tunnel.example", "", "webhook false"},
				{"POST /hooks/acme", "", "same-origin", "webhook true"},
				{"POST /hooks/acme/again", "", "cross-site", ""},
				{"POST /hooks/acme/again", "", "", ""},
				{"POST /hooks/acme/again", "", "same-origin", "other true"},
				// The path looks like that of the webhook, but the router chooses another.
				{"POST /hooks/special", "", "cross-site", ""},
				{"POST /hooks/special", "", "same-origin", "special true"},
				{"POST /own", "", "same-origin", "own true"},
				{"POST /own", "", "cross-site", unguarded},
				{"PUT /hooks/acme", "", "cross-site", unguarded},
			} {
				called = ""
				method, path, _ := strings.Cut(test.route, " ")
				r := httptest.NewRequest(method, baseURL+path, nil)
				if test.host != "" {
					r.Host = test.host
				}
				if test.site != "" {
					r.Header.Set("Sec-Fetch-Site", test.site)
				}
				r.Header.Set("Cookie", v.auth.cookieName+"="+v.cookie)
				w := exchange(router, r)
				status := http.StatusNoContent
				if test.want == "" {
					status = http.StatusForbidden
				}
				if called != test.want || w.Code != status {
					t.Errorf("%s, %s: %s, host %q, Sec-Fetch-Site %q: status %d, called %q; want %d, %q", baseURL, use.name, test.route, test.host, test.site, w.Code, called, status, test.want)
				}
			}
		}
	}
}

// Register refuses names that are not in the table, and those of routes for users.
func TestAllowCrossOriginRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"webhok": `"webhok", but no route of the table has that name`,
		"logout": `"logout", a route for users`,
	} {
		a := newOfflineAuth(t, func(c *Config) { c.AllowCrossOrigin = []string{"login", name} })
		func() {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.Contains(text, "auth: Config.AllowCrossOrigin has "+want) {
					t.Errorf("%s: panic %s, want one that says %s", name, text, want)
				}
			}()
			a.applicationWith(usualRoutes(a))
		}()
	}
	a := newOfflineAuth(t, func(c *Config) { c.AllowCrossOrigin = []string{"login"} })
	a.applicationWith(usualRoutes(a))
}

// One route of two for a path can have another name for its parameter, which some routers
// do not accept for one method.
func TestPreflightsOfParameters(t *testing.T) {
	a := newOfflineAuth(t, trusting)
	ok := func(*Request) (Answer, error) { return Answer{}, nil }
	router := a.applicationWith([]Route{
		{Method: "GET", Path: "/test/{id}/of/{owner}", Public: true, Handler: ok},
		{Method: "PUT", Path: "/test/{name}/of/{user}", Public: true, Handler: ok},
		{Method: "POST", Path: "/test/{n}/more", Public: true, Handler: ok},
	})
	for path, want := range map[string]string{"/test/a/of/b": "GET, HEAD, PUT, OPTIONS", "/test/a/more": "POST, OPTIONS"} {
		w := exchange(router, httptest.NewRequest("OPTIONS", "https://example.com"+path, nil))
		if got := w.Header().Get("Allow"); w.Code != http.StatusNoContent || got != want {
			t.Errorf("OPTIONS %s: status %d, Allow %q; want 204, %q", path, w.Code, got, want)
		}
	}
}
