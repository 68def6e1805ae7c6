package auth

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"

	redis "github.com/authgen/authgen/templates/auth/redis"
)

const (
	// prefix is the path below which every route of this package is.
	prefix = "/auth" //authgen:value prefix
	// cookieBase is the cookie's name without the __Host- prefix.
	cookieBase = "session" //authgen:value cookie
)

// Config holds the settings of an [Auth]. DB, Keys and BaseURL are required;
// the zero value of every other field is a safe default.
type Config struct {
	// DB is the database that holds the tables of this package. See driver.go for
	// how to open it.
	DB *sql.DB

	// Redis is a client of where the sessions are: a server or a cluster. It is
	// required as well, and must not read from replicas. Set its
	// ContextTimeoutEnabled, or requests wait for longer than they should when
	// there is no answer.
	//authgen:if redis
	Redis redis.UniversalClient

	// Keys seal the session cookie. The first one seals, all of them open. To
	// rotate them, add the new key behind the others on every instance, then move it
	// to the front, and drop the old one once the longest session has ended. See
	// [ParseKeys].
	Keys []Key

	// BaseURL is where browsers reach the application, such as
	// "https://app.example.com". It has no path. A plain http URL is accepted
	// only for localhost, 127.0.0.1 and [::1]; that is the development mode, in
	// which the cookie is not marked Secure and a request for any other host is
	// refused.
	BaseURL string

	// IdleTimeout ends a session that has been idle for this long. Default 7 days.
	IdleTimeout time.Duration
	// AbsoluteTimeout ends a session this long after the credentials were checked,
	// however active it is. Default 30 days.
	AbsoluteTimeout time.Duration
	// SensitiveIdleTimeout and SensitiveAbsoluteTimeout replace the two above
	// for users whose role is sensitive. Default 1 hour and 24 hours.
	SensitiveIdleTimeout     time.Duration
	SensitiveAbsoluteTimeout time.Duration
	// FreshFor is how long after a check of the password a session may still
	// change credentials, sessions and roles. Default 15 minutes.
	FreshFor time.Duration

	// MinPasswordLength is counted in code points. Default 15. Fewer than 8 are
	// refused, and fewer than 15 unless Hooks.CheckPassword is set: the short
	// passwords that everybody tries are too many to be listed here.
	MinPasswordLength int
	// PasswordContextWords are refused as passwords: the name of the product,
	// of the company, and the like.
	PasswordContextWords []string

	// TrustedProxies are the addresses whose X-Forwarded-For header is
	// believed. Default none: the client is whoever opened the connection. Behind a
	// reverse proxy that is not listed here, all clients share one rate limit.
	TrustedProxies []netip.Prefix
	// TrustUnixSocket says the same of whoever connects through a Unix socket,
	// which has no address.
	TrustUnixSocket bool
	// StrictOrigin refuses unsafe requests that carry neither Sec-Fetch-Site
	// nor Origin. Browsers always send one of them; scripts do not.
	StrictOrigin bool

	// LoginPath is the page to which the middleware sends visitors who must
	// log in first. Default "/login".
	//authgen:if gate
	LoginPath string
	// HomePath is the page to which it sends visitors who are logged in
	// already. Default "/".
	//authgen:if gate
	HomePath string

	// HSTS is the Strict-Transport-Security header of answers of this package, where
	// BaseURL is https. Default "max-age=31536000"; "max-age=0" takes it back.
	HSTS string
	// ClearSiteData is the Clear-Site-Data header of the answer that logs out, such
	// as "\"cookies\"". It also clears what other parts of the site have stored.
	// Default none.
	ClearSiteData string

	// ErrorPage writes the page that a browser gets in place of a problem in JSON
	// where a person is looking: on the routes of the application, and on those of
	// a table that are a page's. Default a page that shows the title.
	ErrorPage func(w io.Writer, p Problem) error

	// Logger gets one record for each security event. Default slog.Default().
	Logger *slog.Logger
	// Hooks are called by the flows. The zero value calls nothing.
	Hooks Hooks
}

// Hooks are the places where the flows call the application. Each may be nil.
//
// One that gets a transaction runs in the middle of what it is about: it must use
// the database through tx alone, and be quick, since others wait for it. An error
// rolls everything back, and is what the flow returns.
type Hooks struct {
	// CheckPassword returns why a new password is refused, in words for the
	// user, or "". It is the place for a check against breached passwords. An
	// error means that it could not tell, and fails the request. It must not
	// keep the password.
	CheckPassword func(ctx context.Context, password string) (refusal string, err error)
	// CheckSignUp returns an error for a sign-up that is refused, such as that of
	// [NewInputError]. The address is normalized, and has a valid form.
	//authgen:if signup
	CheckSignUp func(ctx context.Context, in SignUpInput) error
	// SignedUp is called in the transaction that makes the account of somebody who
	// signs up.
	//authgen:if signup
	SignedUp func(ctx context.Context, tx *sql.Tx, u User) error
	// AfterSignUp is called once there is the account, after the answer: it may
	// take its time. [Auth.Wait] waits for it.
	//authgen:if signup
	AfterSignUp func(ctx context.Context, u User)
	// LoggedIn is called after a login, before the answer.
	LoggedIn func(ctx context.Context, u User)
	// Deleting is called in the transaction that deletes an account: what else
	// belongs to the user goes here. An error keeps the account.
	//authgen:if delete_account
	Deleting func(ctx context.Context, tx *sql.Tx, id UserID) error
}

