//authgen:if fiber

package auth_test

import (
	"testing"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
	"github.com/gofiber/fiber/v3"
)

// application returns an application with the routes of the package and one of its
// own.
func application(a *auth.Auth) authtest.App {
	return applicationWith(a, fiber.Config{
		ErrorHandler:   a.ErrorHandler,
		CaseSensitive:  true,
		StrictRouting:  true,
		ReadBufferSize: 16 << 10,
	})
}

func applicationWith(a *auth.Auth, c fiber.Config) authtest.App {
	app := fiber.New(c)
	app.Use(a.Middleware)
	a.Register(app)
	app.Get("/private", a.RequireUser, func(c fiber.Ctx) error {
		p, err := auth.Verify(c.Context())
		if err != nil {
			return err
		}
		return c.SendString(p.UserID().String())
	})
	return authtest.App{App: app, Auth: a}
}

// The attacks fail as well where fiber is not configured at all.
func TestAttacksOnDefaults(t *testing.T) {
	a := newApplication(t, "https://example.com").Auth
	authtest.Run(t, applicationWith(a, fiber.Config{}))
}
