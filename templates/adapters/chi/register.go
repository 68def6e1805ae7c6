//authgen:if chi

package auth

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
)

// Register adds a table of routes to r:
//
//	r := chi.NewRouter()
//	r.Use(a.Middleware)
//	a.Register(r, authweb.Routes(a))
//	r.With(a.RequireUser).Get("/invoices", listInvoices)
//	server := &http.Server{Handler: r}
//
// Each route gets the checks and headers that its row requires. Register panics if
// the table is invalid: for instance, if a route has no handler, is there twice, or
// is public and also requires a role.
func (a *Auth) Register(r chi.Router, routes []Route) {
	a.addRows(routes, func(route Route) {
		h := a.serve(route)
		r.Method(route.Method, route.Path, h)
		if route.Method == http.MethodGet {
			// chi does not answer HEAD for routes with GET.
			r.Method(http.MethodHead, route.Path, h)
		}
	})
}

// pathValue returns the decoded value of a path parameter. If the path has an escaped
// form (RawPath), chi does not decode the value.
func pathValue(r *http.Request, name string) string {
	value := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return value
	}
	decoded, err := url.PathUnescape(value)
	if err != nil {
		return value
	}
	return decoded
}
