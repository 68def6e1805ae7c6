package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
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
	if fault := keyFault(s); fault != "" {
		return Key{}, errors.New(fault)
	}
	// Both alphabets are in use, with padding and without.
	b64 := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.Strict().DecodeString(b64)
	var k Key
	if err == nil && len(b) == len(k) {
		copy(k[:], b)
		return k, k.check()
	}
	if isPath(s) {
		return Key{}, errors.New("looks like the name of a file; give what is in the file")
	}
	if err != nil {
		// The decoder's own error tells a position, which is no secret, but
		// it is of no help either.
		return Key{}, errors.New("not base64; " + makeKey)
	}
	return Key{}, fmt.Errorf("%d bytes long, not %d; %s", len(b), len(k), makeKey)
}

const makeKey = `make one with "openssl rand -base64 32"`

// keyFault returns what a text is that people take for a key, or that a tool has
// made of one, and what to do about it. It returns "" for what may be a key.
func keyFault(s string) string {
	digits := strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "hex:")
	switch {
	case s == "":
		return "empty; " + makeKey
	case strings.ContainsAny(s, "\"'`\u201c\u201d\u2018\u2019"):
		return `in quotes, which "docker run --env-file" keeps, for one; remove them`
	case strings.Contains(s, "-----BEGIN "):
		return "a PEM block, such as a private key or a certificate; " + makeKey
	case strings.HasPrefix(s, "base64:"):
		return `begins with "base64:"; remove that`
	case strings.ContainsFunc(s, unicode.IsSpace):
		return "has white space in it; remove that, and separate keys by commas"
	case strings.Contains(strings.TrimRight(s, "="), "="):
		return `has "=" before its end, as if the name of a variable stood in front; remove the name`
	case strings.Contains(s, "$"):
		return `has "$" in it, as if it were the name of a variable whose value is missing; give the value`
	case len(digits) >= 32 && strings.Trim(digits, "0123456789abcdefABCDEF") == "":
		return fmt.Sprintf("hexadecimal (%d digits), not base64; %s", len(digits), makeKey)
	}
	return ""
}

// isPath reports whether a text that is no key looks like the name of a file.
func isPath(s string) bool {
	for _, root := range []string{"/", "./", "../", "~/"} {
		if strings.HasPrefix(s, root) {
			return true
		}
	}
	return strings.Contains(s, `\`) || strings.HasSuffix(s, ".key") || strings.HasSuffix(s, ".txt")
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
		return errors.New("not random; " + makeKey)
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
