//authgen:if echo

package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v5"
)

// transport is how a [Request] reads the request of the router.
type transport struct {
	c      *echo.Context
	values map[string]string // of the parameters of the path
	err    error             // of a handler of echo's own
}

func (t transport) context() context.Context     { return t.c.Request().Context() }
func (t transport) header() http.Header          { return t.c.Request().Header }
func (t transport) pathValue(name string) string { return t.values[name] }
func (t transport) query(name string) string     { return t.c.QueryParam(name) }
func (t transport) body() ([]byte, error)        { return readBody(t.c.Response(), t.c.Request()) }

// Echo makes a Handler of one of echo's, for what an [Answer] cannot hold: a body
// that is long, streams, or is of another type. The guard of its route, and the
// headers and checks that all routes of the table have, apply to it as well. An
// error that it returns goes to the error handler of the application, as that of
// any other route does.
func Echo(h echo.HandlerFunc) Handler {
	return func(r *Request) (Answer, error) {
		r.err = h(r.c)
		return Answer{answered: true}, nil
	}
}

// serve returns the handler of a route behind all that its line in the table asks
// for.
func (a *Auth) serve(route Route) echo.HandlerFunc {
	handler := func(c *echo.Context) error {
		values, ok := route.values(c.Request().URL)
		if !ok {
			return a.WriteError(c, ErrNotFound)
		}
		r := a.state(c).request(route, transport{c: c, values: values})
		status, body, answered := a.respond(c.Response().Header(), c.Request(), r)
		if answered {
			return r.err
		}
		return write(c, status, body)
	}
	if !route.Public {
		handler = a.guard(handler, route.allow)
	}
	return a.protect(handler, route)
}

// values returns what the parameters of the route stand for in u. It reports false
// unless that is one segment for each: echo gives all the rest of a path, slashes
// included, to a parameter at its end, and nothing to one between two slashes.
// Whether it has decoded a value depends on how the rest of the path is written.
func (r Route) values(u *url.URL) (values map[string]string, ok bool) {
	names, segments := strings.Split(r.Path, "/"), strings.Split(u.EscapedPath(), "/")
	if len(names) != len(segments) {
		return nil, false
	}
	values = make(map[string]string)
	for i, segment := range names {
		if name, ok := parameterOf(segment); ok {
			value, err := url.PathUnescape(segments[i])
			if err != nil || value == "" {
				return nil, false
			}
			values[name] = value
		}
	}
	return values, true
}
