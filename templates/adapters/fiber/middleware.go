//authgen:if fiber

package auth

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v3"
)

// Middleware is the middleware for all requests of the application: it opens the
// session cookie for [SessionFrom], [Verify] and the guards, and refuses unsafe requests
// that another origin made the browser send. Pass it to Use before you register routes:
// it does not apply to earlier ones. See [Auth.SessionMiddleware] for one that leaves the
// application's own routes alone.
func (a *Auth) Middleware(c fiber.Ctx) error {
	if err := a.checkBeforeRouting(requestOf(c)); err != nil {
		a.state(c)
		header := make(http.Header)
		a.setHeaders(header)
		setHeader(c, header)
		return a.WriteError(c, err)
	}
	return a.SessionMiddleware(c)
}

// SessionMiddleware is Middleware for an application that decides itself which requests
// from other origins its own routes accept. Routes of the table and guards still refuse
// unsafe ones. Elsewhere, such a request has no session, whatever its cookie.
func (a *Auth) SessionMiddleware(c fiber.Ctx) error {
	rs := a.state(c)
	defer rs.flush(c)
	//authgen:if gate
	if to := a.gate(requestOf(c)); to != "" {
		header := make(http.Header)
		return send(c, header, a.redirect(header, to), nil)
	}
	//authgen:end
	return c.Next()
}

// protect is the first step of every route of a table: see admit. The caller must flush
// the state.
func (a *Auth) protect(c fiber.Ctx, route Route) (*requestState, error) {
	hangUp(c)
	rs := a.state(c)
	rs.data = !route.Form
	header := make(http.Header)
	err := a.admit(header, requestOf(c), route)
	setHeader(c, header)
	return rs, err
}

// state returns the state of c's request. The first call adds it to the context of c.
// The caller must flush it.
func (a *Auth) state(c fiber.Ctx) *requestState {
	rs, ok := a.stateOf(c.Context())
	if !ok {
		rs = a.newState(make(http.Header), requestOf(c))
		c.SetContext(withState(c.Context(), rs))
	}
	return rs
}

// flush copies the header in the state to that of c: [Verify] and the flows may set the
// session cookie at any time before the answer is sent.
func (rs *requestState) flush(c fiber.Ctx) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	setHeader(c, rs.header)
	clear(rs.header)
}

// CurrentUser returns the Principal that a guard or [Verify] has confirmed for c's
// request. It reports false if neither was called, or the visitor has logged out since.
// It does no I/O.
func CurrentUser(c fiber.Ctx) (Principal, bool) {
	rs, ok := stateFrom(c.Context())
	if !ok {
		return Principal{}, false
	}
	p := rs.confirmed()
	return p, p.Valid()
}

// WriteError answers a request with err, as application/problem+json or, for a browser
// that shows a page, as the page of Config.ErrorPage. Errors of this package have their
// own status and code. Any other error is logged and answered with 500, without its
// text. The application's own handlers may call it too. It returns nil, for handlers to
// return.
func (a *Auth) WriteError(c fiber.Ctx, err error) error {
	if rs, ok := a.stateOf(c.Context()); ok {
		rs.flush(c) // first, since the header of the error may delete the cookie
	}
	header := answerHeader(c)
	status, body := a.errorAnswer(header, requestOf(c), err, nil)
	return send(c, header, status, body)
}

// ErrorHandler is WriteError for fiber.Config. It also answers fiber's own errors, such
// as for a wrong method, in the same form. It omits their texts, which repeat what the
// client sent.
func (a *Auth) ErrorHandler(c fiber.Ctx, err error) error {
	var refusal *fiber.Error
	if !errors.As(err, &refusal) {
		return a.WriteError(c, err)
	}
	switch refusal.Code {
	case http.StatusNotFound:
		return a.WriteError(c, ErrNotFound)
	case http.StatusRequestEntityTooLarge:
		return a.WriteError(c, errTooLarge)
	}
	title := http.StatusText(refusal.Code)
	header := make(http.Header)
	status, body := encodeJSON(header, refusal.Code, "application/problem+json", Problem{
		Type:   "about:blank",
		Title:  title,
		Status: refusal.Code,
		Code:   strings.ReplaceAll(strings.ToLower(title), " ", "_"),
	})
	return send(c, header, status, body)
}