// setDefaults replaces zero values and returns what is wrong with the others.
func (c *Config) setDefaults() []error {
	var errs []error
	for _, d := range []struct {
		name  string
		value *time.Duration
		def   time.Duration
	}{
		{"IdleTimeout", &c.IdleTimeout, 7 * 24 * time.Hour},
		{"AbsoluteTimeout", &c.AbsoluteTimeout, 30 * 24 * time.Hour},
		{"SensitiveIdleTimeout", &c.SensitiveIdleTimeout, min(time.Hour, cmp.Or(c.IdleTimeout, time.Hour))},
		{"SensitiveAbsoluteTimeout", &c.SensitiveAbsoluteTimeout, min(24*time.Hour, cmp.Or(c.AbsoluteTimeout, 24*time.Hour))},
		{"FreshFor", &c.FreshFor, 15 * time.Minute},
	} {
		switch {
		case *d.value == 0:
			*d.value = d.def
		case *d.value < time.Minute:
			errs = append(errs, fmt.Errorf("auth: Config.%s is %v, less than a minute", d.name, *d.value))
		case *d.value > maxTimeout:
			errs = append(errs, fmt.Errorf("auth: Config.%s is %v, more than 400 days, the longest that browsers keep a cookie", d.name, *d.value))
		}
	}
	if c.SensitiveIdleTimeout > c.IdleTimeout {
		errs = append(errs, errors.New("auth: Config.SensitiveIdleTimeout is longer than IdleTimeout"))
	}
	if c.SensitiveAbsoluteTimeout > c.AbsoluteTimeout {
		errs = append(errs, errors.New("auth: Config.SensitiveAbsoluteTimeout is longer than AbsoluteTimeout"))
	}
	switch {
	case c.MinPasswordLength == 0:
		c.MinPasswordLength = safePasswordLength
	case c.MinPasswordLength < 8 || c.MinPasswordLength > maxPasswordLength:
		errs = append(errs, fmt.Errorf("auth: Config.MinPasswordLength is %d, not in 8 to %d", c.MinPasswordLength, maxPasswordLength))
	case c.MinPasswordLength < safePasswordLength && c.Hooks.CheckPassword == nil:
		errs = append(errs, fmt.Errorf("auth: Config.MinPasswordLength is %d; passwords shorter than %d need a Hooks.CheckPassword that refuses the common ones", c.MinPasswordLength, safePasswordLength))
	}
	//authgen:if gate
	for _, p := range []struct {
		name  string
		value *string
		def   string
	}{
		{"LoginPath", &c.LoginPath, "/login"},
		{"HomePath", &c.HomePath, "/"},
	} {
		if *p.value == "" {
			*p.value = p.def
		}
		if LocalPath(*p.value, "") != *p.value {
			errs = append(errs, fmt.Errorf("auth: Config.%s is %q, not a path of this application", p.name, *p.value))
		}
	}
	//authgen:end
	if c.ErrorPage == nil {
		c.ErrorPage = errorPage
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return errs
}

const maxTimeout = 400 * 24 * time.Hour

// parseBaseURL reports whether the URL is one of the development mode.
func parseBaseURL(s string) (base *url.URL, local bool, err error) {
	if s == "" {
		return nil, false, errors.New(`missing; give the URL at which browsers reach the application, such as "https://app.example.com"`)
	}
	base, err = url.Parse(s)
	switch {
	case err != nil:
		return nil, false, err
	case base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" || strings.Trim(base.Path, "/") != "":
		return nil, false, fmt.Errorf("%q is not of the form https://host or https://host:port", s)
	}
	if strings.ContainsFunc(base.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil, false, fmt.Errorf("%q has a host name that is not ASCII; give it as browsers send it, with xn--", s)
	}
	base.Host = strings.ToLower(base.Host)
	// Browsers leave the default port out of Origin and Host.
	if port := map[string]string{"https": ":443", "http": ":80"}[base.Scheme]; port != "" {
		base.Host = strings.TrimSuffix(base.Host, port)
	}
	switch base.Scheme {
	case "https":
		return base, false, nil
	case "http":
		switch base.Hostname() {
		case "localhost", "127.0.0.1", "::1":
			return base, true, nil
		}
		return nil, false, fmt.Errorf("%q is plain http; session cookies need https everywhere but on localhost", s)
	}
	return nil, false, fmt.Errorf("%q has the scheme %q, not https", s, base.Scheme)
}
