package auth

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// requestState is what is known about one request: the session that its cookie
// holds and, once that was asked for, the outcome of the secure check.
type requestState struct {
	auth     *Auth
	header   http.Header // of the response
	client   client
	standing standing // of the session cookie that the request had
	device   string   // the cookie of a known device
	data     bool     // the route is one of a table, and is no page's

	// logins counts the sessions that the request has had. A Principal is of one
	// of them, and is refused once that has been replaced or has ended.
	logins atomic.Uint32

	mu        sync.Mutex // handlers may check from several goroutines
	session   Session
	checked   bool
	principal Principal
	err       error
}

type stateKey struct{}

// newState returns the state of the request r, whose response has the header.
func (a *Auth) newState(header http.Header, r *http.Request) *requestState {
	v := &requestState{auth: a, header: header, client: a.client(r)}
	v.session, v.standing = a.openSession(r.Header, time.Now())
	if v.standing == early {
		a.warnOfClock(r.Context())
	}
	v.device, _ = cookieValue(r.Header, a.deviceCookie)
	return v
}

// useHeader directs later Set-Cookie headers to header. Middleware such as
// [http.TimeoutHandler] gives inner handlers a header of their own, and may answer
// in their place while they run.
//
//authgen:if http_request
func (v *requestState) useHeader(header http.Header) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.header = header
}

// withState returns ctx for the request that v is the state of.
func withState(ctx context.Context, v *requestState) context.Context {
	return context.WithValue(ctx, stateKey{}, v)
}

// stateFrom returns the state of the request that ctx belongs to, and false
// outside of requests.
func stateFrom(ctx context.Context) (v *requestState, ok bool) {
	v, ok = ctx.Value(stateKey{}).(*requestState)
	return v, ok
}

// stateOf is stateFrom for the requests of this Auth. Those of another one, such
// as one for administrators, are none of its business.
func (a *Auth) stateOf(ctx context.Context) (v *requestState, ok bool) {
	v, ok = stateFrom(ctx)
	return v, ok && v.auth == a
}

// setSession makes s the session of the request that ctx belongs to, and puts it
// into the cookie. The zero Session logs the visitor out. Principals from before
// are refused from here on. Outside of requests it does nothing.
func (a *Auth) setSession(ctx context.Context, s Session) {
	v, ok := a.stateOf(ctx)
	if !ok {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.logins.Add(1)
	v.session = s
	v.checked, v.principal, v.err = false, Principal{}, nil
	a.setSessionCookie(v.header, s)
	if !s.exists() && a.config.ClearSiteData != "" {
		v.header.Set("Clear-Site-Data", a.config.ClearSiteData)
	}
}

// confirmed returns the Principal whom the secure check has confirmed already, or
// the zero Principal.
func (v *requestState) confirmed() Principal {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.principal
}

// request returns what the handler of a route gets.
func (v *requestState) request(route Route, t transport) *Request {
	r := &Request{transport: t, route: route}
	if !route.Public {
		r.principal = v.confirmed()
	}
	return r
}
