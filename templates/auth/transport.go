package auth

import (
	"context"
	"net/http"
)

// transport gives a [Request] access to the router's request.
type transport struct {
	w http.ResponseWriter
	r *http.Request
}

func (t transport) context() context.Context     { return t.r.Context() }
func (t transport) header() http.Header          { return t.r.Header }
func (t transport) pathValue(name string) string { return pathValue(t.r, name) }
func (t transport) query(name string) string     { return t.r.URL.Query().Get(name) }
func (t transport) body() ([]byte, error)        { return readBody(t.w, t.r) }

// HTTP converts a handler of net/http to a Handler, for a body that an [Answer]
// cannot hold: one that is long, is streamed or has another type. The guard, checks
// and headers of its route apply as usual.
func HTTP(h http.HandlerFunc) Handler {
	return func(r *Request) (Answer, error) {
		h(r.w, r.r)
		return Answer{answered: true}, nil
	}
}

// serve returns the handler of a route with the checks that its row requires.
func (a *Auth) serve(route Route) http.Handler {
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rs, r := a.state(w, r)
		status, body, answered := a.respond(w.Header(), r, rs.request(route, transport{w, r}))
		if answered {
			return
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})
	if !route.Public {
		h = a.guard(h, route.allow)
	}
	return a.protect(h, route)
}
