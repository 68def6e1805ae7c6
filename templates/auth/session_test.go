//authgen:unit session.go

package auth

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// The cookie preserves the claims of a session, for every role, to the nanosecond.
func TestClaimsRoundTrip(t *testing.T) {
	for _, role := range testRoles() {
		for _, remember := range []bool{false, true} {
			want := Session{
				id: newSessionID(), family: newSessionID(), userID: anyID(), method: MethodApplication, role: role, version: math.MaxUint32, remember: remember,
				issuedAt:        time.Unix(0, 0).UTC(),
				authenticatedAt: time.Unix(0, 1).UTC(),
				seenAt:          time.Date(2026, time.March, 1, 12, 0, 0, 999_999_999, time.UTC),
				expiresAt:       time.Unix(0, math.MaxInt64).UTC(),
			}
			var got Session
			if err := got.readClaims(want.appendClaims(nil)); err != nil || got != want {
				t.Errorf("%v: read %+v with error %v, want %+v", role, got, err, want)
			}
		}
	}
}

// Claims that appendClaims cannot have written are refused.
func TestReadClaimsRefuses(t *testing.T) {
	a := newOfflineAuth(t)
	valid := a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}, remember: true}).appendClaims(nil)
	idSize := len(anyID().appendTo(nil))
	changed := func(at int, bytes ...byte) []byte {
		b := slices.Clone(valid)
		copy(b[at:], bytes)
		return b
	}
	tests := map[string][]byte{
		"another version":     changed(0, claimsVersion+1),
		"unknown flag":        changed(1, 8|flagStyle),
		"another style":       changed(1, 4),
		"an unknown flag too": changed(1, 0x81),
		"issued before 1970":  changed(39, 0xff),
		"authenticated early": changed(47, 0x80),
		"seen before 1970":    changed(55, 0x80),
		"expires before 1970": changed(63, 0x80),
		"no user id":          changed(71, 0),
		"longer user id":      changed(71, byte(idSize+1)),
		"longest user id":     changed(71, 0xff),
		"no role":             valid[:claimsSize+idSize],
		"unknown role":        append(slices.Clone(valid[:claimsSize+idSize]), "owner of everything"...),
		"other case":          append(slices.Clone(valid[:claimsSize+idSize]), strings.ToUpper(DefaultRole.String())...),
		"role and a space":    append(slices.Clone(valid), ' '),
		"role and a NUL":      append(slices.Clone(valid), 0),
		"part of a role":      valid[:len(valid)-1],
		"number for the role": append(slices.Clone(valid[:claimsSize+idSize]), byte(DefaultRole)),
	}
	//authgen:if !id_text
	tests["zero user id"] = changed(claimsSize, make([]byte, idSize)...)
	//authgen:end
	for n := range claimsSize + idSize {
		tests[fmt.Sprintf("%d bytes", n)] = valid[:n]
	}
	for name, b := range tests {
		var s Session
		if err := s.readClaims(b); !errors.Is(err, errSealed) || s.exists() {
			t.Errorf("%s: read %+v with error %v, want %v", name, s, err, errSealed)
		}
	}
}

// Reading and writing claims of this style returns the same bytes.
func FuzzReadClaims(f *testing.F) {
	at := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	s := Session{
		id: newSessionID(), userID: anyID(), version: 1, remember: true,
		issuedAt: at, authenticatedAt: at, seenAt: at, expiresAt: at,
	}
	for _, s.role = range testRoles() {
		f.Add(s.appendClaims(nil))
	}
	f.Add(binary.BigEndian.AppendUint64(nil, math.MaxUint64))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Session
		if err := s.readClaims(b); err != nil {
			return
		}
		want := slices.Clone(b)
		want[1] = b[1]&^flagStateless | flagStyle
		if again := s.appendClaims(nil); string(again) != string(want) {
			t.Errorf("%x is written again as %x", b, again)
		}
		if !s.exists() || !s.role.valid() {
			t.Errorf("%x is read as the invalid session %+v", b, s)
		}
	})
}

