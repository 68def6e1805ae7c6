//authgen:if fiber

package auth

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v3"
)

// Register adds the routes of a table to r:
//
//	app := fiber.New(fiber.Config{
//		ErrorHandler:   a.ErrorHandler,
//		CaseSensitive:  true,
//		StrictRouting:  true,
//		ReadBufferSize: 16 << 10, // for all headers, of which 4 KiB are little
//	})
//	app.Use(a.Middleware)
//	a.Register(app, authweb.Routes(a))
//	app.Get("/invoices", a.RequireUser, listInvoices)
//
// Every route gets the checks and headers that its line asks for. Register panics
// if the table is broken: if a route has no handler, is there twice, or is public
// and asks for a user, too.
func (a *Auth) Register(r fiber.Router, routes []Route) {
	for _, route := range checkedRoutes(routes) {
		path := route.pattern(func(name string) string { return ":" + name })
		path = strings.ReplaceAll(path, "+", `\+`) // else it stands for anything
		h := a.serve(route)
		if route.Method == http.MethodGet {
			r.Add([]string{http.MethodHead}, path, h)
		}
		r.Add([]string{route.Method}, path, h)
	}
}
