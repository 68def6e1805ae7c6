//authgen:if fiber

package auth

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v3"
)

// transport is how a [Request] reads the request of the router.
type transport struct {
	c   fiber.Ctx
	r   *http.Request // a copy of it
	err error         // of a handler of fiber's own
}

func (t transport) context() context.Context { return t.r.Context() }
func (t transport) header() http.Header      { return t.r.Header }

// pathValue returns a string that may be kept: what fiber returns is that of
// another request later. It is as it was sent unless fiber is told to decode paths.
func (t transport) pathValue(name string) string {
	value := strings.Clone(t.c.Params(name))
	if t.c.App().Config().UnescapePath {
		return value
	}
	decoded, err := url.PathUnescape(value)
	if err != nil {
		return value
	}
	return decoded
}

func (t transport) query(name string) string { return t.r.URL.Query().Get(name) }

// body reads the body of the request, up to maxBody.
func (t transport) body() (body []byte, err error) {
	if stream := t.c.Request().BodyStream(); stream == nil {
		body = t.c.Request().Body()
	} else if body, err = io.ReadAll(io.LimitReader(stream, maxBody+1)); err != nil {
		// With StreamRequestBody, nothing has limited it yet.
		return nil, errCutOff
	}
	if len(body) > maxBody {
		return nil, errTooLarge
	}
	return body, nil
}

// Fiber makes a Handler of one of fiber, for what an [Answer] cannot hold: a body
// that is long, streams, or is of another type. The guard of its route, and the
// headers and checks that all routes of the table have, apply to it as well. An
// error that it returns is for the ErrorHandler of fiber.
func Fiber(h fiber.Handler) Handler {
	return func(r *Request) (Answer, error) {
		r.err = h(r.c)
		return Answer{answered: true}, nil
	}
}

// serve returns the handler of a route behind all that its line in the table asks
// for.
func (a *Auth) serve(route Route) fiber.Handler {
	return func(c fiber.Ctx) error {
		rs, err := a.protect(c, route)
		defer rs.flush(c)
		if err == nil && !route.Public {
			err = a.confirm(c, route.allow)
		}
		if err != nil {
			return a.WriteError(c, err)
		}
		r := rs.request(route, transport{c: c, r: requestOf(c)})
		header := answerHeader(c)
		status, body, answered := a.respond(header, r.r, r)
		if answered {
			return r.err
		}
		rs.flush(c) // before the header of an error, which may take the cookie back
		return send(c, header, status, body)
	}
}
