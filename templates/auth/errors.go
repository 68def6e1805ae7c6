package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Errors that a caller can act on. Compare with [errors.Is]. Any other error is
// unexpected: it is answered with 500 or 503, without its text.
var (
	ErrUnauthenticated          = errors.New("auth: not logged in")
	ErrForbidden                = errors.New("auth: not allowed")
	ErrReauthenticationRequired = errors.New("auth: the password must be checked again")
	ErrInvalidCredentials       = errors.New("auth: wrong e-mail address or password")
	ErrNotFound                 = errors.New("auth: not found")
	ErrBusy                     = errors.New("auth: too many passwords to check at once")
	ErrEmailTaken               = errors.New("auth: the e-mail address already has an account")
	//authgen:if signup
	ErrLoggedIn = errors.New("auth: already logged in")
)

var (
	errWrongHost   = errors.New("auth: the request is for a host other than that of Config.BaseURL")
	errCrossOrigin = errors.New("auth: request from another origin")
	errNotJSON     = errors.New("auth: the body is not application/json")
	errNotForm     = errors.New("auth: the body is not application/x-www-form-urlencoded")
	errTooLarge    = errors.New("auth: the body is too large")
	// errUnavailable means that a data store did not answer.
	errUnavailable = errors.New("not available")
)

// InputError describes invalid input of a flow, by field.
type InputError struct {
	Fields map[string]FieldError
}

// FieldError describes what is wrong with a field. Code is stable, for programs,
// which may translate it. Text is for people and completes a sentence that begins
// with the name of the field.
type FieldError struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Error implements error.
func (e FieldError) Error() string { return e.Text }

// NewInputError returns an InputError for one field, for instance from a hook that
// refuses an address.
func NewInputError(field, code, text string) *InputError {
	return &InputError{Fields: map[string]FieldError{field: {code, text}}}
}

// Error implements error.
func (e *InputError) Error() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		parts = append(parts, name+" "+e.Fields[name].Text)
	}
	return "auth: invalid input: " + strings.Join(parts, "; ")
}

// check records err for a field unless it is nil.
func (e *InputError) check(field string, err error) {
	if err == nil {
		return
	}
	var problem FieldError
	if !errors.As(err, &problem) {
		problem = FieldError{"invalid", err.Error()}
	}
	if e.Fields == nil {
		e.Fields = make(map[string]FieldError)
	}
	e.Fields[field] = problem
}

// err returns e if it has a field, and nil otherwise.
func (e *InputError) err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// Errors that several fields can have.
var (
	errMissing  = FieldError{"missing", "is missing"}
	errNotText  = FieldError{"not_text", "is not valid text"}
	errNotARole = FieldError{"not_a_role", "is not a role"}
)

// RateLimitError means that there were too many attempts, for an account or from an
// address.
type RateLimitError struct {
	RetryAfter time.Duration // until the next attempt is allowed
}

// Error implements error.
func (e *RateLimitError) Error() string {
	return fmt.Sprintf("auth: too many failed attempts, try again in %v", e.RetryAfter.Round(time.Second))
}

// Problem is what a client learns about an error: the body of every error response
// (RFC 9457), and what Config.ErrorPage shows. Code is stable, for programs. Title
// and the texts of Fields are for people.
type Problem struct {
	Type   string                `json:"type"`
	Title  string                `json:"title"`
	Status int                   `json:"status"`
	Code   string                `json:"code"`
	Fields map[string]FieldError `json:"fields,omitempty"`
	// Detail is for developers: why a request from another origin, or for another
	// host, was refused.
	Detail string `json:"detail,omitempty"`
}

// problems maps the errors of this package to what the client learns about them.
var problems = []struct {
	err    error
	status int
	code   string
	title  string
}{
	{ErrUnauthenticated, http.StatusUnauthorized, "unauthenticated", "Log in first."},
	{ErrForbidden, http.StatusForbidden, "forbidden", "You are not allowed to do this."},
	{ErrReauthenticationRequired, http.StatusForbidden, "reauthentication_required", "Enter your password again to do this."},
	{ErrInvalidCredentials, http.StatusUnauthorized, "invalid_credentials", "Wrong e-mail address or password."},
	{ErrNotFound, http.StatusNotFound, "not_found", "Not found."},
	{ErrBusy, http.StatusServiceUnavailable, "busy", "Too busy, try again in a moment."},
	{ErrEmailTaken, http.StatusConflict, "email_taken", "This e-mail address already has an account."},
	//authgen:if signup
	{ErrLoggedIn, http.StatusConflict, "logged_in", "Log out first."},
	//authgen:end
	{errWrongHost, http.StatusMisdirectedRequest, "wrong_host", "This host is not served here."},
	{errCrossOrigin, http.StatusForbidden, "cross_origin", "This request came from another site."},
	{errNotJSON, http.StatusUnsupportedMediaType, "unsupported_media_type", "Send application/json."},
	{errNotForm, http.StatusUnsupportedMediaType, "unsupported_media_type", "Send application/x-www-form-urlencoded."},
	{errTooLarge, http.StatusRequestEntityTooLarge, "too_large", "The request is too large."},
	{errUnavailable, http.StatusServiceUnavailable, "unavailable", "Not available, try again in a moment."},
}

