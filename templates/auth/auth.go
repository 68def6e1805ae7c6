package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"sync"
	"sync/atomic"
)

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
	sweeper      sweeper
	background   sync.WaitGroup
	proxyWarning sync.Once
	clockWarning atomic.Int64 // when it was last given, in Unix seconds
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
	switch {
	case local:
		c.HSTS = ""
	case c.HSTS == "":
		c.HSTS = "max-age=31536000"
	}

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

// BaseURL is where browsers reach the application, without a trailing slash.
func (a *Auth) BaseURL() string { return a.origin }

// Path is the path of one of this package's routes, such as that of Path("login").
func (a *Auth) Path(elem string) string { return path.Join(prefix, elem) }

// Wait returns when the work that requests left behind, such as hashing a
// password anew, is done. Call it after the server has shut down and before the
// database is closed.
func (a *Auth) Wait() { a.background.Wait() }

// inBackground runs f after the response, in its own goroutine.
func (a *Auth) inBackground(ctx context.Context, f func(context.Context) error) {
	ctx = context.WithoutCancel(ctx)
	a.background.Go(func() {
		if err := f(ctx); err != nil {
			a.config.Logger.ErrorContext(ctx, "auth: work after a request failed", "error", err)
		}
	})
}

// Event logs a security event, under its name in the OWASP logging vocabulary
// where it has one there, with who sent the request that ctx belongs to. Give it
// no password, cookie or token.
func (a *Auth) Event(ctx context.Context, name string, args ...any) {
	if rs, ok := stateFrom(ctx); ok {
		args = append(args, "client", rs.client.address(), "user_agent", rs.client.userAgent)
	}
	if s, ok := SessionFrom(ctx); ok {
		args = append(args, "session_user", s.userID.String(), "session", s.id.handle())
	}
	a.config.Logger.InfoContext(ctx, name, args...)
}
