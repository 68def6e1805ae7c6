package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// UserID identifies a user. It is a UUID of version 7 (RFC 9562): ids sort by
// the time of sign-up and cannot be guessed. The zero UserID is nobody's.
type UserID [16]byte

func newUserID(now time.Time) UserID {
	var id UserID
	_, _ = rand.Read(id[6:]) // never fails
	binary.BigEndian.PutUint64(id[:8], uint64(now.UnixMilli())<<16|uint64(id[6])<<8|uint64(id[7]))
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// ParseUserID reads the form that [UserID.String] writes, and no other.
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

// MarshalText implements [encoding.TextMarshaler].
func (id UserID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (id *UserID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseUserID(string(b))
	return err
}

// sessionID is the secret of a session: 128 random bits. It is only ever inside
// the sealed cookie; the database and the logs know its hash.
type sessionID [16]byte

func newSessionID() (id sessionID) {
	_, _ = rand.Read(id[:]) // never fails
	return id
}

// handle is the SHA-256 of the id in hexadecimal. It names the session where
// the id itself must not appear.
func (id sessionID) handle() string { return hexSum(id[:]) }

// familyHandle names the session that began with a login, and all by which the user
// replaced it since, where the id of the former must not appear.
func (s Session) familyHandle() string {
	const purpose = "family "
	var b [len(purpose) + len(s.family)]byte
	copy(b[copy(b[:], purpose):], s.family[:])
	return hexSum(b[:])
}

// hexSum is a SHA-256 in hexadecimal.
func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:])
}

// Format implements [fmt.Formatter].
func (sessionID) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements [encoding.TextMarshaler].
func (sessionID) MarshalText() ([]byte, error) { return []byte(redacted), nil }
