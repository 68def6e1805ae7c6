//authgen:if echo

package auth

import (
	"net/http"

	"github.com/labstack/echo/v5"
)

// Register adds a table of routes to e:
//
//	e := echo.New()
//	e.Use(a.Middleware)
//	a.Register(e, authweb.Routes(a))
//	e.GET("/invoices", listInvoices, a.RequireUser)
//
// Each route gets the checks and headers that its row requires. Register panics if
// the table is invalid: for instance, if a route has no handler, is there twice, or
// is public and also requires a role.
//
// It takes no group, since the paths in the table are whole paths: below a group
// with a path of its own they would not be.
func (a *Auth) Register(e *echo.Echo, routes []Route) {
	a.addRows(routes, func(route Route) {
		methods := []string{route.Method}
		if route.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		path := route.pattern(func(name string) string { return ":" + name })
		e.Match(methods, path, a.serve(route))
	})
}
