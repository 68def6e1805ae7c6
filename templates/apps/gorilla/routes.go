//authgen:if gorilla

package main

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authweb"
)

// newHandler returns the whole application: the pages, and the routes that the
// pages' forms call.
func newHandler(a *auth.Auth) http.Handler {
	app := &app{a}
	r := mux.NewRouter()
	r.MethodNotAllowedHandler = auth.MethodNotAllowed(r)
	a.Register(r, authweb.Routes(a))
	r.HandleFunc("/", app.home).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/login", app.login).Methods(http.MethodGet, http.MethodHead)
	r.Handle("/dashboard", a.RequireUser(http.HandlerFunc(app.dashboard))).Methods(http.MethodGet, http.MethodHead)
	//authgen:if ranks
	r.Handle("/admin", a.RequireRole(auth.RoleAdmin)(http.HandlerFunc(app.admin))).Methods(http.MethodGet, http.MethodHead)
	//authgen:end
	r.HandleFunc("/static/{file}", app.static).Methods(http.MethodGet, http.MethodHead)
	return app.secure(a.Middleware(r))
}
