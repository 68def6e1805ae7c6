//authgen:if handler

package auth

import "net/http"

// Handler returns next with everything that concerns every request of an
// application: it opens the session cookie for [SessionFrom] and [Verify], and
// refuses unsafe requests that another origin made the browser send.
func (a *Auth) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.admit(r); err != nil {
			a.setHeaders(w.Header())
			a.WriteError(w, r, err)
			return
		}
		_, r = a.visit(w, r)
		//authgen:if gate
		if to := a.gate(r); to != "" {
			w.WriteHeader(redirect(w.Header(), to))
			return
		}
		//authgen:end
		next.ServeHTTP(w, r)
	})
}

// shield is around every route of this package: it sets the headers of an answer
// that is data, for this visitor only, and refuses requests from other origins.
func (a *Auth) shield(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.setHeaders(w.Header())
		if err := a.admit(r); err != nil {
			a.WriteError(w, r, err)
			return
		}
		_, r = a.visit(w, r)
		next.ServeHTTP(w, r)
	})
}

// visit returns the visit that r belongs to, and r with the visit in its
// context.
func (a *Auth) visit(w http.ResponseWriter, r *http.Request) (*visit, *http.Request) {
	if v, ok := a.visitOf(r.Context()); ok {
		v.answerIn(w.Header())
		return v, r
	}
	v := a.newVisit(w.Header(), r)
	return v, r.WithContext(withVisit(r.Context(), v))
}

// SetSession makes s, which a flow returned, the session of the visitor, in this
// request and in the cookie. The zero Session signs the visitor out. It must be
// called before the answer is begun.
func (a *Auth) SetSession(w http.ResponseWriter, r *http.Request, s Session) {
	v, _ := a.visit(w, r)
	v.become(s)
}

// WriteError answers a request with an error as application/problem+json. The
// errors of this package have their own status and code; any other is logged and
// answered with 500, without its text. Handlers of the application may use it
// too, so that all errors have one shape.
func (a *Auth) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	status, body := a.fail(w.Header(), r, err)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// writeJSON answers a request with a value.
func writeJSON(w http.ResponseWriter, status int, value any) {
	status, body := encode(w.Header(), status, "application/json", value)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
