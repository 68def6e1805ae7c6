package auth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/authgen/authgen/templates/auth/internal/testhook"
)

// admit sets the headers of the answer of a route in the table, and refuses requests
// that came for another host or from another origin, whatever the row says. Only a
// route that Config.AllowCrossOrigin names accepts them.
func (a *Auth) admit(header http.Header, r *http.Request, route Route) error {
	a.setHeaders(header)
	a.setOriginHeaders(header, r, route)
	if route.crossOrigin {
		return nil
	}
	if err := a.checkHost(r); err != nil {
		return err
	}
	origin := r.Header.Get("Origin")
	if route.Method == http.MethodOptions && origin != "" && origin != a.origin && !a.trustsOrigin(origin) {
		return a.refuseOrigin(r, "")
	}
	return a.checkOrigin(r)
}

// checkHost refuses, in the development mode, requests for a host that is neither that
// of BaseURL nor that of a trusted origin: a page of another site could reach the
// application under a name of its own, and nobody should reach it over plain http.
func (a *Auth) checkHost(r *http.Request) error {
	if !a.development || slices.ContainsFunc(a.hosts, func(host string) bool { return strings.EqualFold(host, r.Host) }) {
		return nil
	}
	advice := "A proxy in front of the application must not change Host; for other hosts, set Config.BaseURL to an https URL."
	if isLoopback((&url.URL{Host: r.Host}).Hostname()) {
		advice = fmt.Sprintf("Add %.100q to Config.TrustedOrigins to serve this one too.", "http://"+r.Host)
	}
	return &refusal{errWrongHost, fmt.Sprintf("Host is %.100q. In development, only these are served: %s. %s", r.Host, strings.Join(a.hosts, ", "), advice)}
}

// checkOrigin refuses unsafe requests that a page of another origin may have sent.
func (a *Auth) checkOrigin(r *http.Request) error {
	if a.fromElsewhere(r) {
		return a.refuseOrigin(r, "")
	}
	return nil
}

// checkBeforeRouting is checkOrigin for the middleware. It does not yet know the route,
// so it lets requests pass that seem to be for one in Config.AllowCrossOrigin. They
// have no session, whichever route the router chooses.
func (a *Auth) checkBeforeRouting(r *http.Request) error {
	if !a.fromElsewhere(r) || slices.ContainsFunc(a.crossOriginRoutes, func(route Route) bool {
		return route.Method == r.Method && route.matches(r.URL.Path)
	}) {
		return nil
	}
	return a.refuseOrigin(r, "If it is for an unguarded route of your own, SessionMiddleware instead of Middleware lets it pass.")
}

// fromElsewhere reports whether r is unsafe and may come from a page of another origin
// that is not trusted.
func (a *Auth) fromElsewhere(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	if a.trustsOrigin(origin) {
		return false
	}
	// crossOrigin would let its trusted origin pass whatever Sec-Fetch-Site says.
	switch site {
	case "", "same-origin", "none":
	default:
		return true
	}
	if a.crossOrigin.Check(r) != nil {
		return true
	}
	// CrossOriginProtection accepts an Origin that equals Host, whatever its scheme,
	// and requests with neither header.
	return site == "" && (origin == "" && a.config.StrictOrigin || origin != "" && origin != a.origin)
}

// trustsOrigin reports whether Config.TrustedOrigins has the origin.
func (a *Auth) trustsOrigin(origin string) bool {
	return slices.Contains(a.config.TrustedOrigins, origin)
}

// refusal is an error that says what came with the refused request, and which setting
// would have let it pass.
type refusal struct {
	err    error
	detail string
}

// Error implements error.
func (r *refusal) Error() string { return r.err.Error() + ": " + r.detail }

// Unwrap returns the kind of the refusal.
func (r *refusal) Unwrap() error { return r.err }

// refuseOrigin returns the error for a request from another origin, with more advice if
// there is any.
func (a *Auth) refuseOrigin(r *http.Request, more string) error {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	came := fmt.Sprintf("Origin is %.100q, Sec-Fetch-Site %.100q and Host %.100q, but BaseURL is %q.", origin, site, r.Host, a.BaseURL())
	advice := "Config.TrustedOrigins lets pages of an origin call the application, and Config.AllowCrossOrigin lets everybody call a public route."
	if site == "" && origin == "" {
		advice = "Config.StrictOrigin requires one of the first two, except on public routes in Config.AllowCrossOrigin."
	}
	return &refusal{errCrossOrigin, strings.TrimSpace(came + " " + advice + " " + more)}
}

