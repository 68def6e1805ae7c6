//authgen:if gorilla

package auth

import (
	"net/http"

	"github.com/gorilla/mux"
)

// Register adds a table of routes to r:
//
//	r := mux.NewRouter()
//	r.MethodNotAllowedHandler = auth.MethodNotAllowed(r) // on your own routes too
//	a.Register(r, authweb.Routes(a))
//	r.Handle("/invoices", a.RequireUser(listInvoices)).Methods(http.MethodGet, http.MethodHead)
//	server := &http.Server{Handler: a.Middleware(r)}
//
// [Auth.Middleware] wraps the router, since middleware passed to [mux.Router.Use] runs
// only for requests that match a route. Each route gets the checks and headers that
// its row requires; if it has a name, its name in r is that with the prefix "auth.".
// Register panics if the table is invalid: for instance, if a route has no handler, is
// there twice, or is public and also requires a role.
func (a *Auth) Register(r *mux.Router, routes []Route) {
	// Not in a subrouter, where mux answers most wrong methods with 404, not 405.
	a.addRows(routes, func(route Route) {
		added := r.Handle(route.Path, a.serve(route))
		if route.Method == http.MethodGet {
			added.Methods(http.MethodGet, http.MethodHead)
		} else {
			added.Methods(route.Method)
		}
		if route.Name != "" {
			added.Name("auth." + route.Name)
		}
	})
}

func pathValue(r *http.Request, name string) string { return mux.Vars(r)[name] }
