//authgen:if nethttp

package main

import (
	"net/http"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authweb"
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
	//authgen:if ranks
	mux.Handle("GET /admin", a.RequireRole(auth.RoleAdmin)(http.HandlerFunc(app.admin)))
	//authgen:end
	mux.HandleFunc("GET /static/{file}", app.static)
	return app.secure(a.Middleware(mux))
}