// ProblemOf returns what a client learns about err, and how long it should wait
// before it tries again, or 0 if that is not known. An error that is not from this
// package has the code "internal", or "unavailable" if a deadline was exceeded.
func ProblemOf(err error) (p Problem, retryAfter time.Duration) {
	p = Problem{Type: "about:blank"}
	var input *InputError
	var limited *RateLimitError
	switch {
	case errors.As(err, &input):
		p.Status, p.Code, p.Title, p.Fields = http.StatusBadRequest, "invalid_input", "Some of the input is not valid.", input.Fields
		return p, 0
	case errors.As(err, &limited):
		p.Status, p.Code, p.Title = http.StatusTooManyRequests, "rate_limited", "Too many attempts, try again later."
		return p, limited.RetryAfter
	}
	for _, known := range problems {
		if errors.Is(err, known.err) {
			p.Status, p.Code, p.Title = known.status, known.code, known.title
			if known.status == http.StatusServiceUnavailable {
				retryAfter = time.Second
			}
			if refused := (*refusal)(nil); errors.As(err, &refused) {
				p.Detail = refused.detail
			}
			return p, retryAfter
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || isUnavailable(err) {
		return ProblemOf(errUnavailable)
	}
	p.Status, p.Code, p.Title = http.StatusInternalServerError, "internal", "Something went wrong."
	return p, 0
}

// errorAnswer logs err if necessary, sets the header of the answer and returns its
// status and body. If page is not nil, the body is that page and not the problem.
func (a *Auth) errorAnswer(header http.Header, r *http.Request, err error, page func(io.Writer) error) (status int, body []byte) {
	p, retryAfter := ProblemOf(err)
	if errors.Is(err, errWrongHost) {
		p.Title = "Open " + a.BaseURL() + " instead."
	}
	rs, _ := a.stateOf(r.Context())
	person := (rs == nil || !rs.data) && strings.Contains(r.Header.Get("Accept"), "text/html")
	switch p.Status {
	case http.StatusInternalServerError, http.StatusServiceUnavailable:
		level := slog.LevelError
		if errors.Is(r.Context().Err(), context.Canceled) {
			level = slog.LevelInfo // the client disconnected
		}
		a.config.Logger.Log(r.Context(), level, "auth: request failed", "code", p.Code, "error", err)
	case http.StatusUnauthorized:
		if !errors.Is(err, ErrUnauthenticated) {
			break
		}
		// Only an expired cookie is deleted. One that could not be opened may be
		// valid on another instance, which has a newer key. One that was valid a
		// moment ago may have been replaced by the answer to a concurrent request.
		if rs != nil && rs.validity == expired {
			a.setSessionCookie(header, Session{})
		}
		//authgen:if gate
		if person && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			if _, opened := SessionFrom(r.Context()); opened {
				// With the cookie, the gate would redirect from the login page back.
				a.setSessionCookie(header, Session{})
			}
			return a.redirect(header, a.loginURL(r)), nil
		}
		//authgen:end
	case http.StatusForbidden, http.StatusMisdirectedRequest:
		switch {
		case p.Detail != "":
			a.Event(r.Context(), "authz_fail", "path", r.URL.Path, "code", p.Code, "detail", p.Detail)
		case errors.Is(err, ErrForbidden):
			a.Event(r.Context(), "authz_fail", "path", r.URL.Path)
		}
	}
	if retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
	}
	if page == nil && person {
		page = func(w io.Writer) error { return a.config.ErrorPage(w, p) }
	}
	if page != nil {
		body, err := encodePage(header, page)
		if err == nil {
			return p.Status, body
		}
		a.config.Logger.ErrorContext(r.Context(), "auth: an error page failed", "error", err)
	}
	return encodeJSON(header, p.Status, "application/problem+json", p)
}

// encodeJSON sets the header of an answer that holds value as JSON, and returns its
// status and body.
func encodeJSON(header http.Header, status int, contentType string, value any) (int, []byte) {
	body, err := json.Marshal(value)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("{}")
	}
	body = append(body, '\n')
	setContent(header, contentType, body)
	return status, body
}

// encodePage sets the header of an answer that is a page, and returns its body.
func encodePage(header http.Header, page func(io.Writer) error) ([]byte, error) {
	var b bytes.Buffer
	if err := page(&b); err != nil {
		return nil, err
	}
	setContent(header, "text/html; charset=utf-8", b.Bytes())
	if header.Get("Content-Security-Policy") == dataPolicy {
		setPageHeaders(header)
	}
	return b.Bytes(), nil
}

func setContent(header http.Header, contentType string, body []byte) {
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	ensureHeader(header, "X-Content-Type-Options", "nosniff")
	ensureHeader(header, "Cache-Control", "no-store")
}

// errorPage is the default of Config.ErrorPage.
func (a *Auth) errorPage(w io.Writer, p Problem) error {
	return errorTemplate.Execute(w, struct {
		Problem
		Home string
	}{p, a.basePath + "/"})
}

var errorTemplate = template.Must(template.New("error").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<h1>{{.Title}}</h1>
{{with .Detail}}<p>{{.}}</p>
{{end}}<p><a href="{{.Home}}">Home</a></p>
</html>
`))
