//authgen:if !bridge

package auth

import (
	"errors"
	"testing"
)

// Sessions of the other style are refused.
func TestStyleOfClaims(t *testing.T) {
	a := newOfflineAuth(t)
	s := a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}})
	claims := s.appendClaims(nil)
	var got Session
	if err := got.readClaims(claims); err != nil || got != s {
		t.Errorf("this style: read %+v with error %v, want %+v", got, err, s)
	}
	claims[1] ^= flagStateless
	if err := got.readClaims(claims); !errors.Is(err, errSealed) {
		t.Errorf("the other style: error %v, want %v", err, errSealed)
	}
}
