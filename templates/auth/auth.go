// Package auth signs users in, remembers them, and decides what they may do.
//
// # Mount it
//
//	a, err := auth.New(auth.Config{
//		DB:      db,   // with the tables that the migrations make
//		Keys:    keys, // from auth.ParseKeys(os.Getenv("AUTH_KEYS"))
//		BaseURL: "https://app.example.com",
//	})
//
// [Auth.Register] adds the routes of this package to the router. [Auth.Handler]
// goes around the whole application: it opens the session cookie and refuses
// unsafe requests from other origins. Behind a reverse proxy, name it in
// Config.TrustedProxies, or all clients count as one. After the server has shut
// down, call [Auth.Wait] before the database is closed.
//
// # Guard a route
//
// [Auth.RequireUser], [Auth.RequireRole] and the other guards in guards.go are
// given to the route that they protect, at registration. Nothing in this package
// ever decides by comparing paths.
//
// # Create the first administrator
//
//	u, err := a.CreateUser(ctx, auth.NewUser{Email: email, Password: password, Role: auth.RoleAdmin})
//
// Nobody who signs up gets more than the default role, so a command that sets the
// application up has to do this.
//
// # The two depths of a check
//
// [SessionFrom] is the optimistic check: it believes the sealed cookie and does
// no I/O. It is for showing or hiding a link. [Verify] is the secure check: it
// asks the database, once a request, and is the only way to get a [Principal].
// Code that touches data takes a Principal as an argument, so that forgetting
// the check does not compile, and so that a handler without its guard still
// refuses:
//
//	func (s *Invoices) List(ctx context.Context, p auth.Principal) ([]Invoice, error) {
//		if !p.Valid() {
//			return nil, auth.ErrUnauthenticated
//		}
//		// … WHERE owner_id = p.UserID()
//	}
//
// A handler gets the Principal from Verify, which its guard has called already,
// with the context of the request:
//
//	p, err := auth.Verify(ctx)
//	if err != nil {
//		return err
//	}
//	list, err := invoices.List(ctx, p)
//
// What it makes of an error is the business of [Auth.WriteError].
//
// # Extend it
//
// The files that say "yours to edit" are: the routes, the handlers and the data
// access layer. hooks.go is where the application's own code is called. The
// rest is the security core, which stays as it was written so that fixes to it
// can always be taken.
package auth

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"sync"
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

	// Keys seal the session cookie. The first one seals, all of them open: to
	// rotate, put a new key in front and drop the old one once the longest
	// session has ended. See [ParseKeys].
	Keys []Key

	// BaseURL is where browsers reach the application, such as
	// "https://app.example.com". It has no path. A plain http URL is accepted
	// only for localhost, 127.0.0.1 and [::1]; that is the development mode, in
	// which the cookie is not marked Secure and a request for any other host is
	// refused.
	BaseURL string

	// IdleTimeout ends a session that was not used for so long. Default 7 days.
	IdleTimeout time.Duration
	// AbsoluteTimeout ends a session so long after the credentials were
	// checked, used or not. Default 30 days.
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
	// believed. Default none: the client is whoever opened the connection.
	TrustedProxies []netip.Prefix
	// StrictOrigin refuses unsafe requests that carry neither Sec-Fetch-Site
	// nor Origin. Browsers always send one of them; scripts do not.
	StrictOrigin bool

	// LoginPath is the page to which [Auth.Handler] sends visitors who must
	// sign in first. Default "/login".
	//authgen:if gate
	LoginPath string
	// HomePath is the page to which it sends visitors who are signed in
	// already. Default "/".
	//authgen:if gate
	HomePath string

	// Logger gets one record for each security event. Default slog.Default().
	Logger *slog.Logger
	// Hooks are called by the flows. The zero value calls nothing.
	Hooks Hooks
}

