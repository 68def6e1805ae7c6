//authgen:unit redirect.go

package auth

import (
	"net/http"
	"strings"
	"testing"
)

// strippingProxy removes the base path from requests, as a reverse proxy does.
type strippingProxy struct {
	http.RoundTripper
	basePath string
}

func (p strippingProxy) RoundTrip(r *http.Request) (*http.Response, error) {
	path, ok := strings.CutPrefix(r.URL.Path, p.basePath+"/")
	if !ok {
		// The proxy passes other paths to another application.
		return &http.Response{StatusCode: http.StatusBadGateway, Body: http.NoBody, Request: r}, nil
	}
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath = "/"+path, ""
	return p.RoundTripper.RoundTrip(r)
}

// Behind a proxy that removes a path, everything that a browser follows stays below it.
func TestBasePath(t *testing.T) {
	app := newTestApp(t, func(c *Config) { c.BaseURL = "https://example.com/shop/app/" })
	const base = "/shop/app"
	if app.BaseURL() != "https://example.com"+base || app.BasePath() != base || app.Path("login") != base+prefix+"/login" {
		t.Errorf("base URL %s, path %s, login %s", app.BaseURL(), app.BasePath(), app.Path("login"))
	}
	app.server = startTLS(t, app.applicationWith(append(usualRoutes(app.Auth),
		Route{Method: "POST", Path: "/redirected", Public: true, Handler: func(*Request) (Answer, error) {
			return Answer{Redirect: LocalPath("/account?a=b", "/")}, nil
		}},
		Route{Method: "GET", Path: "/broken", Public: true, Form: true, Handler: func(*Request) (Answer, error) { return Answer{}, ErrNotFound }},
	)))
	u := app.createUser(t, "ann@example.org", DefaultRole)
	b := app.browser(t)
	b.Transport = strippingProxy{b.Transport, base}

	got := b.logIn(u.Email)
	for _, line := range got.Header["Set-Cookie"] {
		// The prefix __Host- requires the path.
		if !strings.HasPrefix(line, "__Host-") || !strings.Contains(line, "; Path=/;") {
			t.Errorf("Set-Cookie: %s", line)
		}
	}
	b.want(http.StatusOK, "GET", prefix+"/me", "")
	if got := b.want(http.StatusSeeOther, "POST", "/redirected", ""); got.Header.Get("Location") != base+"/account?a=b" {
		t.Errorf("Location %s, want the account below %s", got.Header.Get("Location"), base)
	}
	got = b.want(http.StatusNotFound, "GET", "/broken", "", func(r *http.Request) { r.Header.Set("Accept", "text/html") })
	if !strings.Contains(got.Body, `href="`+base+`/"`) {
		t.Errorf("the error page does not lead home: %s", got.Body)
	}
	b.wantCode(http.StatusForbidden, "cross_origin", "POST", prefix+"/logout", "", func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	})
	b.want(http.StatusNoContent, "POST", prefix+"/logout", "", func(r *http.Request) {
		r.Header.Del("Sec-Fetch-Site")
		r.Header.Set("Origin", "https://example.com")
	})
}
