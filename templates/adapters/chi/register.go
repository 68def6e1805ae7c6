//authgen:if chi

package auth

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
)

// Register adds the routes of a table to r:
//
//	r := chi.NewRouter()
//	r.Use(a.Handler)
//	a.Register(r, authweb.Routes(a))
//	r.With(a.RequireUser).Get("/invoices", listInvoices)
//	server := &http.Server{Handler: r}
//
// Every route gets the checks and headers that its line asks for. Register panics
// if the table is broken: if a route has no handler, is there twice, or is public
// and asks for a user, too.
func (a *Auth) Register(r chi.Router, routes []Route) {
	for _, route := range checkedRoutes(routes) {
		h := a.serve(route)
		r.Method(route.Method, route.Path, h)
		if route.Method == http.MethodGet {
			// chi does not answer HEAD by itself where it answers GET.
			r.Method(http.MethodHead, route.Path, h)
		}
	}
}

// pathValue decodes what chi leaves as it was sent, in a path that could be written in
// more than one way.
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
