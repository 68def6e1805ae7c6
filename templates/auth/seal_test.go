//authgen:unit seal.go

package auth

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"
)

var sealTime = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

const sealAge = 30 * 24 * time.Hour

func newTestSealer(tb testing.TB, keys []Key, purpose, application string) *sealer {
	tb.Helper()
	s, err := newSealer(keys, purpose, application, sealAge)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func openText(s *sealer, sealed string, now time.Time) (string, error) {
	var text string
	err := s.open(sealed, now, func(plaintext []byte) error {
		text = string(plaintext)
		return nil
	})
	return text, err
}

// wantRefused fails the test unless the value is refused with errSealed.
func wantRefused(tb testing.TB, s *sealer, what, sealed string, now time.Time) {
	tb.Helper()
	if text, err := openText(s, sealed, now); !errors.Is(err, errSealed) || text != "" {
		tb.Errorf("%s: opened as %q with error %v, want %v", what, text, err, errSealed)
	}
}

// raceEnabled reports whether the race detector is on. With it, [sync.Pool] drops
// items on purpose, so allocations cannot be counted.
func raceEnabled() bool {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}

// A sealed value opens again, whatever its content.
func TestSealRoundTrip(t *testing.T) {
	s := newTestSealer(t, testKeys(1), "purpose", "application")
	for _, text := range []string{"", "x", "\x00\r\n", strings.Repeat("x", maxPlaintext)} {
		sealed := s.seal([]byte(text), sealTime)
		if len(sealed) > maxSealed {
			t.Errorf("%d bytes are sealed in %d, want at most %d", len(text), len(sealed), maxSealed)
		}
		if got, err := openText(s, sealed, sealTime); got != text || err != nil {
			t.Errorf("%.20q: opened as %.20q with error %v", text, got, err)
		}
	}
}

// Values that are too large for open are not sealed.
func TestSealTooLong(t *testing.T) {
	s := newTestSealer(t, testKeys(1), "purpose", "application")
	defer func() {
		if recover() == nil {
			t.Error("seal does not panic for more than maxPlaintext bytes")
		}
	}()
	s.seal(make([]byte, maxPlaintext+1), sealTime)
}

// open returns the error of its callback unchanged.
func TestOpenReturnsErrorOfUse(t *testing.T) {
	s := newTestSealer(t, testKeys(1), "purpose", "application")
	want := errors.New("unexpected plaintext")
	if err := s.open(s.seal(nil, sealTime), sealTime, func([]byte) error { return want }); !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// Changing any bit of a value, or of its text, makes it invalid.
func TestSealFlippedBits(t *testing.T) {
	s := newTestSealer(t, testKeys(1), "purpose", "application")
	sealed := s.seal([]byte("plaintext"), sealTime)
	raw, err := strictBase64.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(raw) {
		raw[bit/8] ^= 1 << (bit % 8)
		wantRefused(t, s, "flipped bit", strictBase64.EncodeToString(raw), sealTime)
		raw[bit/8] ^= 1 << (bit % 8)
	}
	text := []byte(sealed)
	for bit := range 8 * len(text) {
		text[bit/8] ^= 1 << (bit % 8)
		wantRefused(t, s, "flipped bit of the text", string(text), sealTime)
		text[bit/8] ^= 1 << (bit % 8)
	}
}

// Truncated and extended values are refused.
func TestSealOtherLength(t *testing.T) {
	s := newTestSealer(t, testKeys(1), "purpose", "application")
	sealed := s.seal([]byte("plaintext"), sealTime)
	raw, err := strictBase64.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(sealed) {
		wantRefused(t, s, "prefix of the text", sealed[:n], sealTime)
	}
	for n := range len(raw) {
		wantRefused(t, s, "prefix", strictBase64.EncodeToString(raw[:n]), sealTime)
	}
	for b := range 256 {
		wantRefused(t, s, "longer text", sealed+string([]byte{byte(b)}), sealTime)
		wantRefused(t, s, "longer value", strictBase64.EncodeToString(append(raw[:len(raw):len(raw)], byte(b))), sealTime)
	}
	wantRefused(t, s, "huge value", strings.Repeat(sealed, 10_000), sealTime)
}

// withLeftOverBits returns unpadded base64 that decodes to the same bytes unless the
// decoder is strict about trailing bits.
func withLeftOverBits(b64 string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(b64) - 1
	return b64[:last] + string(alphabet[strings.IndexByte(alphabet, b64[last])+1])
}

// A value has only one encoding.
func TestSealOtherEncoding(t *testing.T) {
	s := newTestSealer(t, testKeys(1), "purpose", "application")
	// 35 bytes of overhead and 8 of text are not a multiple of 3, so base64 has padding
	// and trailing bits.
	var sealed string
	for !strings.ContainsAny(sealed, "-_") {
		sealed = s.seal([]byte("8 bytes."), sealTime)
	}
	raw, err := strictBase64.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	leftOver := withLeftOverBits(sealed)
	if again, err := base64.RawURLEncoding.DecodeString(leftOver); err != nil || string(again) != string(raw) {
		t.Fatalf("%q is not another encoding of %q", leftOver, sealed)
	}
	for what, other := range map[string]string{
		"line feed":       sealed[:5] + "\n" + sealed[5:],
		"carriage return": sealed[:5] + "\r" + sealed[5:],
		"CRLF at the end": sealed + "\r\n",
		"padding":         base64.URLEncoding.EncodeToString(raw),
		"other alphabet":  base64.RawStdEncoding.EncodeToString(raw),
		"left-over bits":  leftOver,
		"space":           sealed + " ",
		"NUL":             sealed + "\x00",
		"quotes":          `"` + sealed + `"`,
	} {
		wantRefused(t, s, what, other, sealTime)
	}
}

// A value is bound to its purpose, its application and its key.
func TestSealBinding(t *testing.T) {
	keys := testKeys(2)
	sealed := newTestSealer(t, keys[:1], "session", "https://example.com").seal([]byte("x"), sealTime)
	if _, err := openText(newTestSealer(t, keys[:1], "session", "https://example.com"), sealed, sealTime); err != nil {
		t.Fatal(err)
	}
	for what, s := range map[string]*sealer{
		"other purpose":     newTestSealer(t, keys[:1], "reset", "https://example.com"),
		"other application": newTestSealer(t, keys[:1], "session", "https://example.org"),
		"moved boundary":    newTestSealer(t, keys[:1], "session\x00https:", "//example.com"),
		"other key":         newTestSealer(t, keys[1:], "session", "https://example.com"),
	} {
		wantRefused(t, s, what, sealed, sealTime)
	}
}

// Values that seal would not return are refused, even if the key is right.
func TestSealOtherFormat(t *testing.T) {
	s := newTestSealer(t, testKeys(1), "purpose", "application")
	forge := func(version byte, bound []byte) string {
		key, day := s.ring[0], uint16(dayOf(sealTime))
		out := binary.BigEndian.AppendUint16(append([]byte{version}, key.id[:]...), day)
		if bound == nil {
			bound = append(out[:len(out):len(out)], s.bound...)
		}
		return strictBase64.EncodeToString(key.derive(s.info, day).Seal(out, nil, []byte("x"), bound))
	}
	if _, err := openText(s, forge(sealVersion, nil), sealTime); err != nil {
		t.Fatalf("a value as seal returns it: %v", err)
	}
	for _, version := range []byte{0, 2, 255} {
		wantRefused(t, s, "other version", forge(version, nil), sealTime)
	}
	wantRefused(t, s, "no additional data", forge(sealVersion, []byte{}), sealTime)
	wantRefused(t, s, "additional data without the header", forge(sealVersion, s.bound), sealTime)
	wantRefused(t, s, "unsigned JSON Web Token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", sealTime)
}

// Keys can be rotated: the first key seals, and all keys open until they are removed.
func TestSealRotation(t *testing.T) {
	keys := testKeys(3)
	older := newTestSealer(t, keys[2:], "purpose", "application")
	both := newTestSealer(t, keys[1:], "purpose", "application")
	newer := newTestSealer(t, keys[1:2], "purpose", "application")

	sealed := older.seal([]byte("x"), sealTime)
	if _, err := openText(both, sealed, sealTime); err != nil {
		t.Errorf("sealed with the old key, opened with both: %v", err)
	}
	wantRefused(t, newer, "removed key", sealed, sealTime)

	sealed = both.seal([]byte("x"), sealTime)
	if _, err := openText(newer, sealed, sealTime); err != nil {
		t.Errorf("sealed with both keys, opened with the new one: %v", err)
	}
	wantRefused(t, older, "sealed with the new key", sealed, sealTime)
}

// A value opens until its maximum age in days, even if clocks differ by up to a day.
func TestSealDays(t *testing.T) {
	s := newTestSealer(t, testKeys(1), "purpose", "application")
	sealed := s.seal([]byte("x"), sealTime)
	for _, test := range []struct {
		days int
		ok   bool
	}{
		{-400, false},
		{-2, false},
		{-1, true},
		{0, true},
		{30, true},
		{31, true}, // sealed in the evening, opened in the morning
		{32, false},
		{1 << 16, false}, // the day in the header has two bytes
	} {
		_, err := openText(s, sealed, sealTime.AddDate(0, 0, test.days))
		if (err == nil) != test.ok {
			t.Errorf("opened after %d days: error %v, want valid: %t", test.days, err, test.ok)
		}
	}
}

// Every day has its own key, even days that share a slot of the cache.
func TestSealKeyOfDay(t *testing.T) {
	keys := testKeys(1)
	fresh := func() *sealer {
		s, err := newSealer(keys, "purpose", "application", maxTimeout)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := fresh()
	later := sealTime.AddDate(0, 0, len(s.ring[0].days))
	first, second := s.seal([]byte("first"), sealTime), s.seal([]byte("second"), later)
	for what, s := range map[string]*sealer{"same": s, "another": fresh()} {
		for range 2 {
			if got, err := openText(s, second, later); got != "second" || err != nil {
				t.Errorf("second day, %s sealer: opened as %q with error %v", what, got, err)
			}
			if got, err := openText(s, first, later); got != "first" || err != nil {
				t.Errorf("first day, %s sealer: opened as %q with error %v", what, got, err)
			}
		}
	}

	raw, err := strictBase64.DecodeString(first)
	if err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint16(raw[5:], uint16(dayOf(later)))
	wantRefused(t, s, "moved to another day", strictBase64.EncodeToString(raw), later)

	key := s.ring[0]
	today, tomorrow := uint16(dayOf(sealTime)), uint16(dayOf(sealTime)+1)
	sealed := key.derive(s.info, today).Seal(nil, nil, []byte("x"), nil)
	if _, err := key.derive(s.info, tomorrow).Open(nil, nil, sealed, nil); err == nil {
		t.Error("two days have the same key")
	}
}

// Sealing the same plaintext repeatedly never returns the same value or uses the same
// nonce.
func TestSealUnique(t *testing.T) {
	const n = 10_000
	s := newTestSealer(t, testKeys(1), "purpose", "application")
	values, nonces := make(map[string]bool, n), make(map[string]bool, n)
	for range n {
		sealed := s.seal([]byte("x"), sealTime)
		raw, err := strictBase64.DecodeString(sealed)
		if err != nil {
			t.Fatal(err)
		}
		values[sealed] = true
		nonces[string(raw[sealHeader:sealHeader+12])] = true
	}
	if len(values) != n || len(nonces) != n {
		t.Errorf("%d different values and %d different nonces, want %d of each", len(values), len(nonces), n)
	}
}

// A sealer may be used from many goroutines.
func TestSealConcurrent(t *testing.T) {
	s := newTestSealer(t, testKeys(1), "purpose", "application")
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			now := sealTime.AddDate(0, 0, i%4*len(s.ring[0].days)) // one slot of the cache
			text := string(rune('a' + i))
			for range 20 {
				if got, err := openText(s, s.seal([]byte(text), now), now); got != text || err != nil {
					t.Errorf("%.20q: opened as %.20q with error %v", text, got, err)
				}
			}
		})
	}
	wg.Wait()
}

