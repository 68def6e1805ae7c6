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
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	redis "github.com/authgen/authgen/templates/auth/redis"
)

const (
	// prefix is the path that all routes of this package start with.
	prefix = "/auth" //authgen:value prefix
	// cookieBase is the cookie's name without the __Host- prefix.
	cookieBase = "session" //authgen:value cookie
)

// Config holds the settings of an [Auth]. DB, Keys and BaseURL are required;
// the zero value of every other field is a safe default.
type Config struct {
	// DB is the database with the tables of this package. See driver.go for how to
	// open it.
	DB *sql.DB

	// Redis is a client of the server or cluster that keeps the sessions. It is
	// required as well, and must not read from replicas. Set its
	// ContextTimeoutEnabled option; without it, a request may wait for Redis past
	// its deadline.
	//authgen:if redis
	Redis redis.UniversalClient

	// Keys seal the session cookie. The first key seals; all of them open. To
	// rotate keys, append the new key on every instance, then move it to the front,
	// and remove the old one once the longest session has ended. See [ParseKeys].
	Keys []Key

	// BaseURL is the URL at which browsers reach the application, such as
	// "https://app.example.com". It has a path only if a proxy or [http.StripPrefix]
	// removes that path before the application sees it; redirects start with it.
	// Plain http is accepted only for localhost, 127.0.0.1 and [::1]. It selects the
	// development mode, in which cookies are not marked Secure, and the routes of the
	// table are served for no other host except those of TrustedOrigins.
	BaseURL string
	// TrustedOrigins are other origins whose pages may use the application with the
	// session cookie, such as "https://www.example.com" for a front end of its own.
	// They must be on the same site as BaseURL, since browsers send the cookie to no
	// other. Their requests pass the origin check, and they can read the answers of
	// the routes of the table (CORS). In the development mode, they are the origins
	// of this machine, such as "http://localhost:5173" for a development server.
	// Default none.
	TrustedOrigins []string
	// AllowCrossOrigin are the names of public routes of the table that accept
	// unsafe requests for any host and from any origin, such as webhooks, or callbacks
	// that another site makes the browser post. What came from another origin has no
	// session there. Default none.
	AllowCrossOrigin []string

	// IdleTimeout ends a session that has been idle for this long. Default 7 days.
	IdleTimeout time.Duration
	// AbsoluteTimeout ends a session this long after the credentials were checked,
	// however active it is. Default 30 days.
	AbsoluteTimeout time.Duration
	// SensitiveIdleTimeout and SensitiveAbsoluteTimeout replace the two above
	// for users with a sensitive role. Default 1 hour and 24 hours.
	SensitiveIdleTimeout     time.Duration
	SensitiveAbsoluteTimeout time.Duration
	// FreshFor is how long after a check of the password a session may change
	// credentials, sessions and roles. Default 15 minutes.
	FreshFor time.Duration

	// MinPasswordLength is in code points. Default 15; less than 8 is refused. Less
	// than 15 requires Hooks.CheckPassword, since this package's list of common
	// passwords does not cover the many short ones.
	MinPasswordLength int
	// PasswordContextWords are words that are refused as passwords, such as the
	// names of the product and of the company.
	PasswordContextWords []string

	// ImportedPasswords tells how passwords were hashed that come from another system.
	// The zero value is right for most systems.
	//authgen:if imported_passwords
	ImportedPasswords ImportedPasswords

	// TrustedProxies are the addresses of the proxies whose X-Forwarded-For header
	// is trusted. Default none: the client is the peer of the connection. All
	// clients behind a proxy that is not listed share one rate limit.
	TrustedProxies []netip.Prefix
	// TrustUnixSocket trusts the X-Forwarded-For header of requests that come
	// through a Unix socket, whose peer has no address.
	TrustUnixSocket bool
	// StrictOrigin refuses unsafe requests that have neither Sec-Fetch-Site nor
	// Origin. Browsers always send one of them; scripts and webhooks usually do not.
	StrictOrigin bool

	// LoginPath is the page to which the middleware redirects visitors who have to
	// log in first. Default "/login".
	//authgen:if gate
	LoginPath string
	// HomePath is the page to which the middleware redirects visitors who are
	// already logged in. Default "/".
	//authgen:if gate
	HomePath string

	// HSTS is the Strict-Transport-Security header of the answers of this package
	// if BaseURL is https. Default "max-age=31536000"; "max-age=0" revokes it.
	HSTS string
	// ClearSiteData is the Clear-Site-Data header of the answer to a logout, such
	// as "\"cookies\"". It also clears what other parts of the site have stored.
	// Default none.
	ClearSiteData string

	// ErrorPage writes the page that a browser shows for an error, in place of the
	// JSON: on the application's own routes, and on routes of the table with Form
	// set. Default a page with the title of the problem.
	ErrorPage func(w io.Writer, p Problem) error

	// Logger receives one record for each security event. Default slog.Default().
	Logger *slog.Logger
	// Hooks are called by the flows. The zero value calls nothing.
	Hooks Hooks
}

