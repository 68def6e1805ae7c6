package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The client is whoever opened the connection, unless that is a trusted proxy:
// then it is the last of the addresses that no trusted proxy has.
func TestClientAddress(t *testing.T) {
	var (
		none    []string
		proxies = []string{"10.0.0.0/8", "fd00::/8"}
		all     = []string{"0.0.0.0/0", "::/0"}
	)
	for _, test := range []struct {
		about     string
		trusted   []string
		peer      string
		forwarded []string
		want      string
	}{
		{"peer", none, "192.0.2.1:1234", nil, "192.0.2.1"},
		{"nobody is trusted", none, "192.0.2.1:1234", []string{"203.0.113.7"}, "192.0.2.1"},
		{"nobody is trusted, local peer", none, "127.0.0.1:1234", []string{"203.0.113.7"}, "127.0.0.1"},
		{"peer is not trusted", proxies, "192.0.2.1:1234", []string{"203.0.113.7"}, "192.0.2.1"},
		{"proxy without a header", proxies, "10.0.0.1:1234", nil, "10.0.0.1"},
		{"proxy with an empty header", proxies, "10.0.0.1:1234", []string{""}, "10.0.0.1"},
		{"proxy", proxies, "10.0.0.1:1234", []string{"203.0.113.7"}, "203.0.113.7"},
		{"made-up hops", proxies, "10.0.0.1:1234", []string{"1.1.1.1, 10.9.9.9, 203.0.113.7"}, "203.0.113.7"},
		{"several proxies", proxies, "10.0.0.1:1234", []string{"1.1.1.1, 203.0.113.7 ,10.0.0.3,\t10.0.0.2"}, "203.0.113.7"},
		{"two headers", proxies, "10.0.0.1:1234", []string{"1.1.1.1", "203.0.113.7, 10.0.0.2"}, "203.0.113.7"},
		{"two headers, the last a proxy", proxies, "10.0.0.1:1234", []string{"1.1.1.1, 203.0.113.7", "10.0.0.2"}, "203.0.113.7"},
		{"only proxies", proxies, "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"everybody is trusted", all, "10.0.0.1:1234", []string{"1.1.1.1, 203.0.113.7"}, "1.1.1.1"},
		{"junk", proxies, "10.0.0.1:1234", []string{"203.0.113.7, unknown"}, "10.0.0.1"},
		{"junk further away", proxies, "10.0.0.1:1234", []string{"junk, 203.0.113.7"}, "203.0.113.7"},
		{"junk behind a proxy", proxies, "10.0.0.1:1234", []string{"203.0.113.7, _hidden, 10.0.0.2"}, "10.0.0.2"},
		{"trailing comma", proxies, "10.0.0.1:1234", []string{"203.0.113.7,"}, "10.0.0.1"},
		{"leading zeros", proxies, "10.0.0.1:1234", []string{"203.0.113.007"}, "10.0.0.1"},
		{"many hops", proxies, "10.0.0.1:1234", []string{strings.Repeat("1.1.1.1,", 10_000) + "203.0.113.7"}, "203.0.113.7"},
		{"IPv6 peer", none, "[2001:db8::1]:1234", nil, "2001:db8::1"},
		{"IPv6 proxy", proxies, "[fd00::1]:1234", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 in brackets", proxies, "[fd00::1]:1234", []string{"[2001:db8::1]"}, "fd00::1"},
		{"zone of the peer", none, "[fe80::1%eth0]:1234", nil, "fe80::1"},
		{"zone of a hop", proxies, "10.0.0.1:1234", []string{"fe80::1%eth0"}, "fe80::1"},
		{"IPv4-mapped peer", none, "[::ffff:192.0.2.1]:1234", nil, "192.0.2.1"},
		{"IPv4-mapped proxy", proxies, "[::ffff:10.0.0.1]:1234", []string{"203.0.113.7"}, "203.0.113.7"},
		{"IPv4-mapped hops", proxies, "10.0.0.1:1234", []string{"::ffff:203.0.113.7, ::ffff:10.0.0.2"}, "203.0.113.7"},
		{"socket of the file system", proxies, "@", []string{"203.0.113.7"}, "unknown"},
	} {
		a := newOfflineAuth(t, func(c *Config) {
			for _, p := range test.trusted {
				c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(p))
			}
		})
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.peer
		r.Header["X-Forwarded-For"] = test.forwarded
		// These are never believed.
		for _, name := range []string{"X-Real-Ip", "Forwarded", "Cf-Connecting-Ip", "True-Client-Ip", "X-Client-Ip", "X_forwarded_for"} {
			r.Header[name] = []string{"198.51.100.99"}
		}
		if got := a.client(r).address(); got != test.want {
			t.Errorf("%s: %s, want %s", test.about, got, test.want)
		}
	}
}

// A user agent is text that fits into a column.
func TestClientUserAgent(t *testing.T) {
	a := newOfflineAuth(t)
	for _, test := range []struct{ sent, want string }{
		{"", ""},
		{"Mozilla/5.0", "Mozilla/5.0"},
		{"a\xffb", "ab"},
		{strings.Repeat("x", maxUserAgent+1), strings.Repeat("x", maxUserAgent)},
		{strings.Repeat("x", maxUserAgent-1) + "é", strings.Repeat("x", maxUserAgent-1)},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("User-Agent", test.sent)
		if got := a.client(r).userAgent; got != test.want || !utf8.ValidString(got) {
			t.Errorf("%.20q: %.20q (%d bytes)", test.sent, got, len(got))
		}
	}
}

// Unsafe requests are admitted when they come from a page of this application,
// and from what is no browser unless StrictOrigin says otherwise.
func TestAdmit(t *testing.T) {
	const absent = ""
	admitted := func(method, host, site, origin string, a *Auth) error {
		r := httptest.NewRequest(method, "/", nil)
		r.Host = host
		if site != absent {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		if origin != absent {
			r.Header.Set("Origin", origin)
		}
		return a.admit(r)
	}
	lax := newOfflineAuth(t)
	strict := newOfflineAuth(t, func(c *Config) { c.StrictOrigin = true })
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
	} {
		// A method is unsafe unless it is known to be safe.
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get"} {
			for _, mode := range []struct {
				name string
				a    *Auth
				want bool
			}{{"lax", lax, test.want.lax}, {"strict", strict, test.want.strict}} {
				err := admitted(method, "example.com", test.site, test.origin, mode.a)
				if (err == nil) != mode.want || err != nil && !errors.Is(err, errCrossOrigin) {
					t.Errorf("%s %s, Sec-Fetch-Site %q, Origin %q: error %v", mode.name, method, test.site, test.origin, err)
				}
			}
		}
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			if err := admitted(method, "example.com", test.site, test.origin, strict); err != nil {
				t.Errorf("%s, Sec-Fetch-Site %q, Origin %q: error %v", method, test.site, test.origin, err)
			}
		}
	}
	// Behind a proxy that rewrites Host, the Origin is still that of BaseURL.
	if err := admitted("POST", "backend:8080", absent, "https://example.com", lax); err != nil {
		t.Errorf("rewritten Host: %v", err)
	}
	if err := admitted("POST", "backend:8080", absent, "https://backend:8080", lax); err == nil {
		t.Error("rewritten Host: its own origin is admitted")
	}
}

