package auth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// application returns one that has the usual routes.
func (a *Auth) application() testRouter { return a.applicationWith(usualRoutes(a)) }

// applicationOf returns one that has the routes given.
func (a *Auth) applicationOf(routes ...testRoute) testRouter { return a.Handler(routerOf(routes...)) }

// applicationWith returns one that has the routes of a table, and more.
func (a *Auth) applicationWith(routes []Route, more ...testRoute) testRouter {
	mux := routerOf(more...).(*http.ServeMux)
	a.Register(mux, routes)
	return a.Handler(mux)
}

// routerOf returns an application without what concerns all of its requests.
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

// What a handler sets after [http.TimeoutHandler] has answered in its place is not
// for the header of that answer, which is on its way.
func TestLateCookie(t *testing.T) {
	a := newTestAuth(t)
	s := a.newSession(login{user: user{id: newUserID(time.Now()), role: DefaultRole}})
	late := make(chan struct{})
	h := a.Handler(http.TimeoutHandler(a.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-late
		a.setSession(r.Context(), s)
		late <- struct{}{}
	})), time.Minute, ""))
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the client went away
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", a.BaseURL()+"/", nil))
	late <- struct{}{}
	<-late
	if got := w.Header()["Set-Cookie"]; len(got) > 0 {
		t.Errorf("Set-Cookie %q", got)
	}
}
