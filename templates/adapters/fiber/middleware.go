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
	if err := a.admit(requestOf(c)); err != nil {
		header := make(http.Header)
		a.setHeaders(header)
		setHeader(c, header)
		return a.WriteError(c, err)
	}
	v := a.visit(c)
	defer v.flush(c)
	//authgen:if gate
	if to := a.gate(requestOf(c)); to != "" {
		header := make(http.Header)
		return send(c, header, redirect(header, to), nil)
	}
	//authgen:end
	return c.Next()
}

// shield is before every route of this package: it sets the headers of an answer
// that is data, for this visitor only, and refuses requests from other origins.
func (a *Auth) shield(c fiber.Ctx) error {
	hangUp(c)
	header := make(http.Header)
	a.setHeaders(header)
	setHeader(c, header)
	if err := a.admit(requestOf(c)); err != nil {
		return a.WriteError(c, err)
	}
	v := a.visit(c)
	defer v.flush(c)
	return c.Next()
}

// visit returns the visit that c's request belongs to, and puts it into the
// context of c. Whoever calls it has to flush it.
func (a *Auth) visit(c fiber.Ctx) *requestState {
	v, ok := a.stateOf(c.Context())
	if !ok {
		v = a.newState(make(http.Header), requestOf(c))
		c.SetContext(withState(c.Context(), v))
	}
	return v
}

// flush puts what the visit has for the header of the answer into that of c:
// [Verify] sets the session cookie at any time until the answer is sent.
func (v *requestState) flush(c fiber.Ctx) {
	v.mu.Lock()
	defer v.mu.Unlock()
	setHeader(c, v.header)
	clear(v.header)
}

// CurrentUser returns the user of c's request, whom a guard or [Verify] has
// confirmed. It reports false where neither was called or the visitor has signed
// out since, and asks no database.
func CurrentUser(c fiber.Ctx) (Principal, bool) {
	v, ok := stateFrom(c.Context())
	if !ok {
		return Principal{}, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.principal, v.principal.Valid()
}

// SetSession makes s, which a flow returned, the session of the visitor, in this
// request and in the cookie. The zero Session signs the visitor out.
func (a *Auth) SetSession(c fiber.Ctx, s Session) {
	v := a.visit(c)
	v.become(s)
	v.flush(c)
}

// WriteError answers a request with an error as application/problem+json. The
// errors of this package have their own status and code; any other is logged and
// answered with 500, without its text. Handlers of the application may use it
// too, so that all errors have one shape. It returns nil.
func (a *Auth) WriteError(c fiber.Ctx, err error) error {
	if v, ok := a.stateOf(c.Context()); ok {
		v.flush(c) // before fail, which may take the cookie back
	}
	header := make(http.Header)
	status, body := a.fail(header, requestOf(c), err)
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
	p := problem{Type: "about:blank", Title: http.StatusText(refusal.Code), Status: refusal.Code}
	switch refusal.Code {
	case http.StatusNotFound:
		p, _ = describe(ErrNotFound)
	case http.StatusRequestEntityTooLarge:
		p, _ = describe(errTooLarge)
	default:
		p.Code = strings.ReplaceAll(strings.ToLower(p.Title), " ", "_")
	}
	return sendJSON(c, p.Status, "application/problem+json", p)
}

// writeJSON answers a request with a value.
func writeJSON(c fiber.Ctx, status int, value any) error {
	return sendJSON(c, status, "application/json", value)
}

func sendJSON(c fiber.Ctx, status int, contentType string, value any) error {
	header := make(http.Header)
	status, body := encode(header, status, contentType, value)
	return send(c, header, status, body)
}
