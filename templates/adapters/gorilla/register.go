//authgen:if gorilla

package auth

import (
	"net/http"

	"github.com/gorilla/mux"
)

// Register adds the routes of a table to r:
//
//	r := mux.NewRouter()
//	r.MethodNotAllowedHandler = auth.MethodNotAllowed(r)
//	a.Register(r, authweb.Routes(a))
//	r.Handle("/invoices", a.RequireUser(listInvoices)).Methods(http.MethodGet, http.MethodHead)
//	server := &http.Server{Handler: a.Handler(r)}
//
// [Auth.Handler] goes around the router: what is given to [mux.Router.Use] is only
// called for requests that match a route. Every route gets the checks and headers
// that its line asks for, and one that has a name is named in r, with "auth." before
// it. Register panics if the table is broken: if a route has no handler, is there
// twice, or is public and asks for a user, too.
func (a *Auth) Register(r *mux.Router, routes []Route) {
	// They are in no subrouter, where mux answers most wrong methods with 404.
	for _, route := range checkedRoutes(routes) {
		added := r.Handle(route.Path, a.serve(route))
		if route.Method == http.MethodGet {
			added.Methods(http.MethodGet, http.MethodHead)
		} else {
			added.Methods(route.Method)
		}
		if route.Name != "" {
			added.Name("auth." + route.Name)
		}
	}
}

func pathValue(r *http.Request, name string) string { return mux.Vars(r)[name] }
