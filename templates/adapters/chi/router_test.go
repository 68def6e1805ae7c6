//authgen:if chi

package auth

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

// application returns an application with the usual routes.
func (a *Auth) application() testRouter { return a.applicationWith(usualRoutes(a)) }

// applicationOf returns an application with the given routes.
func (a *Auth) applicationOf(routes ...testRoute) testRouter {
	return a.applicationWith(nil, routes...)
}

// applicationWith returns an application with the routes of a table and others.
func (a *Auth) applicationWith(routes []Route, more ...testRoute) testRouter {
	return a.applicationBehind(a.Middleware, routes, more...)
}

// applicationBehind is applicationWith with a middleware for all requests.
func (a *Auth) applicationBehind(middleware testGuard, routes []Route, more ...testRoute) testRouter {
	r := chi.NewRouter()
	r.Use(middleware)
	a.Register(r, routes)
	addRoutes(r, more)
	return r
}

// routerOf returns an application without the middleware.
func routerOf(routes ...testRoute) testRouter {
	r := chi.NewRouter()
	addRoutes(r, routes)
	return r
}

func addRoutes(r chi.Router, routes []testRoute) {
	for _, route := range routes {
		method, path, _ := strings.Cut(route.route, " ")
		guarded := r.With(route.guards...)
		guarded.Method(method, path, route.handler)
		if method == http.MethodGet {
			guarded.Method(http.MethodHead, path, route.handler)
		}
	}
}
