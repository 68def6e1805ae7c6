//authgen:if fiber

package authtest

import (
	"github.com/gofiber/fiber/v3"

	"github.com/authgen/authgen/templates/auth"
)

// bare returns an application with only these routes.
func bare(a *auth.Auth, routes []auth.Route) App {
	app := fiber.New(fiber.Config{ErrorHandler: a.ErrorHandler, CaseSensitive: true, StrictRouting: true, ReadBufferSize: 16 << 10})
	app.Use(a.Middleware)
	a.Register(app, routes)
	return App{App: app, Auth: a, Routes: routes}
}
