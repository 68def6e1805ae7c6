package main

import (
	"time"

	"github.com/gofiber/fiber/v3"

	"example.com/fiber-sqlite/internal/auth"
	"example.com/fiber-sqlite/internal/auth/authweb"
)

// newApp returns the whole application: the pages, and the routes that the pages'
// forms call.
func newApp(a *auth.Auth) *fiber.App {
	app := &app{a}
	r := fiber.New(fiber.Config{
		ErrorHandler:   a.ErrorHandler,
		CaseSensitive:  true,
		StrictRouting:  true,
		BodyLimit:      1 << 20,
		ReadBufferSize: 16 << 10,
		ReadTimeout:    10 * time.Second,
		WriteTimeout:   20 * time.Second,
		IdleTimeout:    2 * time.Minute,
	})
	r.Use(app.secure, a.Middleware)
	a.Register(r, authweb.Routes(a))
	r.Get("/", app.home)
	r.Get("/login", app.login)
	r.Get("/dashboard", a.RequireUser, app.dashboard)
	r.Get("/admin", a.RequireRole(auth.RoleAdmin), app.admin)
	r.Get("/static/:file", app.static)
	return r
}
