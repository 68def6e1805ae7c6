//authgen:if chi

package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authweb"
)

// newHandler returns the whole application: the pages, and the routes that the
// pages' forms call.
func newHandler(a *auth.Auth) http.Handler {
	app := &app{a}
	r := chi.NewRouter()
	r.Use(app.secure, a.Middleware, middleware.GetHead)
	a.Register(r, authweb.Routes(a))
	r.Get("/", app.home)
	r.Get("/login", app.login)
	r.With(a.RequireUser).Get("/dashboard", app.dashboard)
	//authgen:if ranks
	r.With(a.RequireRole(auth.RoleAdmin)).Get("/admin", app.admin)
	//authgen:end
	r.Get("/static/{file}", app.static)
	return r
}
