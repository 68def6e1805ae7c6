//authgen:if gin

package auth

import "github.com/gin-gonic/gin"

// Middleware is the middleware for all requests of the application: it opens the
// session cookie for [SessionFrom] and [Verify], and refuses unsafe requests that
// another origin made the browser send. Pass it to Use of the engine before you
// register any route. See [Auth.SessionMiddleware] for one that leaves the
// application's own routes alone.
func (a *Auth) Middleware(c *gin.Context) {
	if err := a.checkBeforeRouting(c.Request); err != nil {
		a.state(c)
		a.setHeaders(c.Writer.Header())
		a.WriteError(c, err)
		return
	}
	a.SessionMiddleware(c)
}

// SessionMiddleware is Middleware for an application that decides itself which requests
// from other origins its own routes accept. Routes of the table and guards still refuse
// unsafe ones. Elsewhere, such a request has no session, whatever its cookie.
func (a *Auth) SessionMiddleware(c *gin.Context) {
	a.state(c)
	//authgen:if gate
	if to := a.gate(c.Request); to != "" {
		c.AbortWithStatus(a.redirect(c.Writer.Header(), to))
	}
	//authgen:end
}

// protect is the first handler of every route of a table: see admit.
func (a *Auth) protect(c *gin.Context, route Route) {
	a.state(c).data = !route.Form
	if err := a.admit(c.Writer.Header(), c.Request, route); err != nil {
		a.WriteError(c, err)
	}
}

// state returns the state of the request. The first call adds it to the context.
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

// CurrentUser is [Verify] without the error: it reports false if the visitor is logged
// out, or if the check failed. Behind a guard it reports true and does no I/O.
//
// Gin reuses c for another request once the handlers have returned. Pass the data of
// the Principal, or c.Copy(), to a goroutine that runs longer.
func CurrentUser(c *gin.Context) (Principal, bool) {
	p, err := Verify(c.Request.Context())
	return p, err == nil
}

// WriteError answers a request with err, as application/problem+json or, for a browser
// that shows a page, as the page of Config.ErrorPage, and aborts it. Errors of this
// package have their own status and code. Any other error is logged and answered with
// 500, without its text. The application's own handlers may call it too.
//
// It does not add the error to c.Errors, which some middleware shows to the client.
func (a *Auth) WriteError(c *gin.Context, err error) {
	status, body := a.errorAnswer(c.Writer.Header(), c.Request, err, nil)
	c.Abort()
	write(c, status, body)
}

// write sends the status and body of an answer.
func write(c *gin.Context, status int, body []byte) {
	c.Status(status)
	_, _ = c.Writer.Write(body)
}