// The cookie is found at any position, by its whole name only, and has no value if it
// was sent twice.
func TestCookieValue(t *testing.T) {
	const name = "__Host-name"
	long := strings.Repeat("x", 900<<10)
	for _, test := range []struct {
		about string
		lines []string
		value string
		sent  bool
	}{
		{"no header", nil, "", false},
		{"empty header", []string{""}, "", false},
		{"alone", []string{"__Host-name=v"}, "v", true},
		{"first", []string{"__Host-name=v; b=2"}, "v", true},
		{"last", []string{"a=1; __Host-name=v"}, "v", true},
		{"without spaces", []string{"a=1;__Host-name=v;b=2"}, "v", true},
		{"more spaces", []string{" a=1 ;\t __Host-name=v \t; b=2"}, "v", true},
		{"second header", []string{"a=1", "__Host-name=v"}, "v", true},
		{"value with =", []string{"__Host-name=v=w=="}, "v=w==", true},
		{"twice", []string{"__Host-name=v; __Host-name=w"}, "", true},
		{"twice the same", []string{"__Host-name=v; __Host-name=v"}, "", true},
		{"twice in two headers", []string{"__Host-name=v", "__Host-name=w"}, "", true},
		{"twice, first empty", []string{"__Host-name=; __Host-name=w"}, "", true},
		{"three times", []string{"__Host-name=u; __Host-name=v; __Host-name=w"}, "", true},
		{"empty", []string{"__Host-name="}, "", true},
		{"no value", []string{"__Host-name"}, "", false},
		{"quoted", []string{`__Host-name="v"`}, `"v"`, true},
		{"space before =", []string{"__Host-name =v"}, "", false},
		{"space after =", []string{"__Host-name= v"}, " v", true},
		{"other case", []string{"__host-name=v"}, "", false},
		{"without the prefix", []string{"name=v"}, "", false},
		{"longer name", []string{"__Host-names=v; x__Host-name=w"}, "", false},
		{"name of two words", []string{"x __Host-name=v"}, "", false},
		{"in a value", []string{"a=__Host-name=v"}, "", false},
		{"comma", []string{"a=1, __Host-name=v"}, "", false},
		{"$Version", []string{`$Version=1; __Host-name=v; $Path="/"`}, "v", true},
		{"only separators", []string{";;; ; ;"}, "", false},
		{"very long", []string{"__Host-name=" + long}, long, true},
		{"after many", []string{strings.Repeat("a=1; ", 10_000) + "__Host-name=v"}, "v", true},
		{"many", []string{strings.Repeat("__Host-name=v; ", 10_000)}, "", true},
	} {
		value, sent := cookieValue(http.Header{"Cookie": test.lines}, name)
		if value != test.value || sent != test.sent {
			t.Errorf("%s: %.40q, %v; want %.40q, %v", test.about, value, sent, test.value, test.sent)
		}
	}
}

// For values that could be sealed, net/http finds the same cookies.
func FuzzCookieValue(f *testing.F) {
	const name = "session"
	for _, line := range []string{
		"session=v", "a=1; session=v; b=2", "session=v; session=w", `session="v"`, "session =v", "session=",
		"session", "; ;session=v,w", "session=\x00", "session=v\r\n", "x session=v", "$Version=1; session=v",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Count(line, ";") > 1000 {
			t.Skip("net/http has a limit for the number of cookies")
		}
		r := http.Request{Header: http.Header{"Cookie": {line}}}
		value, sent := cookieValue(r.Header, name)
		if value != "" && !sent {
			t.Errorf("value %q of a cookie that was not sent", value)
		}
		var theirs []string
		for _, c := range r.CookiesNamed(name) {
			theirs = append(theirs, c.Value)
		}
		if _, err := strictBase64.DecodeString(value); err == nil && value != "" && !strings.ContainsAny(value, "\r\n") && !slices.Contains(theirs, value) {
			t.Errorf("value %q, but net/http finds %q", value, theirs)
		}
		// net/http accepts spaces around a name, and strips quotes.
		if strings.ContainsAny(line, "\" \t\r\n") {
			return
		}
		switch {
		case len(theirs) > 1 && value != "":
			t.Errorf("value %q of several, but net/http finds %q", value, theirs)
		case len(theirs) == 1 && strings.Count(line, name+"=") == 1 && value != theirs[0]:
			t.Errorf("value %q, but net/http finds %q", value, theirs)
		}
	})
}

