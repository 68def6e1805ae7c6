//authgen:if gin

package authtest

import (
	"github.com/gin-gonic/gin"

	"github.com/authgen/authgen/templates/auth"
)

// bare returns an application with only these routes.
func bare(a *auth.Auth, routes []auth.Route) App {
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.Use(a.Middleware)
	a.Register(r, routes)
	return App{Handler: r, Auth: a, Routes: routes}
}
