//authgen:if echo

package auth

import "github.com/labstack/echo/v5"

// Middleware is the middleware for all requests of the application: it opens the
// session cookie for [SessionFrom] and [Verify], and refuses unsafe requests that
// another origin made the browser send. It makes echo's CSRF middleware unnecessary. See
// [Auth.SessionMiddleware] for one that leaves the application's own routes alone.
func (a *Auth) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	next = a.SessionMiddleware(next)
	return func(c *echo.Context) error {
		if err := a.checkBeforeRouting(c.Request()); err != nil {
			a.state(c)
			a.setHeaders(c.Response().Header())
			return a.WriteError(c, err)
		}
		return next(c)
	}
}

// SessionMiddleware is Middleware for an application that decides itself which requests
// from other origins its own routes accept. Routes of the table and guards still refuse
// unsafe ones. Elsewhere, such a request has no session, whatever its cookie.
func (a *Auth) SessionMiddleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		a.state(c)
		//authgen:if gate
		if to := a.gate(c.Request()); to != "" {
			return c.NoContent(a.redirect(c.Response().Header(), to))
		}
		//authgen:end
		return next(c)
	}
}

// protect wraps every route of a table: see admit.
func (a *Auth) protect(next echo.HandlerFunc, route Route) echo.HandlerFunc {
	return func(c *echo.Context) error {
		a.state(c).data = !route.Form
		if err := a.admit(c.Response().Header(), c.Request(), route); err != nil {
			return a.WriteError(c, err)
		}
		return next(c)
	}
}

// state returns the state of c's request. The first call adds it to the context of the
// request.
func (a *Auth) state(c *echo.Context) *requestState {
	r := c.Request()
	if rs, ok := a.stateOf(r.Context()); ok {
		rs.useHeader(c.Response().Header())
		return rs
	}
	rs := a.newState(c.Response().Header(), r)
	c.SetRequest(r.WithContext(withState(r.Context(), rs)))
	return rs
}

// CurrentUser is [Verify] without the error: it reports false if the visitor is logged
// out, or if the check failed. Behind a guard it reports true and does no I/O.
func CurrentUser(c *echo.Context) (Principal, bool) {
	p, err := Verify(c.Request().Context())
	return p, err == nil
}

// WriteError answers a request with err, as application/problem+json or, for a browser
// that shows a page, as the page of Config.ErrorPage. Errors of this package have their
// own status and code. Any other error is logged and answered with 500, without its
// text. The application's own handlers may call it too. It returns nil, for handlers to
// return.
func (a *Auth) WriteError(c *echo.Context, err error) error {
	status, body := a.errorAnswer(c.Response().Header(), c.Request(), err, nil)
	return write(c, status, body)
}

// write sends the status and body of an answer. It returns nil even if writing fails,
// since the client could not receive another answer either.
func write(c *echo.Context, status int, body []byte) error {
	c.Response().WriteHeader(status)
	_, _ = c.Response().Write(body)
	return nil
}
