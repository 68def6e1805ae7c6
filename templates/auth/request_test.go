//authgen:unit request.go

package auth

import (
	"errors"
	"net/http/httptest"
	"testing"
)

// A request has one state, which holds the new session after a login.
func TestRequestState(t *testing.T) {
	a := newOfflineAuth(t)
	s := a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}})
	ctx := a.enter(httptest.NewRequest("GET", "/", nil)).Context()
	if _, ok := SessionFrom(ctx); ok {
		t.Error("SessionFrom returns a session without a cookie")
	}
	if _, ok := a.stateOf(ctx); !ok {
		t.Fatal("the context has no request state")
	}
	a.setSession(ctx, s)
	if got, ok := SessionFrom(ctx); !ok || got != s {
		t.Errorf("after setSession, SessionFrom returns %+v, %v", got, ok)
	}
	a.setSession(ctx, Session{})
	if _, ok := SessionFrom(ctx); ok {
		t.Error("SessionFrom returns a session after it ended")
	}
	if _, err := Verify(ctx); !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("after the session ended, Verify returns error %v, want %v", err, ErrUnauthenticated)
	}
	// Another Auth, such as one for administrators, has a separate state.
	if _, ok := newOfflineAuth(t).stateOf(ctx); ok {
		t.Error("two instances of Auth share a state")
	}
}
