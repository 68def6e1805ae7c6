//authgen:if id_int

package auth

import (
	"cmp"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// UserID identifies a user. It is a positive number, which the database chooses. In JSON it
// is a text, since JavaScript cannot hold every such number. No user has the zero UserID.
type UserID int64

var errUserID = errors.New("auth: not a user id")

// ParseUserID parses the form that [UserID.String] returns, and no other.
func ParseUserID(s string) (UserID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != s {
		return 0, errUserID
	}
	return UserID(n), nil
}

// String returns the id in decimal.
func (id UserID) String() string { return strconv.FormatInt(int64(id), 10) }

// IsZero reports whether id is the zero UserID.
func (id UserID) IsZero() bool { return id == 0 }

func (id UserID) compare(other UserID) int { return cmp.Compare(id, other) }

// appendTo appends the bytes that a cookie has for the id.
func (id UserID) appendTo(b []byte) []byte { return binary.BigEndian.AppendUint64(b, uint64(id)) }

// userIDFrom is the inverse of appendTo. It returns the zero UserID for other bytes.
func userIDFrom(b []byte) UserID {
	if len(b) != 8 {
		return 0
	}
	n := binary.BigEndian.Uint64(b)
	if n > math.MaxInt64 {
		return 0
	}
	return UserID(n)
}

// MarshalText implements [encoding.TextMarshaler].
func (id UserID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (id *UserID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseUserID(string(b))
	return err
}

// Value implements [driver.Valuer].
func (id UserID) Value() (driver.Value, error) { return int64(id), nil }

// Scan implements [database/sql.Scanner].
func (id *UserID) Scan(src any) error {
	switch v := src.(type) {
	case uint64: // as MySQL has unsigned numbers
		if v <= math.MaxInt64 {
			return id.Scan(int64(v))
		}
	case int64:
		if v > 0 {
			*id = UserID(v)
			return nil
		}
	case []byte:
		return id.UnmarshalText(v)
	}
	return fmt.Errorf("auth: cannot read a user id from %T", src)
}
