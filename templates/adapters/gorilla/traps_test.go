//authgen:if gorilla

package auth

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"
)

// A guard is part of its route, so settings of the router that change the path do not
// matter.
func TestGuardsWithPathSettings(t *testing.T) {
	v := newVisitor(t, DefaultRole, false)
	page, me := "/private/page", prefix+"/me"
	decoded := []string{page, "/%70rivate/page", "/private%2fpage", "/private%2Fpage", me, prefix + "/%6de", prefix + "%2fme"}
	refused := []string{
		"/" + page, "/x/.." + page, "/private//page", "/private/./page", page + "/", page + "%2f", "/PRIVATE/page",
		"/" + me, "/x/.." + me, prefix + "//me", me + "/", me + ";x", prefix + "/ME",
	}
	for _, test := range []struct {
		about  string
		router *mux.Router
		served []string
	}{
		{"by default", mux.NewRouter(), decoded},
		{"SkipClean", mux.NewRouter().SkipClean(true), decoded},
		{"StrictSlash", mux.NewRouter().StrictSlash(true), decoded},
		{"UseEncodedPath", mux.NewRouter().UseEncodedPath(), []string{page, me}},
		{"all of them", mux.NewRouter().SkipClean(true).StrictSlash(true).UseEncodedPath(), []string{page, me}},
	} {
		r := test.router
		v.auth.Register(r, usualRoutes(v.auth))
		served := 0
		r.Handle(page, v.auth.RequireUser(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ })))
		loggedIn, loggedOut := *v, *v
		loggedIn.router, loggedOut.router, loggedOut.cookie = r, v.auth.Middleware(r), ""
		for _, path := range test.served {
			loggedIn.want(http.StatusOK, path, test.about)
		}
		served = 0
		for _, path := range slices.Concat(decoded, refused) {
			if status, _ := loggedOut.get(path); status < 300 || status >= 500 || served > 0 {
				t.Errorf("%s: GET %s without a session: status %d, the handler ran %d times; want a refusal", test.about, path, status, served)
			}
		}
	}
}

// Middleware passed to Use runs only for requests that match a route, so the middleware
// must wrap the router.
func TestMiddlewareOfAllRequests(t *testing.T) {
	a := newOfflineAuth(t)
	used := mux.NewRouter()
	used.Use(a.Middleware)
	a.Register(used, usualRoutes(a))
	for _, test := range []struct {
		about  string
		router http.Handler
		path   string
		want   int
	}{
		{"around the router", a.application(), prefix + "/login", http.StatusForbidden},
		{"around the router", a.application(), "/nowhere", http.StatusForbidden},
		{"passed to Use", used, prefix + "/login", http.StatusForbidden},
		{"passed to Use", used, "/nowhere", http.StatusNotFound},
	} {
		r := httptest.NewRequest("POST", test.path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if w := exchange(test.router, r); w.Code != test.want {
			t.Errorf("%s: POST %s from another site: status %d, want %d", test.about, test.path, w.Code, test.want)
		}
	}
}

// The response to a wrong method lists the allowed methods, even with path parameters and
// for the application's own routes.
func TestMethodNotAllowed(t *testing.T) {
	r := newRouter()
	a := newOfflineAuth(t)
	a.Register(r, usualRoutes(a))
	r.NotFoundHandler = http.NotFoundHandler()
	r.HandleFunc("/own/{name}", func(http.ResponseWriter, *http.Request) {}).Methods(http.MethodPut, http.MethodTrace)
	r.PathPrefix("/static/").Handler(http.NotFoundHandler()).Methods(http.MethodGet)
	for _, test := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", prefix + "/login", http.StatusMethodNotAllowed, "POST"},
		{"BREW", prefix + "/login", http.StatusMethodNotAllowed, "POST"},
		{"post", prefix + "/login", http.StatusMethodNotAllowed, "POST"},
		{"GET", "/own/x", http.StatusMethodNotAllowed, "PUT, TRACE"},
		{"POST", "/static/x", http.StatusMethodNotAllowed, "GET"},
		{"GET", "/nowhere", http.StatusNotFound, ""},
		{"GET", prefix, http.StatusNotFound, ""},
	} {
		w := exchange(r, httptest.NewRequest(test.method, test.path, nil))
		if allow := w.Header().Get("Allow"); w.Code != test.status || allow != test.allow {
			t.Errorf("%s %s: status %d, Allow %q; want %d, %q", test.method, test.path, w.Code, allow, test.status, test.allow)
		}
	}
}

// Named routes have their names in the router too, for building URLs.
func TestNamedRoutes(t *testing.T) {
	r := newRouter()
	a := newOfflineAuth(t)
	a.Register(r, append(usualRoutes(a), Route{Method: "GET", Path: "/own/{id}", Handler: rawHandler(http.StatusOK, "")}))
	err := r.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		switch name := route.GetName(); {
		case path == "/own/{id}":
			if name != "" {
				t.Errorf("%s has the name %q, want none", path, name)
			}
		case !strings.HasPrefix(name, "auth.") || r.Get(name) != route:
			t.Errorf("%s: the name %q is missing, or belongs to another route", path, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
