//authgen:if gate
//authgen:unit gate.go

package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// LocalPath refuses targets outside of the application, and targets that a browser could
// misread as such.
func TestLocalPath(t *testing.T) {
	const fallback = "/fallback"
	for target, want := range map[string]string{
		"/":                       "/",
		"/local":                  "/local",
		"/local/":                 "/local/",
		"/a/b?c=d&e=f":            "/a/b?c=d&e=f",
		"/a?next=//evil.example":  "/a?next=//evil.example",
		"/a?u=https://e.example":  "/a?u=https://e.example",
		"/a%20b":                  "/a%20b",
		"/a%2fb":                  "/a%2fb",
		"/%C3%A4":                 "/%C3%A4",
		"/a:b@c":                  "/a:b@c",
		"/a;b":                    "/a;b",
		"/a#fragment":             "/a",
		"/a?":                     "/a",
		"/...":                    "/...",
		"/.a/b.":                  "/.a/b.",
		prefix + "x":              prefix + "x",
		"/a" + prefix + "/logout": "/a" + prefix + "/logout",

		"":                           "",
		"account":                    "",
		"?":                          "",
		"?a=b":                       "",
		"#a":                         "",
		".":                          "",
		"..":                         "",
		"//":                         "",
		"///":                        "",
		"//evil.example":             "",
		"///evil.example":            "",
		"////evil.example":           "",
		"//evil.example/%2f..":       "",
		"//app.example@evil.example": "",
		"//evil%E3%80%82example":     "",
		"//[::1]":                    "",
		`/\evil.example`:             "",
		`\/evil.example`:             "",
		`\\evil.example`:             "",
		`\evil.example`:              "",
		`/a\b`:                       "",
		`/a?b=\c`:                    "",
		"//evil.example/a":           "",
		"/\t/evil.example":           "",
		"/\n/evil.example":           "",
		"/\r\n/evil.example":         "",
		"\t//evil.example":           "",
		" //evil.example":            "",
		" /local":                    "",
		"/local ":                    "",
		"/a b":                       "",
		"/a\x00":                     "",
		"/a\x7f":                     "",
		"/\u3000/evil.example":       "",
		"/ä":                         "",
		"/%2fevil.example":           "",
		"/%2Fevil.example":           "",
		"/%5cevil.example":           "",
		"/%5Cevil.example":           "",
		"/%09/evil.example":          "",
		"/a%0d%0aSet-Cookie:%20a=b":  "",
		"/a%00":                      "",
		"/a%5cb":                     "",
		"/.//evil.example":           "",
		"/./":                        "",
		"/a/..//evil.example":        "",
		"/a/../../evil":              "",
		"/a/..":                      "",
		"/a/.":                       "",
		"/%2e/%2fevil.example":       "",
		"/%2e%2e//evil.example":      "",
		"/a%2f..%2f/evil.example":    "",
		"https:evil.example":         "",
		"https:/evil.example":        "",
		"https://evil.example":       "",
		"HTTPS://evil.example":       "",
		"https://app.example/a":      "",
		"http:///evil.example":       "",
		"javascript:alert(1)":        "",
		"javascript://%0aalert(1)":   "",
		"JaVaScRiPt:alert(1)":        "",
		"data:text/html,x":           "",
		"mailto:a@evil.example":      "",
		":":                          "",
		"/%":                         "",
		"/%zz":                       "",
		"a:b@evil.example/":          "",
		prefix:                       "",
		prefix + "/":                 "",
		prefix + "/logout":           "",
		prefix + "?a=b":              "",
		prefix + "%2flogout":         "",
		"/%" + hexByte(prefix[1]) + prefix[2:] + "/logout": "",
		"/" + strings.Repeat("a", 9<<10):                   "",
	} {
		if want == "" {
			want = fallback
		}
		if got := LocalPath(target, fallback); got != want {
			t.Errorf("LocalPath(%.60q) = %.60q, want %q", target, got, want)
		}
	}
}

