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

// transport gives a [Request] access to the router's request.
type transport struct {
	c   fiber.Ctx
	r   *http.Request // a copy of c's request
	err error         // of a handler of fiber
}

func (t transport) context() context.Context { return t.r.Context() }
func (t transport) header() http.Header      { return t.r.Header }

// pathValue returns a copy of the value, since fiber reuses its memory for other
// requests. Unless the application decodes paths, pathValue does.
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
	if stream := t.c.RequestCtx().RequestBodyStream(); stream == nil {
		body = t.c.Request().Body()
	} else if body, err = io.ReadAll(io.LimitReader(stream, maxBody+1)); err != nil {
		// With StreamRequestBody, fiber does not limit the body.
		return nil, errCutOff
	}
	if len(body) > maxBody {
		return nil, errTooLarge
	}
	return body, nil
}

// Fiber converts a handler of fiber to a Handler, for a body that an [Answer] cannot
// hold: one that is long, is streamed or has another type. The guard, checks and
// headers of its route apply as usual. Errors that it returns go to fiber's
// ErrorHandler.
func Fiber(h fiber.Handler) Handler {
	return func(r *Request) (Answer, error) {
		r.err = h(r.c)
		return Answer{answered: true}, nil
	}
}

// serve returns the handler of a route with the checks that its row requires.
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
		rs.flush(c) // first, since the header of an error may delete the cookie
		return send(c, header, status, body)
	}
}
