//authgen:if fiber
//authgen:class yours

package authweb

import (
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
)

// newApp returns an application that serves Routes and a private page.
func newApp(a *auth.Auth) authtest.App {
	return newAppWith(a, fiber.Config{
		ErrorHandler:   a.ErrorHandler,
		CaseSensitive:  true,
		StrictRouting:  true,
		ReadBufferSize: 16 << 10,
	})
}

func newAppWith(a *auth.Auth, c fiber.Config) authtest.App {
	routes := Routes(a)
	app := fiber.New(c)
	app.Use(a.Middleware)
	a.Register(app, routes)
	app.Get("/private", a.RequireUser, func(c fiber.Ctx) error {
		p, err := auth.Verify(c.Context())
		if err != nil {
			return err
		}
		return c.SendString(p.UserID().String())
	})
	return authtest.App{App: app, Auth: a, Routes: routes}
}

// The attacks also fail with fiber's default configuration.
func TestAttacksOnDefaults(t *testing.T) {
	a := newAuth(t, authtest.NewDatabase(t), "https://example.com")
	authtest.Run(t, newAppWith(a, fiber.Config{}))
}
