package authtest

import (
	"net/http"

	"github.com/authgen/authgen/templates/auth"
)

// bare returns an application with only these routes.
func bare(a *auth.Auth, routes []auth.Route) App {
	mux := http.NewServeMux()
	a.Register(mux, routes)
	return App{Handler: a.Middleware(mux), Auth: a, Routes: routes}
}
