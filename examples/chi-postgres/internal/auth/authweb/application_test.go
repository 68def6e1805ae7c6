// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"example.com/chi-postgres/internal/auth"
	"example.com/chi-postgres/internal/auth/authtest"
)

// newApp returns an application with the routes of the table and one of its own.
func newApp(a *auth.Auth) authtest.App {
	routes := Routes(a)
	r := chi.NewRouter()
	r.Use(a.Handler)
	a.Register(r, routes)
	r.With(a.RequireUser).Get("/private", func(w http.ResponseWriter, r *http.Request) {
		p, err := auth.Verify(r.Context())
		if err != nil {
			a.WriteError(w, r, err)
			return
		}
		_, _ = w.Write([]byte(p.UserID().String()))
	})
	return authtest.App{Handler: r, Auth: a, Routes: routes}
}