// Hooks are the places where the flows call the application. Each may be nil.
type Hooks struct {
	// CheckPassword returns why a new password is refused, in words for the
	// user, or "". It is the place for a check against breached passwords. An
	// error means that it could not tell, and fails the request. It must not
	// keep the password.
	CheckPassword func(ctx context.Context, password string) (refusal string, err error)
	// SignedUp is called after somebody signed up.
	//authgen:if signup
	SignedUp func(ctx context.Context, u User)
	// LoggedIn is called after a log-in.
	LoggedIn func(ctx context.Context, u User)
	// Deleting is called in the transaction that deletes an account: what else
	// belongs to the user goes here, through tx alone. An error keeps the
	// account.
	//authgen:if delete_account
	Deleting func(ctx context.Context, tx *sql.Tx, id UserID) error
}

// Auth is the authentication and authorization of one application. It is made
// by [New] and is safe for concurrent use.
type Auth struct {
	config       Config
	origin       string // of BaseURL
	host         string // the only host of the development mode, else ""
	cookieName   string
	sealer       *sealer // of sessions
	deviceCookie string
	deviceSealer *sealer
	store        *store
	hasher       *hasher
	limits       *limits
	crossOrigin  *http.CrossOriginProtection
	//authgen:if !redis
	sweeper    sweeper
	background sync.WaitGroup
}

// New returns an Auth for c. It refuses a configuration that is incomplete or
// unsafe, and names every field that is at fault.
func New(c Config) (*Auth, error) {
	var errs []error
	if c.DB == nil {
		errs = append(errs, errors.New("auth: Config.DB is nil"))
	}
	//authgen:if redis
	if err := checkRedis(c.Redis); err != nil {
		errs = append(errs, fmt.Errorf("auth: Config.Redis: %w", err))
	}
	//authgen:end
	base, local, err := parseBaseURL(c.BaseURL)
	if err != nil {
		errs = append(errs, fmt.Errorf("auth: Config.BaseURL: %w", err))
	}
	errs = append(errs, c.setDefaults()...)

	a := &Auth{config: c, cookieName: "__Host-" + cookieBase, deviceCookie: "__Host-" + cookieBase + "-device"}
	if base != nil {
		a.origin = base.Scheme + "://" + base.Host
		if local {
			// Not every browser takes a Secure cookie from http://localhost,
			// and the __Host- prefix asks for one.
			a.host, a.cookieName, a.deviceCookie = base.Host, cookieBase, cookieBase+"-device"
		}
	}
	a.sealer, err = newSealer(c.Keys, "session", a.origin+" "+a.cookieName, max(c.AbsoluteTimeout, c.SensitiveAbsoluteTimeout))
	if err != nil {
		errs = append(errs, fmt.Errorf("auth: Config.Keys: %w", err))
	} else if a.deviceSealer, err = newSealer(c.Keys, "device", a.origin+" "+a.deviceCookie, maxTimeout); err != nil {
		return nil, err
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}

	// Only the sealer keeps them: whoever prints an Auth does not print its keys.
	a.config.Keys = nil
	a.store = &store{db: c.DB}
	a.hasher = newHasher()
	a.limits = newLimits()
	a.crossOrigin = http.NewCrossOriginProtection()
	// Behind a proxy that rewrites Host, the browser's Origin is this one.
	if err := a.crossOrigin.AddTrustedOrigin(a.origin); err != nil {
		return nil, fmt.Errorf("auth: Config.BaseURL: %w", err)
	}
	return a, nil
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

// BaseURL is where browsers reach the application, without a trailing slash.
func (a *Auth) BaseURL() string { return a.origin }

// Path is the path of one of this package's routes, such as that of Path("login").
func (a *Auth) Path(elem string) string { return path.Join(prefix, elem) }

// Wait returns when the work that requests left behind, such as hashing a
// password anew, is done. Call it after the server has shut down and before the
// database is closed.
func (a *Auth) Wait() { a.background.Wait() }

// later runs f after the response, in its own goroutine.
func (a *Auth) later(ctx context.Context, f func(context.Context) error) {
	ctx = context.WithoutCancel(ctx)
	a.background.Go(func() {
		if err := f(ctx); err != nil {
			a.config.Logger.ErrorContext(ctx, "auth: work after a request failed", "error", err)
		}
	})
}
