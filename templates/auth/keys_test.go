//authgen:unit keys.go

package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// Keys are parsed in both alphabets of base64, with and without padding, in order.
func TestParseKeys(t *testing.T) {
	want := testKeys(2)
	want[0][0], want[0][1], want[0][2] = 0xfb, 0xff, 0xfe // "+//+" or "-__-"
	for _, encoding := range []*base64.Encoding{
		base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding,
	} {
		text := encoding.EncodeToString(want[0][:]) + " ,\n" + encoding.EncodeToString(want[1][:])
		got, err := ParseKeys(text)
		if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("%.8s…: got %d keys, error %v; want the same 2 keys", text, len(got), err)
		}
	}
}

// Keys that are damaged or not random are refused. The error says which key it is, and
// does not contain it.
func TestParseKeysRefuses(t *testing.T) {
	good := testKeys(1)[0]
	b64 := base64.StdEncoding.EncodeToString
	repeated := bytes.Repeat([]byte{0xd7}, 32)
	unpadded := base64.RawURLEncoding.EncodeToString(good[:])
	last := len(unpadded) - 1 // a character that holds two bits more than the key
	for name, text := range map[string]string{
		"empty":           "",
		"space":           " ",
		"zero":            b64(make([]byte, 32)),
		"one byte":        b64(repeated),
		"few bytes":       b64(bytes.Repeat([]byte{1, 2, 3, 200, 5, 6, 7, 8}, 4)),
		"passphrase":      b64([]byte("The quick brown fox jumps, laz12")),
		"bare passphrase": "correct-horse-battery-staple",
		"31 bytes":        b64(good[:31]),
		"33 bytes":        b64(append(good[:], 'x')),
		"hexadecimal":     hex.EncodeToString(good[:]),
		"wrong character": "!" + b64(good[:])[1:],
		"trailing bits":   unpadded[:last] + string(unpadded[last]+1),
	} {
		for i, list := range []string{text, b64(good[:]) + "," + text} {
			keys, err := ParseKeys(list)
			if err == nil || keys != nil {
				t.Errorf("%s: no error", name)
				continue
			}
			if want := fmt.Sprintf("key %d: ", i+1); !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %q does not say %q", name, err, want)
			}
			for _, secret := range []string{strings.TrimSpace(text), b64(good[:])} {
				if len(secret) > 4 && strings.Contains(err.Error(), secret[:len(secret)/2]) {
					t.Errorf("%s: error %q contains the key", name, err)
				}
			}
		}
	}
}

// Errors name common mistakes, and contain no part of the text.
func TestKeyFaults(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(testKeys(1)[0][:])
	digits := hex.EncodeToString(testKeys(1)[0][:])
	pem := "-----BEGIN PRIVATE KEY-----\n" + good + "\n-----END PRIVATE KEY-----\n"
	for name, test := range map[string]struct{ text, want string }{
		"in double quotes":  {`"` + good + `"`, "in quotes"},
		"in single quotes":  {"'" + good + "'", "in quotes"},
		"in curly quotes":   {"\u201c" + good + "\u201d", "in quotes"},
		"a list in quotes":  {`"` + good + "," + good + `"`, "in quotes"},
		"hexadecimal":       {digits, "hexadecimal (64 digits)"},
		"upper case":        {strings.ToUpper(digits), "hexadecimal (64 digits)"},
		"0x":                {"0x" + digits, "hexadecimal (64 digits)"},
		"half as long":      {digits[:32], "hexadecimal (32 digits)"},
		"two lines":         {good + "\n" + good, "separate keys with commas"},
		"a broken line":     {good[:20] + "\r\n" + good[20:], "white space"},
		"a space":           {good[:20] + " " + good[20:], "white space"},
		"PEM":               {pem, "a PEM block"},
		"for Laravel":       {"base64:" + good, `begins with "base64:"`},
		"a line of a file":  {"AUTH_KEYS=" + good, "the name of a variable"},
		"a variable":        {"${AUTH_KEYS}", "the name of a variable"},
		"a file":            {"/run/secrets/auth-keys", "the name of a file"},
		"a relative file":   {"./auth.key", "the name of a file"},
		"a file on Windows": {`C:\secrets\auth`, "the name of a file"},
		"a truncated key":   {"A" + good[1:40], "bytes long, not 32; make one"},
		"something else":    {"(secret)", "not base64; make one"},
		"a zero key":        {base64.StdEncoding.EncodeToString(make([]byte, 32)), "all zero"},
	} {
		keys, err := ParseKeys(test.text)
		if err == nil || keys != nil || !strings.Contains(err.Error(), "key 1: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %d keys, error %v, want one that says %q", name, len(keys), err, test.want)
			continue
		}
		for _, secret := range []string{good, digits, strings.ToUpper(digits), test.text} {
			if strings.Contains(err.Error(), secret[:8]) {
				t.Errorf("%s: error %q contains part of the text", name, err)
			}
		}
	}
	for _, text := range []string{good + "\n", " " + good + ",\n" + good, strings.TrimRight(good, "=")} {
		if _, err := ParseKeys(text); err != nil {
			t.Errorf("white space around keys: %v", err)
		}
	}
}

