package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The errors of this package that a caller can act on. Compare with [errors.Is].
// Every other error means that something is broken, and is answered with 500 or
// 503 without a word of what it says.
var (
	ErrUnauthenticated          = errors.New("auth: not signed in")
	ErrForbidden                = errors.New("auth: not allowed")
	ErrReauthenticationRequired = errors.New("auth: the password must be checked again")
	ErrInvalidCredentials       = errors.New("auth: wrong e-mail address or password")
	ErrNotFound                 = errors.New("auth: not found")
	ErrBusy                     = errors.New("auth: too many passwords to check at once")
	ErrEmailTaken               = errors.New("auth: the e-mail address has an account already")
	//authgen:if signup
	ErrSignedIn = errors.New("auth: already signed in")
)

var (
	errWrongHost   = errors.New("auth: request for another host than that of Config.BaseURL")
	errCrossOrigin = errors.New("auth: request from another origin")
	errNotJSON     = errors.New("auth: the body is not application/json")
	errTooLarge    = errors.New("auth: the body is too large")
	// errUnavailable means that the sessions could not be had.
	//authgen:if redis
	errUnavailable = errors.New("not available")
)

// InputError says what is wrong with the input of a flow, field by field. The
// texts are meant for the user.
type InputError struct {
	Fields map[string]string
}

func (e *InputError) Error() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		parts = append(parts, name+" "+e.Fields[name])
	}
	return "auth: invalid input: " + strings.Join(parts, "; ")
}

// check notes what err says about a field, if it says something.
func (e *InputError) check(field string, err error) {
	if err == nil {
		return
	}
	if e.Fields == nil {
		e.Fields = make(map[string]string)
	}
	e.Fields[field] = err.Error()
}

// err returns e if anything was noted.
func (e *InputError) err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// RateLimitError says that there were too many failed attempts, for this account
// or from this address, and when the next one will be looked at.
type RateLimitError struct {
	RetryAfter time.Duration
}

func (e *RateLimitError) Error() string {
	return fmt.Sprintf("auth: too many failed attempts, try again in %v", e.RetryAfter.Round(time.Second))
}

// problem is the body of every error response (RFC 9457). Code is stable and
// meant for programs, Title and Fields are meant for people.
type problem struct {
	Type   string            `json:"type"`
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Code   string            `json:"code"`
	Fields map[string]string `json:"fields,omitempty"`
}

// describe returns the problem that an error is for the client, and when it is
// worth trying again. Errors that are none of its business are "internal", or
// "unavailable" where time ran out.
func describe(err error) (p problem, retryAfter time.Duration) {
	p = problem{Type: "about:blank"}
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
	for _, known := range []struct {
		err    error
		status int
		code   string
		title  string
	}{
		{ErrUnauthenticated, http.StatusUnauthorized, "unauthenticated", "Sign in first."},
		{ErrForbidden, http.StatusForbidden, "forbidden", "You are not allowed to do this."},
		{ErrReauthenticationRequired, http.StatusForbidden, "reauthentication_required", "Enter your password again to do this."},
		{ErrInvalidCredentials, http.StatusUnauthorized, "invalid_credentials", "Wrong e-mail address or password."},
		{ErrNotFound, http.StatusNotFound, "not_found", "There is no such thing."},
		{ErrBusy, http.StatusServiceUnavailable, "busy", "Too busy, try again in a moment."},
		{ErrEmailTaken, http.StatusConflict, "email_taken", "This e-mail address has an account already."},
		//authgen:if signup
		{ErrSignedIn, http.StatusConflict, "signed_in", "Log out first."},
		//authgen:end
		{errWrongHost, http.StatusMisdirectedRequest, "wrong_host", "This host is not served here."},
		{errCrossOrigin, http.StatusForbidden, "cross_origin", "This request came from another site."},
		{errNotJSON, http.StatusUnsupportedMediaType, "unsupported_media_type", "Send application/json."},
		{errTooLarge, http.StatusRequestEntityTooLarge, "too_large", "The request is too large."},
		//authgen:if redis
		{errUnavailable, http.StatusServiceUnavailable, "unavailable", "Not available, try again in a moment."},
		//authgen:end
	} {
		if errors.Is(err, known.err) {
			p.Status, p.Code, p.Title = known.status, known.code, known.title
			if known.status == http.StatusServiceUnavailable {
				retryAfter = time.Second
			}
			return p, retryAfter
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || isUnavailable(err) {
		p.Status, p.Code, p.Title = http.StatusServiceUnavailable, "unavailable", "Not available, try again in a moment."
		return p, time.Second
	}
	p.Status, p.Code, p.Title = http.StatusInternalServerError, "internal", "Something went wrong."
	return p, 0
}

// fail returns the answer to a request that failed with err, after what the error
// says of it was logged and the header of the answer set.
func (a *Auth) fail(header http.Header, r *http.Request, err error) (status int, body []byte) {
	p, retryAfter := describe(err)
	if errors.Is(err, errWrongHost) {
		p.Title = "Open " + a.origin + " instead."
	}
	switch p.Status {
	case http.StatusInternalServerError, http.StatusServiceUnavailable:
		level := slog.LevelError
		if errors.Is(r.Context().Err(), context.Canceled) {
			level = slog.LevelInfo // the client went away
		}
		a.config.Logger.Log(r.Context(), level, "auth: request failed", "code", p.Code, "error", err)
	case http.StatusUnauthorized:
		// A cookie that is worth nothing need not be sent again. One that was
		// good until just now may have been replaced in an answer that another
		// request gets at the same time, which this one must not undo.
		v, ok := a.visitOf(r.Context())
		if _, opened := SessionFrom(r.Context()); ok && v.sent && !opened && errors.Is(err, ErrUnauthenticated) {
			a.setSession(header, Session{})
		}
		//authgen:if gate
		if isNavigation(r) && errors.Is(err, ErrUnauthenticated) {
			// Else the gate would send the visitor back from the page to sign
			// in at.
			a.setSession(header, Session{})
			return redirect(header, a.loginURL(r)), nil
		}
		//authgen:end
	case http.StatusForbidden:
		if errors.Is(err, ErrForbidden) || errors.Is(err, errCrossOrigin) {
			a.event(r.Context(), "authz_fail", "path", r.URL.Path)
		}
	}
	if retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
	}
	return encode(header, p.Status, "application/problem+json", p)
}

// isNavigation reports whether a person is looking at the answer.
//
//authgen:if gate
func isNavigation(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		!strings.HasPrefix(r.URL.Path, prefix+"/") &&
		strings.Contains(r.Header.Get("Accept"), "text/html")
}

// encode returns an answer that holds value as JSON, after its header was set.
func encode(header http.Header, status int, contentType string, value any) (int, []byte) {
	body, err := json.Marshal(value)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("{}")
	}
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)+1))
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	return status, append(body, '\n')
}
