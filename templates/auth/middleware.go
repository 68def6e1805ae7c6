package auth

import "net/http"

// Middleware is the middleware for all requests of the application: it opens the
// session cookie for [SessionFrom] and [Verify], and refuses unsafe requests that
// another origin made the browser send. See [Auth.SessionMiddleware] for one that
// leaves the application's own routes alone.
func (a *Auth) Middleware(next http.Handler) http.Handler {
	next = a.SessionMiddleware(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.checkBeforeRouting(r); err != nil {
			_, r = a.state(w, r)
			a.setHeaders(w.Header())
			a.WriteError(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// SessionMiddleware is Middleware for an application that decides itself which requests
// from other origins its own routes accept. Routes of the table and guards still refuse
// unsafe ones. Elsewhere, such a request has no session, whatever its cookie.
func (a *Auth) SessionMiddleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, r = a.state(w, r)
		//authgen:if gate
		if to := a.gate(r); to != "" {
			w.WriteHeader(a.redirect(w.Header(), to))
			return
		}
		//authgen:end
		next.ServeHTTP(w, r)
	})
}

// protect wraps every route of a table: see admit.
func (a *Auth) protect(next http.Handler, route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rs, r := a.state(w, r)
		rs.data = !route.Form
		if err := a.admit(w.Header(), r, route); err != nil {
			a.WriteError(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// state returns the state of the request r, and r with the state in its context.
func (a *Auth) state(w http.ResponseWriter, r *http.Request) (*requestState, *http.Request) {
	if rs, ok := a.stateOf(r.Context()); ok {
		rs.useHeader(w.Header())
		return rs, r
	}
	rs := a.newState(w.Header(), r)
	return rs, r.WithContext(withState(r.Context(), rs))
}

// WriteError answers a request with err, as application/problem+json or, for a
// browser that shows a page, as the page of Config.ErrorPage. Errors of this package
// have their own status and code. Any other error is logged and answered with 500,
// without its text. The application's own handlers may call it too.
func (a *Auth) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	status, body := a.errorAnswer(w.Header(), r, err, nil)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
