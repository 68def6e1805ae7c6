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
// it does not apply to earlier ones.
func (a *Auth) Middleware(c fiber.Ctx) error {
	if err := a.checkOrigin(requestOf(c)); err != nil {
		a.setDataHeaders(c)
		return a.WriteError(c, err)
	}
	rs := a.state(c)
	defer rs.flush(c)
	//authgen:if gate
	if to := a.gate(requestOf(c)); to != "" {
		header := make(http.Header)
		return send(c, header, redirect(header, to), nil)
	}
	//authgen:end
	return c.Next()
}

// protect is the first step of every route of a table: it sets the security headers,
// and refuses requests from other origins. The caller must flush the state.
func (a *Auth) protect(c fiber.Ctx, route Route) (*requestState, error) {
	hangUp(c)
	a.setDataHeaders(c)
	rs := a.state(c)
	rs.data = !route.Form
	return rs, a.checkOrigin(requestOf(c))
}

// setDataHeaders sets the security headers of an answer that is data.
func (a *Auth) setDataHeaders(c fiber.Ctx) {
	header := make(http.Header)
	a.setHeaders(header)
	setHeader(c, header)
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
