// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import (
	"net/http"

	"example.com/app/internal/auth"
	"example.com/app/internal/auth/authtest"
)

// newApp returns an application that serves Routes and a private page.
func newApp(a *auth.Auth) authtest.App {
	routes := Routes(a)
	mux := http.NewServeMux()
	a.Register(mux, routes)
	mux.Handle("GET /private", a.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := auth.Verify(r.Context())
		if err != nil {
			a.WriteError(w, r, err)
			return
		}
		_, _ = w.Write([]byte(p.UserID().String()))
	})))
	return authtest.App{Handler: a.Middleware(mux), Auth: a, Routes: routes}
}