// Hooks are functions of the application that the flows call. Each may be nil.
//
// A hook with a transaction must use the database through tx only, and be quick,
// since the transaction holds locks. If it returns an error, the flow rolls back
// and returns that error.
type Hooks struct {
	// CheckPassword returns why a new password is refused, in words for the
	// user, or "". Use it to check against breached passwords. An error means that
	// the check failed, and fails the request. The hook must not keep the password.
	CheckPassword func(ctx context.Context, password string) (refusal string, err error)
	// CheckSignUp returns an error, such as one of [NewInputError], to refuse a
	// sign-up. The address is valid and normalized.
	//authgen:if signup
	CheckSignUp func(ctx context.Context, in SignUpInput) error
	// SignedUp is called in the transaction that creates the account of a user who
	// signs up.
	//authgen:if signup
	SignedUp func(ctx context.Context, tx *sql.Tx, u User) error
	// AfterSignUp is called in the background once the account exists, so it may be
	// slow. [Auth.Wait] waits for it.
	//authgen:if signup
	AfterSignUp func(ctx context.Context, u User)
	// LoggedIn is called after a login, before the answer is sent.
	LoggedIn func(ctx context.Context, u User)
	// Deleting is called in the transaction that deletes an account. Use it to delete
	// the user's other data. An error keeps the account.
	//authgen:if delete_account
	Deleting func(ctx context.Context, tx *sql.Tx, id UserID) error
}

// setDefaults replaces zero values and returns what is wrong with the other fields.
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
	if slices.Contains(c.AllowCrossOrigin, "") {
		errs = append(errs, errors.New("auth: Config.AllowCrossOrigin has an empty name"))
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return errs
}

const maxTimeout = 400 * 24 * time.Hour

// parseOrigins returns the origins as browsers send them. The base URL is nil if it is
// invalid.
func parseOrigins(list []string, base *url.URL) ([]string, error) {
	var origins []string
	var errs []error
	for _, s := range list {
		u, local, err := parseBaseURL(s)
		switch {
		case s == "":
			err = errors.New("an origin is empty")
		case strings.Contains(s, "*"):
			err = fmt.Errorf("%q has a wildcard; list each origin", s)
		case err != nil:
		case u.Path != "":
			err = fmt.Errorf("%q has a path; an origin is of the form https://host or https://host:port", s)
		case base == nil:
		case local && base.Scheme == "https":
			err = fmt.Errorf("%q is plain http, and BaseURL is https", s)
		case base.Scheme == "http" && !isLoopback(u.Hostname()):
			err = fmt.Errorf("%q is not on this machine, and BaseURL is plain http, for development only", s)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("auth: Config.TrustedOrigins: %w", err))
			continue
		}
		origins = append(origins, u.Scheme+"://"+u.Host)
	}
	return origins, errors.Join(errs...)
}

// isLoopback reports whether a host is this machine for every browser.
func isLoopback(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

// parseBaseURL returns the URL without a default port and a trailing slash, and whether
// it selects the development mode.
func parseBaseURL(s string) (base *url.URL, local bool, err error) {
	if s == "" {
		return nil, false, errors.New(`missing; give the URL at which browsers reach the application, such as "https://app.example.com"`)
	}
	base, err = url.Parse(s)
	switch {
	case err != nil:
		return nil, false, err
	case base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, false, fmt.Errorf("%q is not of the form https://host, https://host:port or https://host/path", s)
	}
	base.Path = strings.TrimRight(base.Path, "/")
	if p := base.EscapedPath(); p != "" && (path.Clean(p) != p || strings.ContainsFunc(p, func(c rune) bool { return !strings.ContainsRune(pathBytes, c) || c == '{' || c == '}' })) {
		return nil, false, fmt.Errorf("%q has a path with an empty or dot segment, or with characters other than ASCII letters, digits and / - . _ ~ +", s)
	}
	if strings.ContainsFunc(base.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil, false, fmt.Errorf("%q has a host name that is not ASCII; give its ASCII form, with xn--", s)
	}
	base.Host = strings.ToLower(base.Host)
	// Browsers omit the default port from Origin and Host.
	if port := map[string]string{"https": ":443", "http": ":80"}[base.Scheme]; port != "" {
		base.Host = strings.TrimSuffix(base.Host, port)
	}
	switch base.Scheme {
	case "https":
		return base, false, nil
	case "http":
		if isLoopback(base.Hostname()) {
			return base, true, nil
		}
		return nil, false, fmt.Errorf("%q is plain http; session cookies need https except on localhost", s)
	}
	return nil, false, fmt.Errorf("%q has the scheme %q, not https", s, base.Scheme)
}