// The development mode serves its one host, whatever the method is: a page of
// another site cannot reach it by a name of its own.
func TestAdmitHost(t *testing.T) {
	local := newOfflineAuth(t, func(c *Config) { c.BaseURL = "http://LocalHost:8080" })
	public := newOfflineAuth(t)
	for host, want := range map[string]error{
		"localhost:8080":      nil,
		"LOCALHOST:8080":      nil,
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
			if err := local.admit(r); !errors.Is(err, want) {
				t.Errorf("%s to %q: error %v, want %v", method, host, err, want)
			}
			if err := public.admit(r); err != nil {
				t.Errorf("%s to %q outside of the development mode: %v", method, host, err)
			}
		}
	}
	r := httptest.NewRequest("POST", "/", nil)
	r.Host = "localhost:8080"
	r.Header.Set("Origin", "https://localhost:8080")
	if err := local.admit(r); !errors.Is(err, errCrossOrigin) {
		t.Errorf("Origin with another scheme: error %v", err)
	}
}

// What is not admitted does not get to the application.
func TestApplicationIsNotCalled(t *testing.T) {
	a := newOfflineAuth(t)
	called := false
	router := a.applicationOf(testRoute{"POST /test", nil, status(func(context.Context) int {
		called = true
		return http.StatusOK
	})})
	r := httptest.NewRequest("POST", "/test", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := exchange(router, r); called || w.Code != http.StatusForbidden {
		t.Errorf("status %d, application called: %v", w.Code, called)
	}
}

// Within a request, the visit is the same wherever it is asked for, and sees the
// session that the visitor got.
func TestVisit(t *testing.T) {
	a := newOfflineAuth(t)
	s := a.newSession(user{id: newUserID(time.Now()), role: DefaultRole, version: 1}, false)
	ctx := a.enter(httptest.NewRequest("GET", "/", nil)).Context()
	if _, ok := SessionFrom(ctx); ok {
		t.Error("signed in without a cookie")
	}
	v, ok := a.visitOf(ctx)
	if !ok {
		t.Fatal("no visit")
	}
	v.become(s)
	if got, ok := SessionFrom(ctx); !ok || got != s {
		t.Errorf("after become, SessionFrom returns %+v, %v", got, ok)
	}
	v.become(Session{})
	if _, ok := SessionFrom(ctx); ok {
		t.Error("signed in after the session was given up")
	}
	if _, err := Verify(ctx); !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("after the session was given up, Verify returns error %v", err)
	}
	// Another Auth, such as one for administrators, has nothing to do with it.
	if _, ok := newOfflineAuth(t).visitOf(ctx); ok {
		t.Error("two applications share a visit")
	}
}
