package authweb_test

import (
	"net/http"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
	"github.com/authgen/authgen/templates/auth/authweb"
)

// application returns an application with the routes of the package and one of its
// own.
func application(a *auth.Auth) authtest.App {
	mux := http.NewServeMux()
	a.Register(mux, authweb.Routes(a))
	mux.Handle("GET /private", a.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := auth.Verify(r.Context())
		if err != nil {
			a.WriteError(w, r, err)
			return
		}
		_, _ = w.Write([]byte(p.UserID().String()))
	})))
	return authtest.App{Handler: a.Handler(mux), Auth: a}
}
