//authgen:if gorilla
//authgen:class yours

package authweb

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
)

// newApp returns an application that serves Routes and a private page.
func newApp(a *auth.Auth) authtest.App {
	routes := Routes(a)
	r := mux.NewRouter()
	r.MethodNotAllowedHandler = auth.MethodNotAllowed(r)
	a.Register(r, routes)
	r.Handle("/private", a.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := auth.Verify(r.Context())
		if err != nil {
			a.WriteError(w, r, err)
			return
		}
		_, _ = w.Write([]byte(p.UserID().String()))
	}))).Methods(http.MethodGet, http.MethodHead)
	return authtest.App{Handler: a.Middleware(r), Auth: a, Routes: routes}
}
