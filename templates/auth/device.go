package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"
)

// A browser in which somebody has signed in to an account keeps a cookie that
// says so. Its failed attempts are counted apart from those of strangers, so that
// nobody can keep a user out of their account by guessing at it from elsewhere.
// The cookie is good for nothing else.
//
// It holds 16 random bytes and the first 16 of the SHA-256 of the address.
const deviceSize = 16 + 16

// limitKey is the name under which attempts at an account are counted.
func (v *requestState) limitKey(email string) string {
	if device, ok := v.knownDevice(email); ok {
		return "device " + hex.EncodeToString(device[:16])
	}
	return email
}

// knownDevice returns the content of the cookie if it is for that address.
func (v *requestState) knownDevice(email string) (device [deviceSize]byte, ok bool) {
	if v.device == "" {
		return device, false
	}
	err := v.auth.deviceSealer.open(v.device, time.Now(), func(b []byte) error {
		if len(b) != deviceSize {
			return errSealed
		}
		device = [deviceSize]byte(b)
		return nil
	})
	sum := sha256.Sum256([]byte(email))
	return device, err == nil && [16]byte(device[16:]) == [16]byte(sum[:16])
}

// rememberDevice marks the browser as one in which the owner of the address has signed in.
func (v *requestState) rememberDevice(email string) {
	device, ok := v.knownDevice(email)
	if !ok {
		sum := sha256.Sum256([]byte(email))
		copy(device[:16], randomBytes(16))
		copy(device[16:], sum[:16])
	}
	v.auth.setCookie(v.header, http.Cookie{
		Name:   v.auth.deviceCookie,
		Value:  v.auth.deviceSealer.seal(device[:], time.Now()),
		MaxAge: int(maxTimeout / time.Second),
	})
}
