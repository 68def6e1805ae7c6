//authgen:if fiber

package auth

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v3"
)

// Middleware is for every request of an application: it opens the session cookie
// for [SessionFrom], [Verify] and the guards, and refuses unsafe requests that
// another origin made the browser send. Give it to Use before the routes: fiber
// leaves it out for those that are there already.
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

// protect is before every route of a table: it sets the headers of an answer that
// is data for this visitor only, and refuses requests from other origins. Whoever
// calls it has to flush the state.
func (a *Auth) protect(c fiber.Ctx, route Route) (*requestState, error) {
	hangUp(c)
	a.setDataHeaders(c)
	rs := a.state(c)
	rs.data = !route.Form
	return rs, a.checkOrigin(requestOf(c))
}

// setDataHeaders sets the headers of an answer that is data for this visitor only.
func (a *Auth) setDataHeaders(c fiber.Ctx) {
	header := make(http.Header)
	a.setHeaders(header)
	setHeader(c, header)
}

// state returns the state of c's request, and puts it into the context of c.
// Whoever calls it has to flush it.
func (a *Auth) state(c fiber.Ctx) *requestState {
	rs, ok := a.stateOf(c.Context())
	if !ok {
		rs = a.newState(make(http.Header), requestOf(c))
		c.SetContext(withState(c.Context(), rs))
	}
	return rs
}

// flush puts what the state has for the header of the answer into that of c:
// [Verify] and the flows set the session cookie at any time until the answer is
// sent.
func (rs *requestState) flush(c fiber.Ctx) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	setHeader(c, rs.header)
	clear(rs.header)
}

// CurrentUser returns the user of c's request, whom a guard or [Verify] has
// confirmed. It reports false where neither was called or the visitor has logged
// out since, and asks no database.
func CurrentUser(c fiber.Ctx) (Principal, bool) {
	rs, ok := stateFrom(c.Context())
	if !ok {
		return Principal{}, false
	}
	p := rs.confirmed()
	return p, p.Valid()
}

// WriteError answers a request with an error as application/problem+json or, where
// a person is looking, as the page of Config.ErrorPage. The errors of this package
// have their own status and code; any other is logged and answered with 500,
// without its text. Handlers of the application may use it too, so that all errors
// have one shape. It returns nil.
func (a *Auth) WriteError(c fiber.Ctx, err error) error {
	if rs, ok := a.stateOf(c.Context()); ok {
		rs.flush(c) // before the header of the error, which may take the cookie back
	}
	header := answerHeader(c)
	status, body := a.errorAnswer(header, requestOf(c), err, nil)
	return send(c, header, status, body)
}

// ErrorHandler is WriteError for the configuration of fiber. It knows the errors
// of fiber as well, such as that there is no route, and answers them in the same
// shape. Their texts, which repeat what the client sent, it leaves out.
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
