//authgen:if fiber

package auth

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v3"
)

// Register adds a table of routes to r:
//
//	app := fiber.New(fiber.Config{
//		ErrorHandler:   a.ErrorHandler,
//		CaseSensitive:  true,
//		StrictRouting:  true,
//		ReadBufferSize: 16 << 10, // for all headers; the default is 4 KiB
//	})
//	app.Use(a.Middleware)
//	a.Register(app, authweb.Routes(a))
//	app.Get("/invoices", a.RequireUser, listInvoices)
//
// Each route gets the checks and headers that its row requires. Register panics if
// the table is invalid: for instance, if a route has no handler, is there twice, or
// is public and also requires a role.
func (a *Auth) Register(r fiber.Router, routes []Route) {
	a.addRows(routes, func(route Route) {
		path := route.pattern(func(name string) string { return ":" + name })
		path = strings.ReplaceAll(path, "+", `\+`) // a plain + is a wildcard
		h := a.serve(route)
		if route.Method == http.MethodGet {
			r.Add([]string{http.MethodHead}, path, h)
		}
		r.Add([]string{route.Method}, path, h)
	})
}
