//authgen:if id_uuid

package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// UserID identifies a user. It is a UUID (RFC 9562). Those that this package makes are of
// version 7: they sort by the time of sign-up and cannot be guessed. No user has the zero
// UserID.
type UserID [16]byte

func newUserID(now time.Time) UserID {
	var id UserID
	_, _ = rand.Read(id[6:]) // never fails
	binary.BigEndian.PutUint64(id[:8], uint64(now.UnixMilli())<<16|uint64(id[6])<<8|uint64(id[7]))
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// ParseUserID parses the form that [UserID.String] returns, and no other.
func ParseUserID(s string) (UserID, error) {
	var id UserID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return UserID{}, errors.New("auth: not a user id")
	}
	if _, err := hex.Decode(id[:], []byte(s[:8]+s[9:13]+s[14:18]+s[19:23]+s[24:])); err != nil || id.String() != s {
		return UserID{}, errors.New("auth: not a user id")
	}
	return id, nil
}

// String returns the id in lower-case hexadecimal with hyphens.
func (id UserID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// IsZero reports whether id is the zero UserID.
func (id UserID) IsZero() bool { return id == UserID{} }

func (id UserID) compare(other UserID) int { return bytes.Compare(id[:], other[:]) }

// appendTo appends the bytes that a cookie has for the id.
func (id UserID) appendTo(b []byte) []byte { return append(b, id[:]...) }

// userIDFrom is the inverse of appendTo. It returns the zero UserID for other bytes.
func userIDFrom(b []byte) (id UserID) {
	if len(b) == len(id) {
		copy(id[:], b)
	}
	return id
}

// MarshalText implements [encoding.TextMarshaler].
func (id UserID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (id *UserID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseUserID(string(b))
	return err
}
