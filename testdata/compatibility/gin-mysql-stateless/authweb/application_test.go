// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"example.com/app/internal/auth"
	"example.com/app/internal/auth/authtest"
)

func init() {
	gin.SetMode(gin.TestMode) // otherwise gin prints all routes
}

// newApp returns an application that serves Routes and a private page.
func newApp(a *auth.Auth) authtest.App {
	routes := Routes(a)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.Use(a.Middleware)
	a.Register(engine, routes)
	engine.GET("/private", a.RequireUser, func(c *gin.Context) {
		p, ok := auth.CurrentUser(c)
		if !ok {
			a.WriteError(c, auth.ErrUnauthenticated)
			return
		}
		c.String(http.StatusOK, p.UserID().String())
	})
	return authtest.App{Handler: engine, Auth: a, Routes: routes}
}
