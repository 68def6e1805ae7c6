//authgen:if fiber

package auth

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v3"
)

// testConfig is how an application is best configured.
func (a *Auth) testConfig() fiber.Config {
	return fiber.Config{
		ErrorHandler:   a.ErrorHandler,
		CaseSensitive:  true,
		StrictRouting:  true,
		ReadBufferSize: 16 << 10,
		// So that what is no JSON is refused in the same way, forms included.
		DisablePreParseMultipartForm: true,
	}
}

// application returns one that has the usual routes.
func (a *Auth) application() testRouter { return a.applicationWith(usualRoutes(a)) }

// applicationOf returns one that has the routes given.
func (a *Auth) applicationOf(routes ...testRoute) testRouter {
	return a.applicationWith(nil, routes...)
}

// applicationWith returns one that has the routes of a table, and more.
func (a *Auth) applicationWith(routes []Route, more ...testRoute) testRouter {
	app := newTestRouter(a.testConfig())
	app.Use(a.Middleware)
	a.Register(app, routes)
	addRoutes(app, more)
	return ready(app)
}

// routerOf returns an application without what concerns all of its requests.
func routerOf(routes ...testRoute) testRouter {
	app := newTestRouter(fiber.Config{})
	addRoutes(app, routes)
	return ready(app)
}

// contextKey is where the context is of a request that exchange sends.
type contextKey struct{}

func newTestRouter(c fiber.Config) *fiber.App {
	app := fiber.New(c)
	app.Use(func(c fiber.Ctx) error {
		if ctx, ok := c.Locals(contextKey{}).(context.Context); ok {
			c.SetContext(ctx)
		}
		return c.Next()
	})
	return app
}

func addRoutes(app *fiber.App, routes []testRoute) {
	for _, r := range routes {
		method, path, _ := strings.Cut(r.route, " ")
		path = strings.ReplaceAll(path, "{id}", ":id")
		// The handlers of one route may be given one after the other.
		for _, handler := range append(r.guards[:len(r.guards):len(r.guards)], r.handler) {
			switch method {
			case fiber.MethodGet:
				app.Get(path, handler)
			case fiber.MethodPost:
				app.Post(path, handler)
			case fiber.MethodPut:
				app.Put(path, handler)
			case fiber.MethodPatch:
				app.Patch(path, handler)
			case fiber.MethodDelete:
				app.Delete(path, handler)
			default:
				panic("no route of a test has the method " + method)
			}
		}
	}
}

// ready returns the application when it has all of its routes.
func ready(app *fiber.App) *fiber.App {
	app.Handler() // which indexes the routes
	return app
}
