//authgen:if gin

package auth

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Register adds a table of routes to engine:
//
//	r := gin.New()
//	r.HandleMethodNotAllowed = true // optional: a wrong method gets 405, on your own routes too
//	r.Use(a.Middleware)
//	a.Register(r, authweb.Routes(a))
//	r.GET("/invoices", a.RequireUser, listInvoices)
//
// Each route gets the checks and headers that its row requires. Register panics if
// the table is invalid: for instance, if a route has no handler, is there twice, or
// is public and also requires a role. Gin panics too, if two paths have different
// names for a parameter in the same place.
//
// Register takes the engine and not a group, since the table has whole paths.
func (a *Auth) Register(engine *gin.Engine, routes []Route) {
	a.addRows(routes, func(route Route) {
		path := route.pattern(func(name string) string { return ":" + name })
		handlers := a.serve(route)
		engine.Handle(route.Method, path, handlers...)
		if route.Method == http.MethodGet {
			// gin does not answer HEAD for routes with GET.
			engine.Handle(http.MethodHead, path, handlers...)
		}
	})
}
