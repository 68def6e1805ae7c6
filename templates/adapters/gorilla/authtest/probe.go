//authgen:if gorilla

package authtest

import (
	"github.com/gorilla/mux"

	"github.com/authgen/authgen/templates/auth"
)

// bare returns an application with only these routes.
func bare(a *auth.Auth, routes []auth.Route) App {
	r := mux.NewRouter()
	r.MethodNotAllowedHandler = auth.MethodNotAllowed(r)
	a.Register(r, routes)
	return App{Handler: a.Middleware(r), Auth: a, Routes: routes}
}