// Missing, weak and duplicate keys are refused.
func TestNewSealerRefuses(t *testing.T) {
	good := testKeys(1)[0]
	for name, keys := range map[string][]Key{
		"none":        nil,
		"zero":        {{}},
		"second zero": {good, {}},
		"duplicate":   {good, good},
	} {
		if _, err := newSealer(keys, "purpose", "application", sealAge); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Opening does not allocate, whether the value is valid or not.
func TestOpenDoesNotAllocate(t *testing.T) {
	if raceEnabled() {
		t.Skip("allocations cannot be counted under the race detector")
	}
	s := newTestSealer(t, testKeys(3), "purpose", "application")
	sealed := s.seal([]byte("plaintext"), sealTime)
	for _, value := range []string{sealed, sealed[:len(sealed)-1] + "_", "x", strings.Repeat("x", 8<<10)} {
		n := testing.AllocsPerRun(1000, func() {
			_ = s.open(value, sealTime, func([]byte) error { return nil })
		})
		if n != 0 {
			t.Errorf("open(%.20q): %v allocations, want none", value, n)
		}
	}
}

// The optimistic check does not allocate.
//
//authgen:if !id_text
func TestOpenSessionDoesNotAllocate(t *testing.T) {
	if raceEnabled() {
		t.Skip("allocations cannot be counted under the race detector")
	}
	a := newOfflineAuth(t)
	now := time.Now()
	header := a.cookieHeader(a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}}), now)
	header.Set("Cookie", "a=1; "+header.Get("Cookie")+"; b=2")
	n := testing.AllocsPerRun(1000, func() {
		if s, _ := a.openSession(header, now); !s.exists() {
			t.Fatal("the session is not opened")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// Only sealed values open.
func FuzzOpen(f *testing.F) {
	s := newTestSealer(f, testKeys(1), "purpose", "application")
	sealed := s.seal([]byte("plaintext"), sealTime)
	f.Add(sealed)
	f.Add("")
	f.Add(sealed + sealed)
	f.Add(strings.ToLower(sealed))
	f.Fuzz(func(t *testing.T, value string) {
		text, err := openText(s, value, sealTime)
		if (err == nil) != (value == sealed) {
			t.Errorf("%q opened as %q with error %v", value, text, err)
		}
	})
}