// Random keys are accepted.
func TestRandomKeysPass(t *testing.T) {
	for _, k := range testKeys(1000) {
		if err := k.check(); err != nil {
			t.Fatal(err)
		}
	}
}

// spellings returns the forms in which a secret could appear in text.
func spellings(secret []byte) []string {
	numbers := fmt.Sprint(secret)
	source := fmt.Sprintf("%#v", secret)
	return []string{
		string(secret),
		hex.EncodeToString(secret),
		strings.ToUpper(hex.EncodeToString(secret)),
		strings.Trim(numbers, "[]"),
		strings.ReplaceAll(strings.Trim(numbers, "[]"), " ", ","),
		source[strings.Index(source, "{")+1 : len(source)-1],
		fmt.Sprintf("% x", secret),
		base64.RawStdEncoding.EncodeToString(secret),
		base64.RawURLEncoding.EncodeToString(secret),
	}
}

// Keys and sessions do not reveal their secrets when printed, logged or encoded.
func TestSecretsAreNotPrinted(t *testing.T) {
	key := testKeys(1)[0]
	a := newOfflineAuth(t, func(c *Config) { c.Keys = []Key{key} })
	s := a.newSession(login{user: user{id: anyID(), role: DefaultRole, version: 1}, remember: true})
	p := Principal{session: s}

	secrets := append(spellings(key[:]), spellings(s.id[:])...)
	for name, value := range map[string]any{
		"Key":        key,
		"*Key":       &key,
		"[]Key":      []Key{key},
		"Config":     Config{Keys: []Key{key}},
		"*Config":    &Config{Keys: []Key{key}},
		"*Auth":      a,
		"DAL":        a.DAL(),
		"Session":    s,
		"*Session":   &s,
		"[]Session":  []Session{s},
		"sessionID":  s.id,
		"Principal":  p,
		"*Principal": &p,
		"map":        map[string]any{"key": key, "session": s, "principal": p},
	} {
		var b strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%b", "%o", "%U"} {
			_, _ = fmt.Fprintf(&b, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&b, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("json", "value", value)
		if text, err := json.Marshal(value); err == nil {
			b.Write(text)
		}
		for _, secret := range secrets {
			if strings.Contains(b.String(), secret) {
				t.Errorf("%s prints the secret %q:\n%s", name, secret, b.String())
				break
			}
		}
	}
}

// A Session and a Principal are logged with their user.
func TestSessionsAreLogged(t *testing.T) {
	a := newOfflineAuth(t)
	s := a.newSession(login{user: user{id: anyID(), role: DefaultRole}})
	for _, value := range []any{s, Principal{session: s}} {
		var b strings.Builder
		slog.New(slog.NewJSONHandler(&b, nil)).Info("logged", "value", value)
		for _, want := range []string{s.userID.String(), DefaultRole.String()} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%T is logged as %s, without %q", value, b.String(), want)
			}
		}
	}
}