// Set-Cookie has exactly the required attributes, even when it deletes the cookie.
func TestSetCookie(t *testing.T) {
	for _, mode := range []struct {
		baseURL, name, attributes string
	}{
		{"https://example.com", "__Host-" + cookieBase, "HttpOnly; Secure; SameSite=Lax"},
		{"http://localhost:8080", cookieBase, "HttpOnly; SameSite=Lax"},
	} {
		a := newOfflineAuth(t, func(c *Config) { c.BaseURL = mode.baseURL })
		s := a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}})
		// Almost a second more than an hour, so that a slow test gets the same Max-Age.
		s.expiresAt = time.Now().Add(time.Hour + 999*time.Millisecond)
		remembered := s
		remembered.remember = true
		for _, test := range []struct {
			about  string
			s      Session
			maxAge string
		}{
			{"session", s, ""},
			{"remembered", remembered, "Max-Age=3600; "},
			{"deletion", Session{}, "Max-Age=0; "},
		} {
			header := http.Header{}
			a.setSessionCookie(header, test.s)
			lines := header["Set-Cookie"]
			if len(lines) != 1 {
				t.Fatalf("%s, %s: Set-Cookie %q, want one cookie", mode.baseURL, test.about, lines)
			}
			pair, attributes, _ := strings.Cut(lines[0], "; ")
			name, value, _ := strings.Cut(pair, "=")
			if want := "Path=/; " + test.maxAge + mode.attributes; name != mode.name || attributes != want {
				t.Errorf("%s, %s: cookie %q with the attributes %q, want %q with %q", mode.baseURL, test.about, name, attributes, mode.name, want)
			}
			if (value != "") != test.s.exists() {
				t.Errorf("%s, %s: value %q, want a value: %t", mode.baseURL, test.about, value, test.s.exists())
			}
			if got := header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("%s, %s: Cache-Control %q, want no-store", mode.baseURL, test.about, got)
			}
		}
	}
}

// If the session changes several times in a request, only the last cookie is set. Other
// cookies stay.
func TestSetCookieOnce(t *testing.T) {
	a := newOfflineAuth(t)
	s := a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}})
	others := []string{"a=1", a.cookieName + "s=2; Path=/", "x" + a.cookieName + "=3"}
	header := http.Header{"Set-Cookie": slices.Clone(others), "Cache-Control": {"public"}}
	a.setSessionCookie(header, s)
	a.setSessionCookie(header, Session{})
	a.setSessionCookie(header, s)
	a.setSessionCookie(header, Session{})
	got := header["Set-Cookie"]
	if len(got) != 4 || !slices.Equal(got[:3], others) || !strings.HasPrefix(got[3], a.cookieName+"=;") {
		t.Errorf("Set-Cookie %q, want the other cookies and one deletion", got)
	}
	if got := header["Cache-Control"]; len(got) != 1 || got[0] != "no-store" {
		t.Errorf("Cache-Control %q, want only no-store", got)
	}
}

// The cookie is small enough for every browser, for every role.
func TestCookieSize(t *testing.T) {
	a := newOfflineAuth(t)
	for _, role := range testRoles() {
		s := a.newSession(login{user: user{id: anyID(), role: role, version: math.MaxUint32}, remember: true})
		if n := len(s.appendClaims(nil)); n > maxPlaintext {
			t.Fatalf("%v: %d bytes of claims, want at most %d: the name of the role is too long", role, n, maxPlaintext)
		}
		header := http.Header{}
		a.setSessionCookie(header, s)
		pair, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
		if len(pair) > 4096 {
			t.Errorf("%v: %d bytes of name and value, want at most 4096", role, len(pair))
		}
	}
}

// The cookie reveals nothing about its user.
func TestCookieIsOpaque(t *testing.T) {
	a := newOfflineAuth(t)
	s := a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}})
	raw, err := strictBase64.DecodeString(a.sealer.seal(s.appendClaims(nil), time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{string(s.id[:]), string(s.userID.appendTo(nil)), DefaultRole.String()} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("the cookie contains %q", secret)
		}
	}
}

