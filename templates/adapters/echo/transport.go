//authgen:if echo

package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v5"
)

// transport gives a [Request] access to the router's request.
type transport struct {
	c      *echo.Context
	values map[string]string // of the path parameters
	err    error             // of a handler of echo
}

func (t transport) context() context.Context     { return t.c.Request().Context() }
func (t transport) header() http.Header          { return t.c.Request().Header }
func (t transport) pathValue(name string) string { return t.values[name] }
func (t transport) query(name string) string     { return t.c.QueryParam(name) }
func (t transport) body() ([]byte, error)        { return readBody(t.c.Response(), t.c.Request()) }

// Echo converts a handler of echo to a Handler, for a body that an [Answer] cannot
// hold: one that is long, is streamed or has another type. The guard, checks and
// headers of its route apply as usual. Errors that it returns go to the application's
// error handler, as usual.
func Echo(h echo.HandlerFunc) Handler {
	return func(r *Request) (Answer, error) {
		r.err = h(r.c)
		return Answer{answered: true}, nil
	}
}

// serve returns the handler of a route with the checks that its row requires.
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

// values returns the decoded values of the path parameters in u. It reports false
// unless each is exactly one segment: in echo, the last parameter matches the rest of
// the path, slashes included, and any other also matches an empty segment. Echo's own
// values are not used, since it does not always decode them.
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
