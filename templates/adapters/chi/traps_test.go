//authgen:if chi

package auth

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// A guard is part of its route, so middleware that changes the path does not matter. Some
// middleware of chi changes the path that chi routes, but not the one in the URL, which
// other middleware sees.
func TestGuardsWithPathMiddleware(t *testing.T) {
	v := newVisitor(t, DefaultRole, false)
	page, me := "/private/page", prefix+"/me"
	refused := []string{
		page + "%2f", "/private%2fpage", "/private%2Fpage", "/%70rivate/page", "/PRIVATE/page", page + "/.",
		prefix + "%2fme", prefix + "/%6de", prefix + "/ME", me + ";x",
	}
	for _, test := range []struct {
		about      string
		middleware []func(http.Handler) http.Handler
		rewritten  []string // paths that chi routes to page or me
	}{
		{"no middleware", nil, []string{page, me}},
		{"CleanPath", []func(http.Handler) http.Handler{middleware.CleanPath}, []string{
			page, "/" + page, "/x/.." + page, "/private//page", "/private/./page", page + "/",
			me, "/" + me, "/x/.." + me, prefix + "/x/../me", prefix + "//me",
		}},
		{"StripSlashes", []func(http.Handler) http.Handler{middleware.StripSlashes}, []string{page, page + "/", me, me + "/"}},
		{"RedirectSlashes", []func(http.Handler) http.Handler{middleware.RedirectSlashes}, []string{page, me}},
		{"GetHead", []func(http.Handler) http.Handler{middleware.GetHead}, []string{page, me}},
		{
			"all of them",
			[]func(http.Handler) http.Handler{middleware.CleanPath, middleware.StripSlashes, middleware.RedirectSlashes, middleware.GetHead},
			[]string{page, "/" + page, "/x/.." + page, me, "/" + me, "/x/.." + me},
		},
	} {
		r := chi.NewRouter()
		r.Use(test.middleware...)
		r.Use(v.auth.Middleware)
		v.auth.Register(r, usualRoutes(v.auth))
		served := 0
		r.With(v.auth.RequireUser).Get(page, func(http.ResponseWriter, *http.Request) { served++ })
		loggedIn, loggedOut := *v, *v
		loggedIn.router, loggedOut.router, loggedOut.cookie = r, r, ""
		for _, path := range test.rewritten {
			loggedIn.want(http.StatusOK, path, test.about)
		}
		served = 0
		for _, path := range slices.Concat(test.rewritten, refused) {
			if status, _ := loggedOut.get(path); status < 300 || status >= 500 || served > 0 {
				t.Errorf("%s: GET %s without a session: status %d, the handler ran %d times; want a refusal", test.about, path, status, served)
			}
		}
	}
}

// Middleware passed to Use runs for all requests, even without a matching route.
func TestMiddlewareOfAllRequests(t *testing.T) {
	a := newOfflineAuth(t)
	for _, path := range []string{"/nowhere", prefix, prefix + "/nowhere", prefix + "/login"} {
		r := httptest.NewRequest("POST", path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if w := exchange(a.application(), r); w.Code != http.StatusForbidden {
			t.Errorf("POST %s from another site: status %d, want 403", path, w.Code)
		}
	}
}

// Passing the middleware to Use after the routes panics.
func TestUseAfterRegister(t *testing.T) {
	a := newOfflineAuth(t)
	r := chi.NewRouter()
	a.Register(r, usualRoutes(a))
	defer func() {
		if recover() == nil {
			t.Error("Use does not panic")
		}
	}()
	r.Use(a.Middleware)
}

// chi itself answers a wrong method. Older versions do not list the allowed ones.
func TestMethodNotAllowed(t *testing.T) {
	w := exchange(newOfflineAuth(t).application(), httptest.NewRequest("GET", prefix+"/login", nil))
	if allow := w.Header().Get("Allow"); w.Code != http.StatusMethodNotAllowed || allow != "" && allow != "POST" {
		t.Errorf("GET %s/login: status %d, Allow %q; want 405, POST", prefix, w.Code, allow)
	}
}
