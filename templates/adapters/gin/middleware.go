//authgen:if gin

package auth

import "github.com/gin-gonic/gin"

// Middleware does what concerns every request of an application: it opens the
// session cookie for [SessionFrom] and [Verify], and refuses unsafe requests that
// another origin made the browser send. Give it to Use of the engine, before any
// route is registered.
func (a *Auth) Middleware(c *gin.Context) {
	if err := a.checkOrigin(c.Request); err != nil {
		a.setHeaders(c.Writer.Header())
		a.WriteError(c, err)
		return
	}
	a.state(c)
	//authgen:if gate
	if to := a.gate(c.Request); to != "" {
		c.AbortWithStatus(redirect(c.Writer.Header(), to))
	}
	//authgen:end
}

// protect is the first handler of every route of a table: it sets the headers of an
// answer that is data for this visitor only, and refuses requests from other
// origins.
func (a *Auth) protect(c *gin.Context, route Route) {
	a.setHeaders(c.Writer.Header())
	a.state(c).data = !route.Form
	if err := a.checkOrigin(c.Request); err != nil {
		a.WriteError(c, err)
	}
}

// state returns the state of the request, which is in its context from then on.
func (a *Auth) state(c *gin.Context) *requestState {
	ctx := c.Request.Context()
	if rs, ok := a.stateOf(ctx); ok {
		rs.useHeader(c.Writer.Header())
		return rs
	}
	rs := a.newState(c.Writer.Header(), c.Request)
	c.Request = c.Request.WithContext(withState(ctx, rs))
	return rs
}

// CurrentUser is [Verify] for handlers to which the reason of a refusal is all the
// same: it reports false when the visitor is logged out, and when the database
// could not tell. Behind a guard it costs nothing and reports true.
//
// Gin gives c to another request once the handlers have returned. To a goroutine
// that goes on for longer, give the Principal's data, or c.Copy().
func CurrentUser(c *gin.Context) (Principal, bool) {
	p, err := Verify(c.Request.Context())
	return p, err == nil
}

// WriteError answers a request with an error as application/problem+json or, where
// a person is looking, as the page of Config.ErrorPage, and aborts it. The errors
// of this package have their own status and code; any other is logged and answered
// with 500, without its text. Handlers of the application may use it too, so that
// all errors have one shape.
//
// The error is not added to c.Errors, which some middleware shows to the client.
func (a *Auth) WriteError(c *gin.Context, err error) {
	status, body := a.errorAnswer(c.Writer.Header(), c.Request, err, nil)
	c.Abort()
	write(c, status, body)
}

// write writes an answer whose header is set.
func write(c *gin.Context, status int, body []byte) {
	c.Status(status)
	_, _ = c.Writer.Write(body)
}
