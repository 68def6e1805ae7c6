//authgen:unit session.go

package auth

import (
	"net/http/httptest"
	"testing"
	"time"
)

// The cost of every request.
func BenchmarkOpenSession(b *testing.B) {
	a := newOfflineAuth(b)
	now := time.Now()
	header := a.cookieHeader(a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}}), now)
	b.ReportAllocs()
	for b.Loop() {
		if s, _ := a.openSession(header, now); !s.exists() {
			b.Fatal("the session is not opened")
		}
	}
}

// The cost of renewing a cookie.
func BenchmarkSeal(b *testing.B) {
	a := newOfflineAuth(b)
	now := time.Now()
	claims := a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}}).appendClaims(nil)
	b.ReportAllocs()
	for b.Loop() {
		a.sealer.seal(claims, now)
	}
}

// The cost of the secure check.
func BenchmarkVerify(b *testing.B) {
	v := newVisitor(b, DefaultRole, false)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", v.auth.cookieName+"="+v.cookie)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Verify(v.auth.enter(r).Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// The cost of a login.
func BenchmarkHashPassword(b *testing.B) {
	h := newHasher()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.hash(b.Context(), testPassword); err != nil {
			b.Fatal(err)
		}
	}
}
