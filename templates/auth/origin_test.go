//authgen:unit origin.go

package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
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
	// Behind a proxy that rewrites Host, the Origin is still that of BaseURL.
	if err := check("POST", "backend:8080", absent, "https://example.com", lax); err != nil {
		t.Errorf("rewritten Host: %v", err)
	}
	if err := check("POST", "backend:8080", absent, "https://backend:8080", lax); err == nil {
		t.Error("rewritten Host: the origin of the backend is accepted")
	}
}

// Development mode serves only its own host, whatever the method, so that pages of other
// sites cannot reach it under another name.
func TestCheckHost(t *testing.T) {
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
			if err := local.checkOrigin(r); !errors.Is(err, want) {
				t.Errorf("%s to %q: error %v, want %v", method, host, err, want)
			}
			if err := public.checkOrigin(r); err != nil {
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

// Refused requests do not reach the application.
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
		t.Errorf("status %d, application called: %t; want 403 without a call", w.Code, called)
	}
}
