//authgen:if gin

package auth

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
)

// transport gives a [Request] access to the router's request.
type transport struct{ c *gin.Context }

func (t transport) context() context.Context     { return t.c.Request.Context() }
func (t transport) header() http.Header          { return t.c.Request.Header }
func (t transport) pathValue(name string) string { return t.c.Param(name) }
func (t transport) query(name string) string     { return t.c.Query(name) }
func (t transport) body() ([]byte, error)        { return readBody(t.c.Writer, t.c.Request) }

// Gin converts a handler of gin to a Handler, for a body that an [Answer] cannot hold:
// one that is long, is streamed or has another type. The guard, checks and headers of
// its route apply as usual.
func Gin(h gin.HandlerFunc) Handler {
	return func(r *Request) (Answer, error) {
		h(r.c)
		return Answer{answered: true}, nil
	}
}

// serve returns the handlers of a route: the checks that its row requires, and its own
// handler.
func (a *Auth) serve(route Route) []gin.HandlerFunc {
	handlers := []gin.HandlerFunc{func(c *gin.Context) { a.protect(c, route) }}
	if !route.Public {
		handlers = append(handlers, func(c *gin.Context) { a.guard(c, route.allow) })
	}
	return append(handlers, func(c *gin.Context) {
		for _, parameter := range c.Params {
			if parameter.Value == "" { // gin matches empty segments
				a.WriteError(c, ErrNotFound)
				return
			}
		}
		r := a.state(c).request(route, transport{c})
		status, body, answered := a.respond(c.Writer.Header(), c.Request, r)
		if !answered {
			write(c, status, body)
		}
	})
}
