//authgen:if id_uuid
//authgen:unit user_id.go

package auth

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// An id is a UUID of version 7: a time in milliseconds, and random bits.
func TestUserID(t *testing.T) {
	const n = 10_000
	now := time.UnixMilli(0x0123456789ab)
	ids := make(map[UserID]bool, n)
	var ones [16]byte
	zeros := [16]byte{}
	for i := range zeros {
		zeros[i] = 0xff
	}
	for range n {
		id := newUserID(now)
		if s := id.String(); !strings.HasPrefix(s, "01234567-89ab-7") || !strings.Contains("89ab", s[19:20]) {
			t.Fatalf("%s is not a UUID of version 7 (RFC 9562)", s)
		}
		for i, b := range id {
			ones[i] |= b
			zeros[i] &= b
		}
		ids[id] = true
	}
	if len(ids) != n {
		t.Errorf("%d of %d ids are different, want all", len(ids), n)
	}
	// All bits except those of the time, version and variant are random.
	for i := 6; i < 16; i++ {
		want := map[int]byte{6: 0x0f, 8: 0x3f}[i]
		if want == 0 {
			want = 0xff
		}
		if got := ones[i] &^ zeros[i]; got != want {
			t.Errorf("byte %d: the bits %08b vary, want %08b", i, got, want)
		}
	}
}

// Ids sort by time, as bytes and as text.
func TestUserIDOrder(t *testing.T) {
	var ids, texts []string
	for now := time.UnixMilli(0); now.Year() < 2100; now = now.AddDate(0, 1, 1).Add(time.Millisecond) {
		id := newUserID(now)
		ids, texts = append(ids, string(id[:])), append(texts, id.String())
	}
	if !slices.IsSorted(ids) || !slices.IsSorted(texts) {
		t.Error("ids are not sorted by time")
	}
}

// An id has only one spelling.
func TestParseUserID(t *testing.T) {
	const good = "01234567-89ab-7cde-8f01-23456789abcd"
	id, err := ParseUserID(good)
	if err != nil || id.String() != good {
		t.Fatalf("ParseUserID(%q) = %s, %v", good, id, err)
	}
	for _, s := range []string{
		"", "x", good[:35], good + "0", good + "\n", " " + good, good + " ", "{" + good + "}", "urn:uuid:" + good,
		strings.ToUpper(good), strings.ReplaceAll(good, "-", ""), strings.ReplaceAll(good, "-", "_"),
		"0123456-789ab-7cde-8f01-23456789abcd", "g1234567-89ab-7cde-8f01-23456789abcd",
		"01234567-89ab-7cde-8f01-23456789ab\x00d", "01234567-89ab-7cde-8f01-2345678é9a", "' OR 1=1 --",
	} {
		if id, err := ParseUserID(s); err == nil || id != (UserID{}) {
			t.Errorf("ParseUserID(%q) = %s, %v; want an error", s, id, err)
		}
	}
}

// Parsing and formatting an id returns the same text.
func FuzzParseUserID(f *testing.F) {
	f.Add("01234567-89ab-7cde-8f01-23456789abcd")
	f.Add("01234567-89AB-7CDE-8F01-23456789ABCD")
	f.Add("0123456789ab7cde8f0123456789abcd0000")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseUserID(s)
		if err == nil && id.String() != s || err != nil && id != (UserID{}) {
			t.Errorf("ParseUserID(%q) = %s, %v", s, id, err)
		}
	})
}

// Scan refuses values that are not ids.
func TestScanUserID(t *testing.T) {
	for _, src := range []any{nil, int64(1), "", "x", []byte(nil), []byte("x")} {
		var id UserID
		if err := id.Scan(src); err == nil || !id.IsZero() {
			t.Errorf("the id %v (%T) is scanned as %s", src, src, id)
		}
	}
}
