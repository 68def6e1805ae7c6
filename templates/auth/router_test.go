package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// application returns an application with the usual routes.
func (a *Auth) application() testRouter { return a.applicationWith(usualRoutes(a)) }

// applicationOf returns an application with the given routes.
func (a *Auth) applicationOf(routes ...testRoute) testRouter {
	return a.Middleware(routerOf(routes...))
}

// applicationWith returns an application with the routes of a table and others.
func (a *Auth) applicationWith(routes []Route, more ...testRoute) testRouter {
	return a.applicationBehind(a.Middleware, routes, more...)
}

// applicationBehind is applicationWith with a middleware for all requests.
func (a *Auth) applicationBehind(middleware testGuard, routes []Route, more ...testRoute) testRouter {
	mux := routerOf(more...).(*http.ServeMux)
	a.Register(mux, routes)
	return middleware(mux)
}

// routerOf returns an application without the middleware.
func routerOf(routes ...testRoute) testRouter {
	mux := http.NewServeMux()
	for _, r := range routes {
		handler := r.handler
		for i := len(r.guards) - 1; i >= 0; i-- {
			handler = r.guards[i](handler)
		}
		mux.Handle(r.route, handler)
	}
	return mux
}

// A handler that runs on after [http.TimeoutHandler] has answered must not change the
// header of that answer.
func TestLateCookie(t *testing.T) {
	a := newTestAuth(t)
	s := a.newSession(login{user: user{id: anyID(), role: DefaultRole}})
	late := make(chan struct{})
	h := a.Middleware(http.TimeoutHandler(a.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-late
		a.setSession(r.Context(), s)
		late <- struct{}{}
	})), time.Minute, ""))
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the client disconnected
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", a.BaseURL()+"/", nil))
	late <- struct{}{}
	<-late
	if got := w.Header()["Set-Cookie"]; len(got) > 0 {
		t.Errorf("Set-Cookie %q, want none", got)
	}
}
