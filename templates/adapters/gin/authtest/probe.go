//authgen:if gin

package authtest

import (
	"github.com/gin-gonic/gin"

	"github.com/authgen/authgen/templates/auth"
)

// bare returns an application with these routes alone.
func bare(a *auth.Auth, routes []auth.Route) App {
	engine := gin.New()
	engine.Use(a.Middleware)
	a.Register(engine, routes)
	return App{Handler: engine, Auth: a, Routes: routes}
}