// setOriginHeaders sets the headers that let pages of trusted origins read the answer
// of a route in the table (CORS).
func (a *Auth) setOriginHeaders(header http.Header, r *http.Request, route Route) {
	if len(a.config.TrustedOrigins) == 0 {
		return
	}
	header.Add("Vary", "Origin")
	preflight := route.Method == http.MethodOptions
	if preflight {
		header.Set("Allow", route.methods+", "+http.MethodOptions)
	}
	origin := r.Header.Get("Origin")
	if !a.trustsOrigin(origin) {
		return
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		a.siteWarning.Do(func() {
			a.config.Logger.WarnContext(r.Context(), "auth: a page of a trusted origin is on another site than the application, so browsers do not send the session cookie with its requests; "+
				"serve both below one domain", "origin", origin, "base_url", a.BaseURL())
		})
	}
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", "Retry-After")
	if preflight {
		header.Set("Access-Control-Allow-Methods", route.methods)
		header.Set("Access-Control-Max-Age", "600")
		// A page of a trusted origin may send any header, as the application's own may.
		if names := r.Header.Get("Access-Control-Request-Headers"); names != "" {
			header.Set("Access-Control-Allow-Headers", names)
		}
	}
}

// rows returns the routes of a table as Register adds them: in order of precedence, with
// those marked that Config.AllowCrossOrigin names, and with routes that answer the
// preflight requests of trusted origins. It panics if the table is invalid.
func (a *Auth) rows(table []Route) []Route {
	routes := checkedRoutes(table)
	if err := a.markCrossOrigin(routes); err != nil {
		panic(err)
	}
	if len(a.config.TrustedOrigins) > 0 {
		routes = append(routes, preflights(routes)...)
	}
	return routes
}

// markCrossOrigin marks the routes that Config.AllowCrossOrigin names.
func (a *Auth) markCrossOrigin(routes []Route) error {
	if len(routes) == 0 || strings.HasPrefix(routes[0].Name, testhook.Probe) {
		return nil // the latter is a table of package authtest
	}
	var errs []error
	for _, name := range a.config.AllowCrossOrigin {
		i := slices.IndexFunc(routes, func(r Route) bool { return r.Name == name })
		switch {
		case i < 0:
			errs = append(errs, fmt.Errorf("auth: Config.AllowCrossOrigin has %q, but no route of the table has that name", name))
		case !routes[i].Public:
			errs = append(errs, fmt.Errorf("auth: Config.AllowCrossOrigin has %q, a route for users; a request from another origin has no session, so only a public route can accept it", name))
		default:
			routes[i].crossOrigin = true
			a.crossOriginRoutes = append(a.crossOriginRoutes, routes[i])
		}
	}
	return errors.Join(errs...)
}

// preflights returns a route for OPTIONS for each path of the routes.
func preflights(routes []Route) []Route {
	var all []Route
	at := make(map[string]int) // index in all
	for _, r := range routes {
		// Some routers require the same names of parameters in all paths.
		n := 0
		path := r.pattern(func(string) string {
			n++
			return fmt.Sprintf("{p%d}", n)
		})
		methods := r.Method
		if r.Method == http.MethodGet {
			methods += ", " + http.MethodHead
		}
		if i, ok := at[path]; ok {
			all[i].methods += ", " + methods
			continue
		}
		at[path] = len(all)
		all = append(all, Route{
			Method: http.MethodOptions, Path: path, Public: true, methods: methods,
			Handler: func(*Request) (Answer, error) { return Answer{}, nil },
		})
	}
	return all
}

// AllowsCrossOrigin reports whether Config.AllowCrossOrigin names a route. Package
// authtest asks, since such a route accepts what its attacks send.
func (a *Auth) AllowsCrossOrigin(name string) bool {
	return slices.Contains(a.config.AllowCrossOrigin, name)
}
