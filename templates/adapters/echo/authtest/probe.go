//authgen:if echo

package authtest

import (
	"github.com/labstack/echo/v5"

	"github.com/authgen/authgen/templates/auth"
)

// bare returns an application with only these routes.
func bare(a *auth.Auth, routes []auth.Route) App {
	e := echo.New()
	e.Use(a.Middleware)
	a.Register(e, routes)
	return App{Handler: e, Auth: a, Routes: routes}
}
