//authgen:unit json.go

package auth

import (
	"strings"
	"testing"
)

// Plain addresses are accepted and converted to lower case.
func TestNormalizeEmail(t *testing.T) {
	for in, want := range map[string]string{
		"ann@example.org":                  "ann@example.org",
		"Ann@Example.ORG":                  "ann@example.org",
		"ann+tag@example.org":              "ann+tag@example.org",
		"a.b.c@sub.example.co.uk":          "a.b.c@sub.example.co.uk",
		"o'hara_99%x@example.org":          "o'hara_99%x@example.org",
		"a@1.example":                      "a@1.example",
		"x@xn--bcher-kva.example":          "x@xn--bcher-kva.example",
		strings.Repeat("a", 64) + "@b.org": strings.Repeat("a", 64) + "@b.org",
		"a@" + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63): "a@" + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63),
	} {
		if got, err := normalizeEmail(in); got != want || err != nil {
			t.Errorf("normalizeEmail(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

// Addresses that mail servers or parsers could interpret differently are refused.
func TestNormalizeEmailRefuses(t *testing.T) {
	for _, in := range []string{
		"", "a", "@", "a@", "@b.org", "a@b", "a@@b.org", "a@b@c.org",
		"X <a@b.com>", "<a@b.com>", "a@b.com (c)", "(c)a@b.com", "a@b,c@d", "a@b.com,c@d.com", "a@b.com;c@d.com",
		`"a@evil"@b.com`, `"a"@b.com`, `a\@b.com`, "a@[127.0.0.1]", "a@[IPv6:::1]", "a:b@c.org",
		"a@b.com\r\nBcc:x", "a@b.com\n", "\na@b.com", "a\x00@b.com", "a@b.com\x00", "a\t@b.com", "a\x7f@b.com",
		" a@b.com", "a@b.com ", "a @b.com", "a@ b.com", "a b@c.com",
		".a@b.com", "a.@b.com", "a..b@c.com", "a@.b.com", "a@b.com.", "a@b..com", "a@-b.com", "a@b-.com", "a@b.com-",
		"a@b_c.com", "a@b.c/d", "a@b.com%0a",
		// Converting these letters to lower case makes them ASCII.
		"mi\u212ae@b.com", "\u212a@b.com", "a@\u212a.com", "m\u0131ke@b.com", "\ufb01@b.com", "\u017f@b.com", "a@\u0130.com",
		"a\u3002b@c.com", "a@b\u3002com", "a@b\uff0ecom", "\uff41@b.com", "\u00e4@b.com", "a@b\u00fccher.com",
		"a\u200b@b.com", "a@b.com\u202e", "\xff@b.com", "a@b.com\xff",
		strings.Repeat("a", 65) + "@b.org",
		strings.Repeat("a", 32) + "." + strings.Repeat("a", 32) + "@b.org",
		"a@" + strings.Repeat("b", 64) + ".org",
		"a@" + strings.Repeat("b.", 126) + "org",
		strings.Repeat("a", 1<<20),
	} {
		if got, err := normalizeEmail(in); got != "" || err == nil {
			t.Errorf("normalizeEmail(%.80q) = %.80q, %v; want an error", in, got, err)
		}
	}
}

// An accepted address is lower-case ASCII with one @ and without special characters, and
// normalizing it again does not change it.
func FuzzNormalizeEmail(f *testing.F) {
	for _, s := range []string{"Ann+tag@Example.org", `"a@b"@c.org`, "a@b.com\r\nBcc:x", "mi\u212ae@b.com", "a@b..com", "a@[::1]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		email, err := normalizeEmail(s)
		if err != nil {
			return
		}
		if again, err := normalizeEmail(email); again != email || err != nil {
			t.Errorf("%q becomes %q and then %q, error %v", s, email, again, err)
		}
		if len(email) != len(s) || !strings.EqualFold(email, s) || len(email) > maxEmailLength {
			t.Errorf("%q becomes %q, which is another address or too long", s, email)
		}
		if strings.Count(email, "@") != 1 || strings.ContainsAny(email, "ABCDEFGHIJKLMNOPQRSTUVWXYZ \"\\<>()[],;:") {
			t.Errorf("%q becomes %q, which is not plain", s, email)
		}
		for _, c := range []byte(email) {
			if c <= ' ' || c >= 0x7f {
				t.Errorf("%q becomes %q, with the byte %#x", s, email, c)
			}
		}
	})
}

// A text is one line of at most maxTextLength characters.
//
//authgen:if own_text
func TestCheckText(t *testing.T) {
	for text, ok := range map[string]bool{
		"":                                   true,
		"Ann":                                true,
		"Änn 😀 <b>":                          true,
		strings.Repeat("ä", maxTextLength):   true,
		strings.Repeat("ä", maxTextLength+1): false,
		"a\x00b":                             false,
		"a\nb":                               false,
		"a\r\nb":                             false,
		"a\tb":                               false,
		"a\x7f":                              false,
		"a\u0085":                            false,
	} {
		if err := checkText(&text); (err == nil) != ok {
			t.Errorf("checkText(%.20q): error %v, want valid: %t", text, err, ok)
		}
	}
	if err := checkText(nil); err != nil {
		t.Errorf("checkText(nil): error %v", err)
	}
}
