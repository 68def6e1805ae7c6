package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"example.com/chi-postgres/internal/auth"
	"example.com/chi-postgres/internal/auth/authweb"
)

// newHandler returns the whole application: the pages, and the routes that the
// pages' forms call.
func newHandler(a *auth.Auth) http.Handler {
	app := &app{a}
	r := chi.NewRouter()
	r.Use(app.secure, a.Handler, middleware.GetHead)
	a.Register(r, authweb.Routes(a))
	r.Get("/", app.home)
	r.Get("/login", app.login)
	r.With(a.RequireUser).Get("/dashboard", app.dashboard)
	r.With(a.RequireRole(auth.RoleAdmin)).Get("/admin", app.admin)
	r.Get("/static/{file}", app.static)
	return r
}
