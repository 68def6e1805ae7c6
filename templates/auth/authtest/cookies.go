package authtest

import (
	"encoding/base64"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func changedCookie(t *testing.T, member *visitor) {
	garbage := member.holding("garbage").do(t, member.me.call()).comparable()
	for i := range len(member.token) {
		for _, flip := range []byte{0x01, 0x02} {
			changed := []byte(member.token)
			changed[i] ^= flip
			got := member.holding(string(changed)).want(t, http.StatusUnauthorized, member.me.call())
			if got := got.comparable(); got.body != garbage.body || !reflect.DeepEqual(got.header, garbage.header) {
				t.Errorf("byte %d changed: the answer differs from the answer to garbage: %v, want %v", i, got, garbage)
			}
		}
	}
}

func resizedCookie(t *testing.T, member *visitor) {
	for i := range len(member.token) {
		member.holding(member.token[:i]).want(t, http.StatusUnauthorized, member.me.call())
	}
	const more = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \""
	for i := range len(more) {
		if more[i] == ' ' {
			continue // allowed around a value, not part of it
		}
		member.holding(member.token+more[i:i+1]).want(t, http.StatusUnauthorized, member.me.call())
	}
}

func legibleCookie(t *testing.T, member *visitor) {
	texts := []string{member.token}
	for _, encoding := range []*base64.Encoding{base64.RawURLEncoding, base64.RawStdEncoding} {
		if b, err := encoding.DecodeString(member.token); err == nil {
			texts = append(texts, string(b))
		}
	}
	for _, text := range texts {
		for _, secret := range append(idSpellings(member.id), member.email, member.password) {
			if strings.Contains(text, secret) {
				t.Errorf("the cookie contains %q", secret)
			}
		}
	}
}
