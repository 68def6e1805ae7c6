//authgen:if gin

package auth

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Register adds the routes of a table to engine:
//
//	r := gin.New()
//	r.HandleMethodNotAllowed = true
//	r.Use(a.Middleware)
//	a.Register(r, authweb.Routes(a))
//	r.GET("/invoices", a.RequireUser, listInvoices)
//
// Every route gets the checks and headers that its line asks for. Register panics
// if the table is broken: if a route has no handler, is there twice, or is public
// and asks for a user, too. So does gin if two paths have different names for a
// parameter at the same place.
//
// It takes the engine, since the paths in the table are whole paths: below a group
// with a path of its own they would not be.
func (a *Auth) Register(engine *gin.Engine, routes []Route) {
	for _, route := range checkedRoutes(routes) {
		methods := []string{route.Method}
		if route.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		path := route.pattern(func(name string) string { return ":" + name })
		engine.Match(methods, path, a.serve(route)...)
	}
}
