package auth

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// requestState is the state of one request: the session in its cookie and, after
// the first call of Verify, the result of the secure check.
type requestState struct {
	auth     *Auth
	header   http.Header // of the response
	client   client
	validity validity // of the session cookie in the request
	device   string   // value of the device cookie
	data     bool     // the request is for a route of the table that has no Form

	// logins counts the changes of session during the request. A Principal belongs
	// to one session, and is invalid once that has ended or been replaced.
	logins atomic.Uint32

	mu        sync.Mutex // handlers may check from several goroutines
	session   Session
	checked   bool
	principal Principal
	err       error
}

type stateKey struct{}

// newState returns the state of r. The header is that of the response. A request that
// checkOrigin refuses has no session, in case it is handled anyway.
func (a *Auth) newState(header http.Header, r *http.Request) *requestState {
	rs := &requestState{auth: a, header: header, client: a.client(r)}
	if a.fromElsewhere(r) {
		return rs
	}
	rs.session, rs.validity = a.openSession(r.Header, time.Now())
	if rs.validity == fromFuture {
		a.warnOfClock(r.Context())
	}
	rs.device, _ = cookieValue(r.Header, a.deviceCookie)
	return rs
}

// useHeader directs later Set-Cookie headers to header. Middleware such as
// [http.TimeoutHandler] gives inner handlers a header of their own, and may answer
// while they are still running.
//
//authgen:if http_request
func (rs *requestState) useHeader(header http.Header) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.header = header
}

// withState returns a copy of ctx that carries rs.
func withState(ctx context.Context, rs *requestState) context.Context {
	return context.WithValue(ctx, stateKey{}, rs)
}

// stateFrom returns the state of the request that ctx belongs to, and false
// outside of requests.
func stateFrom(ctx context.Context) (rs *requestState, ok bool) {
	rs, ok = ctx.Value(stateKey{}).(*requestState)
	return rs, ok
}

// stateOf is stateFrom for requests of a. It reports false for those of another
// Auth, such as one for administrators.
func (a *Auth) stateOf(ctx context.Context) (rs *requestState, ok bool) {
	rs, ok = stateFrom(ctx)
	return rs, ok && rs.auth == a
}

// setSession makes s the session of the request that ctx belongs to, and sets the
// cookie. The zero Session logs the visitor out. Earlier Principals become invalid.
// Outside of requests it does nothing.
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

// confirmed returns the Principal that the secure check has confirmed, or the zero
// Principal if there was none.
func (rs *requestState) confirmed() Principal {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.principal
}

// request returns the Request for the handler of a route.
func (rs *requestState) request(route Route, t transport) *Request {
	r := &Request{transport: t, route: route}
	if !route.Public {
		r.principal = rs.confirmed()
	}
	return r
}
