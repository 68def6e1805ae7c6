package main

import (
	"net/http"

	"example.com/nethttp-database/internal/auth"
	"example.com/nethttp-database/internal/auth/authweb"
)

// newHandler returns the whole application: the pages, and the routes that the
// pages' forms call.
func newHandler(a *auth.Auth) http.Handler {
	app := &app{a}
	mux := http.NewServeMux()
	a.Register(mux, authweb.Routes(a))
	mux.HandleFunc("GET /{$}", app.home)
	mux.HandleFunc("GET /login", app.login)
	mux.Handle("GET /dashboard", a.RequireUser(http.HandlerFunc(app.dashboard)))
	mux.Handle("GET /admin", a.RequireRole(auth.RoleAdmin)(http.HandlerFunc(app.admin)))
	mux.HandleFunc("GET /static/{file}", app.static)
	return app.secure(a.Middleware(mux))
}