// hexByte returns a byte as escaped in a URL.
func hexByte(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

// A browser that follows a local path from a page of the application stays there.
func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{
		"/a/b?c=d#e", "//evil.example", `/\evil.example`, "/%2fevil", "/.//evil", "/a/..//evil", "https:/evil", "/\t/evil",
		"javascript:alert(1)", "/%5c%5cevil", "/?//evil", "/a%2f..%2f..", "/;//evil", "/:@evil",
	} {
		f.Add(s)
	}
	base, err := url.Parse("https://app.example/page/of/it")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, target string) {
		local := LocalPath(target, "")
		if local == "" {
			return
		}
		if again := LocalPath(local, ""); again != local {
			t.Errorf("%q becomes %q and then %q", target, local, again)
		}
		ref, err := url.Parse(local)
		if err != nil {
			t.Fatalf("%q becomes %q: %v", target, local, err)
		}
		to := base.ResolveReference(ref)
		if to.Scheme != "https" || to.Host != "app.example" || to.User != nil {
			t.Errorf("%q leads to %v, outside of the application", target, to)
		}
		// Browsers drop tabs and line breaks, and treat a backslash as a slash.
		seen := strings.NewReplacer("\t", "", "\r", "", "\n", "", `\`, "/").Replace(local)
		if seen != local || !strings.HasPrefix(seen, "/") || strings.HasPrefix(seen, "//") {
			t.Errorf("%q becomes %q, which browsers read as %q", target, local, seen)
		}
		if p := to.Path; p == prefix || strings.HasPrefix(p, prefix+"/") || strings.HasPrefix(p, "//") {
			t.Errorf("%q leads to %v, which is not a page", target, to)
		}
	})
}

// setPaths changes the paths of the gate during a test.
func setPaths(tb testing.TB, public, protected []string) {
	tb.Helper()
	oldPublic, oldProtected := publicPaths, protectedPaths
	publicPaths, protectedPaths = public, protected
	tb.Cleanup(func() { publicPaths, protectedPaths = oldPublic, oldProtected })
}

// The gate redirects visitors to the login page from a protected page, and home from a
// page for visitors who are logged out, and lets all other requests pass.
func TestGate(t *testing.T) {
	setPaths(t, []string{"/in", "/up"}, []string{"/mine", "/at/work"})
	a := newOfflineAuth(t, func(c *Config) { c.LoginPath, c.HomePath = "/in", "/first" })
	now := time.Now()
	cookie := a.cookieHeader(a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}}), now).Get("Cookie")
	for _, test := range []struct {
		method, target string
		out, in        string // redirect for visitors who are logged out, and logged in
	}{
		{"GET", "/", "", ""},
		{"GET", "/mine", "/in?next=%2Fmine", ""},
		{"HEAD", "/mine", "/in?next=%2Fmine", ""},
		{"GET", "/mine/page?a=b&c=%2F", "/in?next=%2Fmine%2Fpage%3Fa%3Db%26c%3D%252F", ""},
		{"GET", "/at/work", "/in?next=%2Fat%2Fwork", ""},
		{"GET", "/at/work/", "/in?next=%2Fat%2Fwork%2F", ""},
		{"GET", "/at", "", ""},
		{"GET", "/mineral", "", ""},
		{"GET", "/MY", "", ""},
		{"GET", "/x/mine", "", ""},
		{"GET", "/x?/mine", "", ""},
		{"GET", "/mine/%2f%2fevil.example", "/in?next=%2Fmine%2F%252f%252fevil.example", ""},
		{"GET", "/mine/..//evil.example", "/in", ""},
		{"GET", "/mine%2fpage", "/in?next=%2Fmine%252fpage", ""},
		// Only pages are redirected.
		{"POST", "/mine", "", ""},
		{"DELETE", "/mine", "", ""},
		{"OPTIONS", "/mine", "", ""},

		{"GET", "/in", "", "/first"},
		{"GET", "/up", "", "/first"},
		{"GET", "/up/now", "", "/first"},
		{"GET", "/upper", "", ""},
		{"POST", "/in", "", ""},
		{"GET", "/in?next=/mine/page", "", "/mine/page"},
		{"GET", "/in?next=%2Fmine%3Fa%3Db", "", "/mine?a=b"},
		{"GET", "/in?next=//evil.example", "", "/first"},
		{"GET", "/in?next=https://evil.example", "", "/first"},
		{"GET", "/in?next=/%5Cevil.example", "", "/first"},
		{"GET", "/in?next=//evil.example&next=/mine", "", "/first"},
		{"GET", "/in?next=/mine&next=//evil.example", "", "/mine"},
		{"GET", "/in?next=" + prefix + "/logout", "", "/first"},
		{"GET", "/in?next=%zz", "", "/first"},
	} {
		for _, visitor := range []struct{ who, cookie, want string }{
			{"logged out", "", test.out},
			{"logged in", cookie, test.in},
			{"with junk", a.cookieName + "=junk", test.out},
		} {
			r := httptest.NewRequest(test.method, test.target, nil)
			if visitor.cookie != "" {
				r.Header.Set("Cookie", visitor.cookie)
			}
			if got := a.gate(a.enter(r)); got != visitor.want {
				t.Errorf("%s %s, %s: redirect to %q, want %q", test.method, test.target, visitor.who, got, visitor.want)
			}
		}
	}
}

// Requests that the gate redirects do not reach the application.
func TestGateBeforeApplication(t *testing.T) {
	setPaths(t, nil, []string{"/mine"})
	a := newOfflineAuth(t, func(c *Config) { c.LoginPath = "/in" })
	called := 0
	count := status(func(context.Context) int {
		called++
		return http.StatusNoContent
	})
	router := a.applicationOf(testRoute{"GET /mine", nil, count}, testRoute{"GET /in", nil, count})
	w := exchange(router, httptest.NewRequest("GET", "/mine?a=b", nil))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/in?next=%2Fmine%3Fa%3Db" || w.Header().Get("Cache-Control") != "no-store" || called > 0 {
		t.Errorf("GET /mine: status %d, header %v, application called %d times; want a redirect", w.Code, w.Header(), called)
	}
	if w := exchange(router, httptest.NewRequest("GET", "/in", nil)); w.Code != http.StatusNoContent || called != 1 {
		t.Errorf("GET /in: status %d, application called %d times; want 204, once", w.Code, called)
	}
}

// The gate and the guards lead to the login page and back, below the path of BaseURL, with
// requests from which a proxy has removed it.
func TestGateBelowBasePath(t *testing.T) {
	setPaths(t, []string{"/in"}, []string{"/mine"})
	const base = "/shop/app"
	v := newVisitor(t, DefaultRole, false, func(c *Config) {
		c.BaseURL, c.LoginPath, c.HomePath = "https://example.com"+base, "/in", "/home"
	})
	ok := status(func(context.Context) int { return http.StatusNoContent })
	routes := []testRoute{
		{"GET /in", nil, ok},
		{"GET /mine/{id}", nil, ok},
		{"GET /home", nil, ok},
		{"GET /guarded", []testGuard{v.auth.RequireUser}, ok},
	}
	for _, middleware := range []testGuard{v.auth.Middleware, v.auth.SessionMiddleware} {
		router := v.auth.applicationBehind(middleware, nil, routes...)
		visit := func(path, cookie string) (status int, location string) {
			r := httptest.NewRequest("GET", "https://example.com"+path, nil)
			r.Header.Set("Accept", "text/html")
			r.Header.Set("Cookie", v.auth.cookieName+"="+cookie)
			w := exchange(router, r)
			return w.Code, w.Header().Get("Location")
		}
		for _, test := range []struct{ path, login, back string }{
			{"/mine/1?a=b", "/in?next=%2Fmine%2F1%3Fa%3Db", "/mine/1?a=b"},
			{"/guarded", "/in?next=%2Fguarded", "/guarded"},
			{"/in?next=//evil.example", "", "/home"},
		} {
			login := test.path
			if test.login != "" {
				status, location := visit(test.path, "")
				if status != http.StatusSeeOther || location != base+test.login {
					t.Errorf("GET %s: status %d, Location %q; want 303, %q", test.path, status, location, base+test.login)
				}
				login = strings.TrimPrefix(location, base)
			}
			status, location := visit(login, v.cookie)
			if status != http.StatusSeeOther || location != base+test.back {
				t.Errorf("GET %s, logged in: status %d, Location %q; want 303, %q", login, status, location, base+test.back)
			}
			if status, location := visit(strings.TrimPrefix(location, base), v.cookie); status != http.StatusNoContent {
				t.Errorf("GET %s, logged in: status %d, Location %q; want 204", test.back, status, location)
			}
		}
	}
}

// If home is a page for visitors who are logged out, there is no redirect loop.
func TestGateHomeIsPublic(t *testing.T) {
	setPaths(t, []string{"/", "/in"}, nil)
	a := newOfflineAuth(t, func(c *Config) { c.LoginPath, c.HomePath = "/in", "/" })
	now := time.Now()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header = a.cookieHeader(a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}}), now)
	if to := a.gate(a.enter(r)); to != "" {
		t.Errorf("redirect from home to %q, want none", to)
	}
}

// LoginPath and HomePath must be pages of the application.
func TestGateConfig(t *testing.T) {
	for path, ok := range map[string]bool{
		"/in": true, "/in/": true, "/in?a=b": true,
		"in": false, "//evil.example": false, "https://evil.example/": false, prefix + "/login": false, "/a/../b": false,
	} {
		c := Config{LoginPath: path, HomePath: path}
		if errs := c.setDefaults(); (len(errs) == 0) != ok || !ok && len(errs) != 2 {
			t.Errorf("%q: errors %v, want valid: %t", path, errs, ok)
		}
	}
}

// A guard redirects browsers to the login page, and answers programs with an error.
func TestNavigation(t *testing.T) {
	setPaths(t, nil, nil)
	a := newOfflineAuth(t, func(c *Config) { c.LoginPath = "/in" })
	var routes []testRoute
	for _, route := range []string{"GET /page", "POST /page", "GET /in"} {
		routes = append(routes, testRoute{route, []testGuard{a.RequireUser}, status(func(context.Context) int {
			t.Error("the guard let a visitor pass who is not logged in")
			return http.StatusOK
		})})
	}
	router := a.applicationWith(usualRoutes(a), routes...)
	for _, test := range []struct {
		method, target, accept string
		location               string
	}{
		{"GET", "/page?a=b", "text/html,*/*;q=0.8", "/in?next=%2Fpage%3Fa%3Db"},
		{"HEAD", "/page", "text/html", "/in?next=%2Fpage"},
		{"GET", "/in", "text/html", "/in"},
		{"POST", "/page", "text/html", ""},
		{"GET", "/page", "application/json", ""},
		{"GET", "/page", "", ""},
		{"GET", prefix + "/me", "text/html", ""},
	} {
		r := httptest.NewRequest(test.method, test.target, nil)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Accept", test.accept)
		w := exchange(router, r)
		want := http.StatusUnauthorized
		if test.location != "" {
			want = http.StatusSeeOther
		}
		if got := w.Header().Get("Location"); got != test.location || w.Code != want || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s, Accept %q: status %d, Location %q; want %d, %q with no-store", test.method, test.target, test.accept, w.Code, got, want, test.location)
		}
	}
}
