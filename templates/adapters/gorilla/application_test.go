//authgen:if gorilla

package auth_test

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
)

// application returns an application with the routes of the package and one of its
// own.
func application(a *auth.Auth) authtest.App {
	r := mux.NewRouter()
	r.MethodNotAllowedHandler = auth.MethodNotAllowed(r)
	a.Register(r)
	r.Handle("/private", a.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := auth.Verify(r.Context())
		if err != nil {
			a.WriteError(w, r, err)
			return
		}
		_, _ = w.Write([]byte(p.UserID().String()))
	}))).Methods(http.MethodGet, http.MethodHead)
	return authtest.App{Handler: a.Handler(r), Auth: a}
}
