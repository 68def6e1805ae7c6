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
	validity validity // of the session cookie that the request had
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
	rs := &requestState{auth: a, header: header, client: a.client(r)}
	rs.session, rs.validity = a.openSession(r.Header, time.Now())
	if rs.validity == fromFuture {
		a.warnOfClock(r.Context())
	}
	rs.device, _ = cookieValue(r.Header, a.deviceCookie)
	return rs
}

// useHeader directs later Set-Cookie headers to header. Middleware such as
// [http.TimeoutHandler] gives inner handlers a header of their own, and may answer
// in their place while they run.
//
//authgen:if http_request
func (rs *requestState) useHeader(header http.Header) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.header = header
}

// withState returns ctx for the request that v is the state of.
func withState(ctx context.Context, rs *requestState) context.Context {
	return context.WithValue(ctx, stateKey{}, rs)
}

// stateFrom returns the state of the request that ctx belongs to, and false
// outside of requests.
func stateFrom(ctx context.Context) (rs *requestState, ok bool) {
	rs, ok = ctx.Value(stateKey{}).(*requestState)
	return rs, ok
}

// stateOf is stateFrom for the requests of this Auth. Those of another one, such
// as one for administrators, are none of its business.
func (a *Auth) stateOf(ctx context.Context) (rs *requestState, ok bool) {
	rs, ok = stateFrom(ctx)
	return rs, ok && rs.auth == a
}

// setSession makes s the session of the request that ctx belongs to, and puts it
// into the cookie. The zero Session logs the visitor out. Principals from before
// are refused from here on. Outside of requests it does nothing.
func (a *Auth) setSession(ctx context.Context, s Session) {
	rs, ok := a.stateOf(ctx)
	if !ok {
		return
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.logins.Add(1)
	rs.session = s
	rs.checked, rs.principal, rs.err = false, Principal{}, nil
	a.setSessionCookie(rs.header, s)
	if !s.exists() && a.config.ClearSiteData != "" {
		rs.header.Set("Clear-Site-Data", a.config.ClearSiteData)
	}
}

// confirmed returns the Principal whom the secure check has confirmed already, or
// the zero Principal.
func (rs *requestState) confirmed() Principal {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.principal
}

// request returns what the handler of a route gets.
func (rs *requestState) request(route Route, t transport) *Request {
	r := &Request{transport: t, route: route}
	if !route.Public {
		r.principal = rs.confirmed()
	}
	return r
}
