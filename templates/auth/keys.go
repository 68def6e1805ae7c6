package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Key is a 256-bit secret from a cryptographic random source. Formatted, logged
// or encoded, by itself or in an exported field, it shows nothing of itself. The
// zero Key is refused.
type Key [32]byte

// ParseKeys reads one or more keys, separated by commas, each the base64 of 32
// random bytes, as "openssl rand -base64 32" prints it. Errors tell which key is
// at fault and why, and never contain it.
func ParseKeys(s string) ([]Key, error) {
	var keys []Key
	for i, text := range strings.Split(s, ",") {
		k, err := parseKey(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("auth: key %d: %w", i+1, err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func parseKey(s string) (Key, error) {
	if s == "" {
		return Key{}, errors.New(`empty; make one with "openssl rand -base64 32"`)
	}
	// Both alphabets are in use, with padding and without.
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil {
		// The decoder's own error tells a position, which is no secret, but
		// it is of no help either.
		return Key{}, errors.New("not base64")
	}
	var k Key
	if len(b) != len(k) {
		return Key{}, fmt.Errorf("%d bytes long, not %d", len(b), len(k))
	}
	copy(k[:], b)
	return k, k.check()
}

// check refuses what cannot have come from a random source. A random key fails
// it once in more than 2^40 times.
func (k Key) check() error {
	var seen [256]bool
	distinct, printable := 0, true
	for _, b := range k {
		if !seen[b] {
			seen[b] = true
			distinct++
		}
		printable = printable && b >= ' ' && b <= '~'
	}
	switch {
	case k == Key{}:
		return errors.New("all zero")
	case distinct < 20 || printable:
		return errors.New(`not random; make one with "openssl rand -base64 32"`)
	}
	return nil
}

const redacted = "[redacted]"

// Format implements [fmt.Formatter].
func (Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue implements [slog.LogValuer].
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements [encoding.TextMarshaler].
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }
