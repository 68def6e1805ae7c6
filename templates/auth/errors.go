package auth

import (
	"errors"
	"fmt"
	"maps"
	"slices"
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
	errNotForm     = errors.New("auth: the body is not application/x-www-form-urlencoded")
	errTooLarge    = errors.New("auth: the body is too large")
	// errUnavailable means that something which keeps data did not answer.
	errUnavailable = errors.New("not available")
)

// InputError says what is wrong with the input of a flow, field by field.
type InputError struct {
	Fields map[string]FieldError
}

// FieldError says what is wrong with a field. The code is stable and meant for
// programs, which may translate it; the text is meant for people, and reads as the
// end of a sentence that begins with the name of the field.
type FieldError struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Error implements error.
func (e FieldError) Error() string { return e.Text }

// NewInputError returns an InputError for one field, such as that of a hook which
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

// check notes what is wrong with a field, unless err is nil.
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

// err returns e if anything was noted.
func (e *InputError) err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// What several fields can have wrong with them.
var (
	errMissing  = FieldError{"missing", "is missing"}
	errNotText  = FieldError{"not_text", "is not valid text"}
	errNotARole = FieldError{"not_a_role", "is not a role"}
)

// RateLimitError says that there were too many failed attempts, for this account
// or from this address, and when the next one will be looked at.
type RateLimitError struct {
	RetryAfter time.Duration
}

// Error implements error.
func (e *RateLimitError) Error() string {
	return fmt.Sprintf("auth: too many failed attempts, try again in %v", e.RetryAfter.Round(time.Second))
}
