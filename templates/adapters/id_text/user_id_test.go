//authgen:if id_text
//authgen:unit user_id.go

package auth

import (
	"strings"
	"testing"
	"time"
)

// Ids are valid texts of at most 128 bytes.
func TestParseUserID(t *testing.T) {
	for _, s := range []string{"1", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "é", strings.Repeat("x", maxUserID)} {
		if id, err := ParseUserID(s); err != nil || id.String() != s {
			t.Errorf("ParseUserID(%q) = %s, %v", s, id, err)
		}
	}
	for _, s := range []string{"", "\xff", "a\x00", strings.Repeat("x", maxUserID+1)} {
		if id, err := ParseUserID(s); err == nil || !id.IsZero() {
			t.Errorf("ParseUserID(%q) = %s, %v; want an error", s, id, err)
		}
	}
}

// New ids differ, survive cookies and the database, and fit into 26 characters. Scan refuses
// values that are not ids.
func TestUserIDEncodings(t *testing.T) {
	want := newUserID(time.Now())
	if len(want) != 26 || want == newUserID(time.Now()) {
		t.Errorf("the new id %s has %d characters, or is not random", want, len(want))
	}
	value, err := want.Value()
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []any{value, []byte(want)} {
		var got UserID
		if err := got.Scan(src); err != nil || got != want {
			t.Errorf("%v (%T) is scanned as %s, error %v; want %s", src, src, got, err, want)
		}
	}
	if got := userIDFrom(want.appendTo(nil)); got != want {
		t.Errorf("the cookie holds %s, want %s", got, want)
	}
	for _, src := range []any{nil, int64(1), "", []byte{0xff}} {
		var id UserID
		if err := id.Scan(src); err == nil || !id.IsZero() {
			t.Errorf("the id %v (%T) is scanned as %s", src, src, id)
		}
	}
}