// Only the cookie of a live session of this application is accepted.
func TestOpenSession(t *testing.T) {
	keys := testKeys(1)
	a := newOfflineAuth(t, func(c *Config) { c.Keys = keys })
	now := time.Now()
	s := a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}})
	header := a.cookieHeader(s, now)
	value := strings.TrimPrefix(header.Get("Cookie"), a.cookieName+"=")
	if got, v := a.openSession(header, now); got != s || v != valid {
		t.Fatalf("opened %+v, %v; want %+v, %v", got, v, s, valid)
	}

	old, future, idle := s, s, s
	old.expiresAt = now
	future.issuedAt = now.Add(clockSkew + 1)
	idle.seenAt = now.Add(-a.config.IdleTimeout)
	other := newOfflineAuth(t, func(c *Config) { c.Keys, c.BaseURL = keys, "https://example.org" })
	reset, err := newSealer(keys, "reset", a.origin+" "+a.cookieName, a.config.AbsoluteTimeout)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		about  string
		cookie string
		want   validity
	}{
		{"none", "", absent},
		{"empty", a.cookieName + "=", absent},
		{"twice", a.cookieName + "=" + value + "; " + a.cookieName + "=" + value, absent},
		{"quoted", a.cookieName + `="` + value + `"`, absent},
		{"space", a.cookieName + "= " + value, absent},
		{"escape", a.cookieName + "=%00", absent},
		{"null", a.cookieName + "=null", absent},
		{"8 KiB", a.cookieName + "=" + strings.Repeat("x", 8<<10), absent},
		{"900 KiB", a.cookieName + "=" + strings.Repeat("x", 900<<10), absent},
		{"dots", a.cookieName + "=" + strings.Repeat(".", 10_000), absent},
		{"id", a.cookieName + "=" + strictBase64.EncodeToString(s.id[:]), absent},
		{"handle", a.cookieName + "=" + s.id.handle(), absent},
		{"bare claims", a.cookieName + "=" + strictBase64.EncodeToString(s.appendClaims(nil)), absent},
		{"other name", cookieBase + "x=" + value, absent},
		{"expired", a.cookieHeader(old, now).Get("Cookie"), expired},
		{"idle", a.cookieHeader(idle, now).Get("Cookie"), expired},
		{"from the future", a.cookieHeader(future, now).Get("Cookie"), fromFuture},
		{"other application", other.cookieHeader(s, now).Get("Cookie"), absent},
		{"other purpose", a.cookieName + "=" + reset.seal(s.appendClaims(nil), now), absent},
		{"other key", newOfflineAuth(t).cookieHeader(s, now).Get("Cookie"), absent},
		{"no claims", a.cookieName + "=" + a.sealer.seal(nil, now), absent},
	} {
		header := http.Header{}
		if test.cookie != "" {
			header.Set("Cookie", test.cookie)
		}
		if got, v := a.openSession(header, now); got != (Session{}) || v != test.want {
			t.Errorf("%s: opened %+v, %v; want no session, %v", test.about, got, v, test.want)
		}
	}
}

// Session ids are 128 random bits, and their handles do not reveal them.
func TestSessionIDs(t *testing.T) {
	const n = 10_000
	ids := make(map[sessionID]bool, n)
	for range n {
		ids[newSessionID()] = true
	}
	if len(ids) != n || ids[sessionID{}] {
		t.Errorf("%d of %d ids are different, want all; none may be zero", len(ids), n)
	}
	// SHA-256 of 16 zero bytes.
	if got, want := (sessionID{}).handle(), "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb"; got != want {
		t.Errorf("handle %s, want %s", got, want)
	}
}

// There is no session outside of requests.
func TestNoSessionOutsideRequests(t *testing.T) {
	if s, ok := SessionFrom(context.Background()); ok || s != (Session{}) {
		t.Errorf("SessionFrom returns %+v, want no session", s)
	}
	if p, err := Verify(context.Background()); !errors.Is(err, ErrUnauthenticated) || p.Valid() {
		t.Errorf("Verify returns %+v with error %v, want %v", p, err, ErrUnauthenticated)
	}
}
