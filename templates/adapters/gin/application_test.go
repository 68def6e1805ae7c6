//authgen:if gin

package auth_test

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
)

// application returns an application with the routes of the package and one of its
// own.
func application(a *auth.Auth) authtest.App {
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.Use(a.Middleware)
	a.Register(engine)
	engine.GET("/private", a.RequireUser, func(c *gin.Context) {
		p, ok := auth.CurrentUser(c)
		if !ok {
			a.WriteError(c, auth.ErrUnauthenticated)
			return
		}
		c.String(http.StatusOK, p.UserID().String())
	})
	return authtest.App{Handler: engine, Auth: a}
}
