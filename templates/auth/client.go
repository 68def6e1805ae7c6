package auth

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

// client is the sender of a request.
type client struct {
	addr      netip.Addr // invalid if unknown
	userAgent string
}

const maxUserAgent = 256

// address returns the client's address for logs and lists.
func (c client) address() string {
	if !c.addr.IsValid() {
		return "unknown"
	}
	return c.addr.String()
}

// clientFrom returns the client of the request that ctx belongs to.
//
//authgen:if session_database || signup
func clientFrom(ctx context.Context) client {
	if rs, ok := stateFrom(ctx); ok {
		return rs.client
	}
	return client{}
}

// client returns the client of r. Its address is that of the peer or, if that is a
// trusted proxy, the last address in X-Forwarded-For that is not one.
func (a *Auth) client(r *http.Request) client {
	c := client{userAgent: strings.ToValidUTF8(r.UserAgent(), "")}
	if len(c.userAgent) > maxUserAgent {
		c.userAgent = strings.ToValidUTF8(c.userAgent[:maxUserAgent], "")
	}
	// The peer of a Unix socket has no address.
	peer, ok := parseAddr(r.RemoteAddr)
	c.addr = peer
	forwarded := r.Header.Values("X-Forwarded-For")
	if trusted := ok && a.trusts(peer) || !ok && a.config.TrustUnixSocket; !trusted {
		if len(forwarded) > 0 {
			a.warnOfProxy(r)
		}
		return c
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && (!c.addr.IsValid() || a.trusts(c.addr)); i-- {
		hop, ok := parseAddr(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		c.addr = hop
	}
	return c
}

// warnOfProxy logs, once, that X-Forwarded-For is ignored.
func (a *Auth) warnOfProxy(r *http.Request) {
	a.proxyWarning.Do(func() {
		a.config.Logger.WarnContext(r.Context(), "auth: X-Forwarded-For is ignored, since the peer is not a trusted proxy; "+
			"if it is a proxy, list it in Config.TrustedProxies, or all clients behind it share one rate limit", "peer", r.RemoteAddr)
	})
}

// parseAddr parses an address with or without a port.
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
