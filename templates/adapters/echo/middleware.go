//authgen:if echo

package auth

import "github.com/labstack/echo/v5"

// Middleware is what concerns every request of an application, for Use: it opens
// the session cookie for [SessionFrom] and [Verify], and refuses unsafe requests
// that another origin made the browser send. The CSRF middleware of echo is not
// needed beside it.
func (a *Auth) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		if err := a.admit(c.Request()); err != nil {
			a.setHeaders(c.Response().Header())
			return a.WriteError(c, err)
		}
		a.visit(c)
		//authgen:if gate
		if to := a.gate(c.Request()); to != "" {
			return c.NoContent(redirect(c.Response().Header(), to))
		}
		//authgen:end
		return next(c)
	}
}

// shield is around every route of this package: it sets the headers of an answer
// that is data, for this visitor only, and refuses requests from other origins.
func (a *Auth) shield(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		a.setHeaders(c.Response().Header())
		if err := a.admit(c.Request()); err != nil {
			return a.WriteError(c, err)
		}
		a.visit(c)
		return next(c)
	}
}

// visit returns the visit that the request of c belongs to. From then on, it is
// in the request's context.
func (a *Auth) visit(c *echo.Context) *requestState {
	r := c.Request()
	v, ok := a.stateOf(r.Context())
	if ok {
		v.answerIn(c.Response().Header())
		return v
	}
	v = a.newState(c.Response().Header(), r)
	c.SetRequest(r.WithContext(withState(r.Context(), v)))
	return v
}

// SetSession makes s, which a flow returned, the session of the visitor, in this
// request and in the cookie. The zero Session signs the visitor out. It must be
// called before the answer is begun.
func (a *Auth) SetSession(c *echo.Context, s Session) {
	a.visit(c).become(s)
	c.Set(principalKey, nil) // that of the session before
}

// WriteError answers a request with an error as application/problem+json. The
// errors of this package have their own status and code; any other is logged and
// answered with 500, without its text. Handlers of the application may use it
// too, so that all errors have one shape. It returns nil, so that a handler can
// return what it returns.
func (a *Auth) WriteError(c *echo.Context, err error) error {
	status, body := a.fail(c.Response().Header(), c.Request(), err)
	return write(c, status, body)
}

// writeJSON answers a request with a value. It returns nil.
func writeJSON(c *echo.Context, status int, value any) error {
	status, body := encode(c.Response().Header(), status, "application/json", value)
	return write(c, status, body)
}

// write writes an answer whose header is set. It returns nil: if nobody is there
// any more to read it, another answer would not be read either.
func write(c *echo.Context, status int, body []byte) error {
	c.Response().WriteHeader(status)
	_, _ = c.Response().Write(body)
	return nil
}
