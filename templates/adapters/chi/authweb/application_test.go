//authgen:if chi
//authgen:class yours

package authweb

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
)

// newApp returns an application that serves Routes and a private page.
func newApp(a *auth.Auth) authtest.App {
	routes := Routes(a)
	r := chi.NewRouter()
	r.Use(a.Middleware)
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
