//authgen:if id_int
//authgen:unit user_id.go

package auth

import (
	"math"
	"testing"
)

// Only the decimal form of a positive number is an id.
func TestParseUserID(t *testing.T) {
	for _, s := range []string{"1", "42", "9223372036854775807"} {
		if id, err := ParseUserID(s); err != nil || id.String() != s {
			t.Errorf("ParseUserID(%q) = %s, %v", s, id, err)
		}
	}
	for _, s := range []string{"", "0", "-1", "+1", "01", " 1", "1 ", "1.0", "x", "0x1", "9223372036854775808"} {
		if id, err := ParseUserID(s); err == nil || !id.IsZero() {
			t.Errorf("ParseUserID(%q) = %s, %v; want an error", s, id, err)
		}
	}
}

// Ids survive cookies and the database. Scan refuses values that are not ids.
func TestUserIDEncodings(t *testing.T) {
	for _, want := range []UserID{1, 255, math.MaxInt64} {
		value, err := want.Value()
		if err != nil {
			t.Fatal(err)
		}
		for _, src := range []any{value, []byte(want.String()), uint64(want)} {
			var got UserID
			if err := got.Scan(src); err != nil || got != want {
				t.Errorf("%v (%T) is scanned as %s, error %v; want %s", src, src, got, err, want)
			}
		}
		if got := userIDFrom(want.appendTo(nil)); got != want {
			t.Errorf("the cookie holds %s, want %s", got, want)
		}
	}
	for _, src := range []any{nil, int64(0), int64(-1), uint64(math.MaxUint64), "1", []byte("x"), 1.5} {
		var id UserID
		if err := id.Scan(src); err == nil || !id.IsZero() {
			t.Errorf("the id %v (%T) is scanned as %s", src, src, id)
		}
	}
	for _, b := range [][]byte{nil, {1}, make([]byte, 9), {0xff, 0, 0, 0, 0, 0, 0, 0}} {
		if id := userIDFrom(b); !id.IsZero() {
			t.Errorf("the bytes %x are the id %s, want none", b, id)
		}
	}
}
