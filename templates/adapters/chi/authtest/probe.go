//authgen:if chi

package authtest

import (
	"github.com/go-chi/chi/v5"

	"github.com/authgen/authgen/templates/auth"
)

// bare returns an application with only these routes.
func bare(a *auth.Auth, routes []auth.Route) App {
	r := chi.NewRouter()
	r.Use(a.Middleware)
	a.Register(r, routes)
	return App{Handler: r, Auth: a, Routes: routes}
}
