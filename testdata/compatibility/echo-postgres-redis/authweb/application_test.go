// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import (
	"net/http"

	"github.com/labstack/echo/v5"

	"example.com/app/internal/auth"
	"example.com/app/internal/auth/authtest"
)

// newApp returns an application that serves Routes and a private page.
func newApp(a *auth.Auth) authtest.App {
	routes := Routes(a)
	e := echo.New()
	e.Use(a.Middleware)
	a.Register(e, routes)
	e.GET("/private", func(c *echo.Context) error {
		p, ok := auth.CurrentUser(c)
		if !ok {
			return a.WriteError(c, auth.ErrUnauthenticated)
		}
		return c.String(http.StatusOK, p.UserID().String())
	}, a.RequireUser)
	return authtest.App{Handler: e, Auth: a, Routes: routes}
}
