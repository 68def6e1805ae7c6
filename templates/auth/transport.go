package auth

import (
	"context"
	"net/http"
)

// transport is how a [Request] reads the request of the router.
type transport struct {
	w http.ResponseWriter
	r *http.Request
}

func (t transport) context() context.Context     { return t.r.Context() }
func (t transport) header() http.Header          { return t.r.Header }
func (t transport) pathValue(name string) string { return pathValue(t.r, name) }
func (t transport) query(name string) string     { return t.r.URL.Query().Get(name) }
func (t transport) body() ([]byte, error)        { return readBody(t.w, t.r) }

// HTTP makes a Handler of one of net/http, for what an [Answer] cannot hold: a
// body that is long, streams, or is of another type. The guard of its route, and
// the headers and checks that all routes of the table have, apply to it as well.
func HTTP(h http.HandlerFunc) Handler {
	return func(r *Request) (Answer, error) {
		h(r.w, r.r)
		return Answer{answered: true}, nil
	}
}

// serve returns the handler of a route behind all that its line in the table asks
// for.
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
