//authgen:if echo

package auth

import "github.com/labstack/echo/v5"

// Middleware is what concerns every request of an application, for Use: it opens
// the session cookie for [SessionFrom] and [Verify], and refuses unsafe requests
// that another origin made the browser send. The CSRF middleware of echo is not
// needed beside it.
func (a *Auth) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		if err := a.checkOrigin(c.Request()); err != nil {
			a.setHeaders(c.Response().Header())
			return a.WriteError(c, err)
		}
		a.state(c)
		//authgen:if gate
		if to := a.gate(c.Request()); to != "" {
			return c.NoContent(redirect(c.Response().Header(), to))
		}
		//authgen:end
		return next(c)
	}
}

// protect wraps every route of a table: it sets the headers of an answer that is
// data for this visitor only, and refuses requests from other origins.
func (a *Auth) protect(next echo.HandlerFunc, route Route) echo.HandlerFunc {
	return func(c *echo.Context) error {
		a.setHeaders(c.Response().Header())
		a.state(c).data = !route.Form
		if err := a.checkOrigin(c.Request()); err != nil {
			return a.WriteError(c, err)
		}
		return next(c)
	}
}

// state returns the state of the request of c, which is in the request's context
// from then on.
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

// CurrentUser is [Verify] for handlers to which the reason of a refusal is all the
// same: it reports false when the visitor is logged out, and when the database
// could not tell. Behind a guard it costs nothing and reports true.
func CurrentUser(c *echo.Context) (Principal, bool) {
	p, err := Verify(c.Request().Context())
	return p, err == nil
}

// WriteError answers a request with an error as application/problem+json or, where
// a person is looking, as the page of Config.ErrorPage. The errors of this package
// have their own status and code; any other is logged and answered with 500,
// without its text. Handlers of the application may use it too, so that all errors
// have one shape. It returns nil, so that a handler can return what it returns.
func (a *Auth) WriteError(c *echo.Context, err error) error {
	status, body := a.errorAnswer(c.Response().Header(), c.Request(), err, nil)
	return write(c, status, body)
}

// write writes an answer whose header is set. It returns nil: if nobody is there
// any more to read it, another answer would not be read either.
func write(c *echo.Context, status int, body []byte) error {
	c.Response().WriteHeader(status)
	_, _ = c.Response().Write(body)
	return nil
}
