package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
)

// Auth authenticates and authorizes the users of one application. Create it with
// [New]. It is safe for concurrent use.
type Auth struct {
	config       Config
	origin       string   // of BaseURL
	basePath     string   // of BaseURL, without a trailing slash
	development  bool     // BaseURL is plain http
	hosts        []string // that are served in the development mode
	cookieName   string
	sealer       *sealer // of sessions
	deviceCookie string
	deviceSealer *sealer
	store        *store
	hasher       *hasher
	limits       *limits
	crossOrigin  *http.CrossOriginProtection
	// crossOriginRoutes are the routes that Config.AllowCrossOrigin names.
	crossOriginRoutes []Route
	//authgen:if !redis
	sweeper      sweeper
	background   sync.WaitGroup
	proxyWarning sync.Once
	siteWarning  sync.Once
	clockWarning atomic.Int64 // when it was last logged, in Unix seconds
}

// New returns an Auth for c. It refuses an incomplete or unsafe configuration with
// an error that names every field at fault.
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
	c.TrustedOrigins, err = parseOrigins(c.TrustedOrigins, base)
	if err != nil {
		errs = append(errs, err)
	}
	switch {
	case local:
		c.HSTS = ""
	case c.HSTS == "":
		c.HSTS = "max-age=31536000"
	}

	a := &Auth{config: c, cookieName: "__Host-" + cookieBase, deviceCookie: "__Host-" + cookieBase + "-device"}
	if base != nil {
		a.origin, a.basePath = base.Scheme+"://"+base.Host, base.Path
	}
	if local {
		// The __Host- prefix requires a Secure cookie, and not every browser accepts
		// one from http://localhost.
		a.development, a.cookieName, a.deviceCookie = true, cookieBase, cookieBase+"-device"
		for _, origin := range append([]string{a.origin}, c.TrustedOrigins...) {
			_, host, _ := strings.Cut(origin, "://")
			a.hosts = append(a.hosts, host)
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

	// Only what uses secrets keeps them, so that printing an Auth does not show them.
	a.config.Keys = nil
	if c.ErrorPage == nil {
		a.config.ErrorPage = a.errorPage
	}
	a.store = &store{db: c.DB}
	a.hasher = newHasher()
	//authgen:if imported_passwords
	a.hasher.imported, a.config.ImportedPasswords = c.ImportedPasswords, ImportedPasswords{}
	//authgen:end
	a.limits = newLimits()
	a.crossOrigin = http.NewCrossOriginProtection()
	// Behind a proxy that rewrites Host, Origin is still that of BaseURL.
	if err := a.crossOrigin.AddTrustedOrigin(a.origin); err != nil {
		return nil, fmt.Errorf("auth: Config.BaseURL: %w", err)
	}
	return a, nil
}

// BaseURL returns Config.BaseURL without a trailing slash.
func (a *Auth) BaseURL() string { return a.origin + a.basePath }

// BasePath returns the path of BaseURL, which is usually "". Links and redirects of the
// application's own pages start with it, as in BasePath() + "/account".
func (a *Auth) BasePath() string { return a.basePath }

// Path returns the path of elem below the prefix of this package's routes, as browsers
// see it: Path("login") is that of the login route, with BasePath.
func (a *Auth) Path(elem string) string { return path.Join(a.basePath, prefix, elem) }

// Wait waits for background work that was started by requests, such as rehashing a
// password. Call it after the server has shut down and before you close the
// database.
func (a *Auth) Wait() { a.background.Wait() }

// inBackground runs f in its own goroutine, with a context that outlives the request.
func (a *Auth) inBackground(ctx context.Context, f func(context.Context) error) {
	ctx = context.WithoutCancel(ctx)
	a.background.Go(func() {
		if err := f(ctx); err != nil {
			a.config.Logger.ErrorContext(ctx, "auth: background work failed", "error", err)
		}
	})
}

// Event logs a security event, with the client and the session of the request that
// ctx belongs to. Its name is that in the OWASP logging vocabulary if it has one
// there. Do not pass passwords, cookies or tokens.
func (a *Auth) Event(ctx context.Context, name string, args ...any) {
	if rs, ok := stateFrom(ctx); ok {
		args = append(args, "client", rs.client.address(), "user_agent", rs.client.userAgent)
	}
	if s, ok := SessionFrom(ctx); ok {
		args = append(args, "session_user", s.userID.String(), "session", s.id.handle())
	}
	a.config.Logger.InfoContext(ctx, name, args...)
}
