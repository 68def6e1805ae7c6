//authgen:if gin

package auth

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
)

// transport is how a [Request] reads the request of the router.
type transport struct{ c *gin.Context }

func (t transport) context() context.Context     { return t.c.Request.Context() }
func (t transport) header() http.Header          { return t.c.Request.Header }
func (t transport) pathValue(name string) string { return t.c.Param(name) }
func (t transport) query(name string) string     { return t.c.Query(name) }
func (t transport) body() ([]byte, error)        { return readBody(t.c.Writer, t.c.Request) }

// Gin makes a Handler of one of gin's, for what an [Answer] cannot hold: a body
// that is long, streams, or is of another type. The guard of its route, and the
// headers and checks that all routes of the table have, apply to it as well.
func Gin(h gin.HandlerFunc) Handler {
	return func(r *Request) (Answer, error) {
		h(r.c)
		return Answer{answered: true}, nil
	}
}

// serve returns the handlers of a route: what its line in the table asks for, and
// the route's own.
func (a *Auth) serve(route Route) []gin.HandlerFunc {
	handlers := []gin.HandlerFunc{func(c *gin.Context) { a.protect(c, route) }}
	if !route.Public {
		handlers = append(handlers, func(c *gin.Context) { a.guard(c, route.allow) })
	}
	return append(handlers, func(c *gin.Context) {
		for _, parameter := range c.Params {
			if parameter.Value == "" { // gin takes what is between two slashes
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
