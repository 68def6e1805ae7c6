package auth

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// visit is what one request knows of its visitor: the session that its cookie
// holds, and the secure check of it, once that was asked for.
type visit struct {
	auth   *Auth
	header http.Header // of the response
	client client
	sent   bool   // whether the request had a session cookie, of whatever worth
	device string // the cookie of a known device

	mu        sync.Mutex // handlers may check from several goroutines
	session   Session
	checked   bool
	principal Principal
	err       error
}

type visitKey struct{}

// newVisit returns the visit of the request r, whose response has the header.
func (a *Auth) newVisit(header http.Header, r *http.Request) *visit {
	v := &visit{auth: a, header: header, client: a.client(r)}
	v.session, v.sent = a.openSession(r.Header, time.Now())
	v.device, _ = cookieValue(r.Header, a.deviceCookie)
	return v
}

// answerIn makes header, which is that of the handler called now, the one that
// cookies are set in. What stands between two handlers may give the inner one its
// own, and answer in its place while it runs, as [http.TimeoutHandler] does.
//
//authgen:if !fiber
func (v *visit) answerIn(header http.Header) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.header = header
}

// withVisit returns ctx for the request that v is the visit of.
func withVisit(ctx context.Context, v *visit) context.Context {
	return context.WithValue(ctx, visitKey{}, v)
}

// visitFrom returns the visit that ctx belongs to, and false outside of requests.
func visitFrom(ctx context.Context) (v *visit, ok bool) {
	v, ok = ctx.Value(visitKey{}).(*visit)
	return v, ok
}

// visitOf is visitFrom for the visits of this Auth. Another one, such as that of
// administrators, has nothing to do with them.
func (a *Auth) visitOf(ctx context.Context) (v *visit, ok bool) {
	v, ok = visitFrom(ctx)
	return v, ok && v.auth == a
}

// become makes s the visitor's session from here on, in this request and in the
// cookie. The zero Session signs the visitor out.
func (v *visit) become(s Session) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.session = s
	v.checked, v.principal, v.err = false, Principal{}, nil
	v.auth.setSession(v.header, s)
	if !s.exists() {
		v.header.Set("Clear-Site-Data", `"cache", "storage"`)
	}
}

// setHeaders sets the headers of an answer that is data, for this visitor only.
func (a *Auth) setHeaders(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	if a.host == "" {
		header.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// admit refuses requests that no page of this application sends.
func (a *Auth) admit(r *http.Request) error {
	if a.host != "" && !strings.EqualFold(r.Host, a.host) {
		return errWrongHost
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	// The origin that crossOrigin trusts is for browsers without Sec-Fetch-Site.
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return errCrossOrigin
	}
	if err := a.crossOrigin.Check(r); err != nil {
		return errCrossOrigin
	}
	// CrossOriginProtection lets an Origin pass that equals Host, whatever its
	// scheme, and requests that have neither header.
	if r.Header.Get("Sec-Fetch-Site") == "" {
		switch origin := r.Header.Get("Origin"); {
		case origin == "" && a.config.StrictOrigin, origin != "" && origin != a.origin:
			return errCrossOrigin
		}
	}
	return nil
}

// client is who sent a request.
type client struct {
	addr      netip.Addr
	userAgent string
}

const maxUserAgent = 256

// client returns the address that opened the connection or, where that is a
// trusted proxy, the last address in X-Forwarded-For that is not.
func (a *Auth) client(r *http.Request) client {
	c := client{userAgent: strings.ToValidUTF8(r.UserAgent(), "")}
	if len(c.userAgent) > maxUserAgent {
		c.userAgent = strings.ToValidUTF8(c.userAgent[:maxUserAgent], "")
	}
	peer, ok := parseAddr(r.RemoteAddr)
	if !ok {
		return c
	}
	c.addr = peer
	if !a.trusts(peer) {
		return c
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && a.trusts(c.addr); i-- {
		hop, ok := parseAddr(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		c.addr = hop
	}
	return c
}

// parseAddr reads an address with a port or without.
func parseAddr(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(s)
		addr = withPort.Addr()
	}
	return addr.Unmap().WithZone(""), err == nil
}

func (a *Auth) trusts(addr netip.Addr) bool {
	for _, p := range a.config.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
