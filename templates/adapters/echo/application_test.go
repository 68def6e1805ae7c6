//authgen:if echo

package auth_test

import (
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
)

// application returns an application with the routes of the package and one of its
// own.
func application(a *auth.Auth) authtest.App {
	e := echo.New()
	e.Use(a.Middleware)
	a.Register(e.Group(""))
	e.GET("/private", func(c *echo.Context) error {
		p, ok := auth.CurrentUser(c)
		if !ok {
			return a.WriteError(c, auth.ErrUnauthenticated)
		}
		return c.String(http.StatusOK, p.UserID().String())
	}, a.RequireUser)
	return authtest.App{Handler: e, Auth: a}
}
