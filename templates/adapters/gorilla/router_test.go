//authgen:if gorilla

package auth

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
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
	r := newRouter()
	a.Register(r, routes)
	addRoutes(r, more)
	return middleware(r)
}

// routerOf returns an application without the middleware.
func routerOf(routes ...testRoute) testRouter {
	r := newRouter()
	addRoutes(r, routes)
	return r
}

func addRoutes(r *mux.Router, routes []testRoute) {
	for _, route := range routes {
		method, path, _ := strings.Cut(route.route, " ")
		methods := []string{method}
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		handler := route.handler
		for i := len(route.guards) - 1; i >= 0; i-- {
			handler = route.guards[i](handler)
		}
		r.Handle(path, handler).Methods(methods...)
	}
}

// newRouter returns a router with the recommended settings.
func newRouter() *mux.Router {
	r := mux.NewRouter()
	r.MethodNotAllowedHandler = MethodNotAllowed(r)
	return r
}
