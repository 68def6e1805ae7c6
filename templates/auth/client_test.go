//authgen:unit client.go

package auth

import (
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"
)

// The client is the peer of the connection or, if that is a trusted proxy, the last
// address that is not one.
func TestClientAddress(t *testing.T) {
	var (
		none    []string
		proxies = []string{"10.0.0.0/8", "fd00::/8"}
		all     = []string{"0.0.0.0/0", "::/0"}
	)
	for _, test := range []struct {
		about     string
		trusted   []string
		peer      string
		forwarded []string
		want      string
	}{
		{"peer", none, "192.0.2.1:1234", nil, "192.0.2.1"},
		{"no trusted proxy", none, "192.0.2.1:1234", []string{"203.0.113.7"}, "192.0.2.1"},
		{"no trusted proxy, local peer", none, "127.0.0.1:1234", []string{"203.0.113.7"}, "127.0.0.1"},
		{"peer is not trusted", proxies, "192.0.2.1:1234", []string{"203.0.113.7"}, "192.0.2.1"},
		{"proxy without a header", proxies, "10.0.0.1:1234", nil, "10.0.0.1"},
		{"proxy with an empty header", proxies, "10.0.0.1:1234", []string{""}, "10.0.0.1"},
		{"proxy", proxies, "10.0.0.1:1234", []string{"203.0.113.7"}, "203.0.113.7"},
		{"made-up hops", proxies, "10.0.0.1:1234", []string{"1.1.1.1, 10.9.9.9, 203.0.113.7"}, "203.0.113.7"},
		{"several proxies", proxies, "10.0.0.1:1234", []string{"1.1.1.1, 203.0.113.7 ,10.0.0.3,\t10.0.0.2"}, "203.0.113.7"},
		{"two headers", proxies, "10.0.0.1:1234", []string{"1.1.1.1", "203.0.113.7, 10.0.0.2"}, "203.0.113.7"},
		{"two headers, the last a proxy", proxies, "10.0.0.1:1234", []string{"1.1.1.1, 203.0.113.7", "10.0.0.2"}, "203.0.113.7"},
		{"only proxies", proxies, "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"all are trusted", all, "10.0.0.1:1234", []string{"1.1.1.1, 203.0.113.7"}, "1.1.1.1"},
		{"junk", proxies, "10.0.0.1:1234", []string{"203.0.113.7, unknown"}, "10.0.0.1"},
		{"junk further away", proxies, "10.0.0.1:1234", []string{"junk, 203.0.113.7"}, "203.0.113.7"},
		{"junk behind a proxy", proxies, "10.0.0.1:1234", []string{"203.0.113.7, _hidden, 10.0.0.2"}, "10.0.0.2"},
		{"trailing comma", proxies, "10.0.0.1:1234", []string{"203.0.113.7,"}, "10.0.0.1"},
		{"leading zeros", proxies, "10.0.0.1:1234", []string{"203.0.113.007"}, "10.0.0.1"},
		{"many hops", proxies, "10.0.0.1:1234", []string{strings.Repeat("1.1.1.1,", 10_000) + "203.0.113.7"}, "203.0.113.7"},
		{"IPv6 peer", none, "[2001:db8::1]:1234", nil, "2001:db8::1"},
		{"IPv6 proxy", proxies, "[fd00::1]:1234", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 in brackets", proxies, "[fd00::1]:1234", []string{"[2001:db8::1]"}, "fd00::1"},
		{"zone of the peer", none, "[fe80::1%eth0]:1234", nil, "fe80::1"},
		{"zone of a hop", proxies, "10.0.0.1:1234", []string{"fe80::1%eth0"}, "fe80::1"},
		{"IPv4-mapped peer", none, "[::ffff:192.0.2.1]:1234", nil, "192.0.2.1"},
		{"IPv4-mapped proxy", proxies, "[::ffff:10.0.0.1]:1234", []string{"203.0.113.7"}, "203.0.113.7"},
		{"IPv4-mapped hops", proxies, "10.0.0.1:1234", []string{"::ffff:203.0.113.7, ::ffff:10.0.0.2"}, "203.0.113.7"},
		{"Unix socket", proxies, "@", []string{"203.0.113.7"}, "unknown"},
	} {
		a := newOfflineAuth(t, func(c *Config) {
			for _, p := range test.trusted {
				c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(p))
			}
		})
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.peer
		r.Header["X-Forwarded-For"] = test.forwarded
		// These headers are ignored.
		for _, name := range []string{"X-Real-Ip", "Forwarded", "Cf-Connecting-Ip", "True-Client-Ip", "X-Client-Ip", "X_forwarded_for"} {
			r.Header[name] = []string{"198.51.100.99"}
		}
		if got := a.client(r).address(); got != test.want {
			t.Errorf("%s: %s, want %s", test.about, got, test.want)
		}
	}
}

// A user agent is valid text that fits into its column.
func TestClientUserAgent(t *testing.T) {
	a := newOfflineAuth(t)
	for _, test := range []struct{ sent, want string }{
		{"", ""},
		{"Mozilla/5.0", "Mozilla/5.0"},
		{"a\xffb", "ab"},
		{strings.Repeat("x", maxUserAgent+1), strings.Repeat("x", maxUserAgent)},
		{strings.Repeat("x", maxUserAgent-1) + "é", strings.Repeat("x", maxUserAgent-1)},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("User-Agent", test.sent)
		if got := a.client(r).userAgent; got != test.want || !utf8.ValidString(got) {
			t.Errorf("User-Agent %.20q: got %.20q (%d bytes), want %.20q", test.sent, got, len(got), test.want)
		}
	}
}

// A Unix socket has no address, but can be trusted.
func TestClientOfUnixSocket(t *testing.T) {
	for _, test := range []struct {
		trusted   bool
		forwarded []string
		want      string
	}{
		{false, []string{"203.0.113.7"}, "unknown"},
		{true, []string{"203.0.113.7"}, "203.0.113.7"},
		{true, []string{"1.1.1.1, 203.0.113.7, 10.0.0.2"}, "203.0.113.7"},
		{true, []string{"1.1.1.1, junk"}, "unknown"},
		{true, nil, "unknown"},
	} {
		a := newOfflineAuth(t, func(c *Config) {
			c.TrustUnixSocket = test.trusted
			c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		})
		for _, peer := range []string{"@", ""} {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = peer
			r.Header["X-Forwarded-For"] = test.forwarded
			if got := a.client(r).address(); got != test.want {
				t.Errorf("peer %q, trusted %t, X-Forwarded-For %q: %s, want %s", peer, test.trusted, test.forwarded, got, test.want)
			}
		}
	}
}

// X-Forwarded-For from an untrusted peer is ignored, and logged once.
func TestUntrustedProxyIsLogged(t *testing.T) {
	log := new(logBuffer)
	a := newOfflineAuth(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
	for range 3 {
		a.client(httptest.NewRequest("GET", "/", nil))
	}
	if got := log.String(); got != "" {
		t.Errorf("logged without the header: %s", got)
	}
	for range 3 {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("X-Forwarded-For", "203.0.113.7")
		a.client(r)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "TrustedProxies") || !strings.Contains(got, "192.0.2.1") {
		t.Errorf("logged for three requests with the header: %s; want one line about TrustedProxies", got)
	}
}
