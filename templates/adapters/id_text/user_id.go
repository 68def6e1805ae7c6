//authgen:if id_text

package auth

import (
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// UserID identifies a user. It is a text of at most 128 bytes. Those that this package makes
// have 26 random letters and digits. No user has the zero UserID.
type UserID string

const maxUserID = 128

func newUserID(time.Time) UserID { return UserID(rand.Text()) }

// ParseUserID returns the id with the same text. The error is not nil if no id can have it.
func ParseUserID(s string) (UserID, error) {
	if s == "" || len(s) > maxUserID || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", errors.New("auth: not a user id")
	}
	return UserID(s), nil
}

// String returns the id.
func (id UserID) String() string { return string(id) }

// IsZero reports whether id is the zero UserID.
func (id UserID) IsZero() bool { return id == "" }

func (id UserID) compare(other UserID) int { return strings.Compare(string(id), string(other)) }

// appendTo appends the bytes that a cookie has for the id.
func (id UserID) appendTo(b []byte) []byte { return append(b, id...) }

// userIDFrom is the inverse of appendTo. It returns the zero UserID for other bytes.
func userIDFrom(b []byte) UserID { return UserID(b) }

// MarshalText implements [encoding.TextMarshaler].
func (id UserID) MarshalText() ([]byte, error) { return []byte(id), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (id *UserID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseUserID(string(b))
	return err
}

// Value implements [driver.Valuer].
func (id UserID) Value() (driver.Value, error) { return string(id), nil }

// Scan implements [database/sql.Scanner].
func (id *UserID) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return id.UnmarshalText([]byte(v))
	case []byte:
		return id.UnmarshalText(v)
	}
	return fmt.Errorf("auth: cannot read a user id from %T", src)
}
