package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
)

// Key is a 256-bit secret from a cryptographic random source. It is redacted when it
// is formatted, logged or encoded, also as an exported field. The zero Key is
// refused.
type Key [32]byte

// ParseKeys parses one or more keys, separated by commas, each the base64 of 32
// random bytes as printed by "openssl rand -base64 32". An error says which key is
// at fault and why. It never contains the key.
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
	// Accept both alphabets, with and without padding.
	b64 := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.Strict().DecodeString(b64)
	var k Key
	if err == nil && len(b) == len(k) {
		copy(k[:], b)
		return k, k.check()
	}
	if isPath(s) {
		return Key{}, errors.New("looks like the name of a file; give the content of the file")
	}
	if err != nil {
		return Key{}, errors.New("not base64; " + makeKey)
	}
	return Key{}, fmt.Errorf("%d bytes long, not %d; %s", len(b), len(k), makeKey)
}

const makeKey = `make one with "openssl rand -base64 32"`

// keyFault recognizes texts that are often used as keys by mistake, or that a tool
// has changed. It says what to do about one, and returns "" for any other text.
func keyFault(s string) string {
	digits := strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "hex:")
	switch {
	case s == "":
		return "empty; " + makeKey
	case strings.ContainsAny(s, "\"'`\u201c\u201d\u2018\u2019"):
		return `in quotes, which "docker run --env-file", for example, does not remove; remove them`
	case strings.Contains(s, "-----BEGIN "):
		return "a PEM block, such as a private key or a certificate; " + makeKey
	case strings.HasPrefix(s, "base64:"):
		return `begins with "base64:"; remove that`
	case strings.ContainsFunc(s, unicode.IsSpace):
		return "contains white space; remove it, and separate keys with commas"
	case strings.Contains(strings.TrimRight(s, "="), "="):
		return `contains "=" before its end, as after the name of a variable; remove the name`
	case strings.Contains(s, "$"):
		return `contains "$", as in the name of a variable; give its value`
	case len(digits) >= 32 && strings.Trim(digits, "0123456789abcdefABCDEF") == "":
		return fmt.Sprintf("hexadecimal (%d digits), not base64; %s", len(digits), makeKey)
	}
	return ""
}

// isPath reports whether s looks like the name of a file.
func isPath(s string) bool {
	for _, root := range []string{"/", "./", "../", "~/"} {
		if strings.HasPrefix(s, root) {
			return true
		}
	}
	return strings.Contains(s, `\`) || strings.HasSuffix(s, ".key") || strings.HasSuffix(s, ".txt")
}

// check refuses keys that are not from a random source. It refuses a random key
// with a probability of less than 2^-40.
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
