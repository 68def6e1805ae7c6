package auth

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxEmailLength = 254 // RFC 5321

var errEmail = FieldError{"not_an_address", "is not an e-mail address"}

func tooLong(most int) FieldError {
	return FieldError{"too_long", fmt.Sprintf("is too long, use at most %d characters", most)}
}

// normalizeEmail returns an address in the form in which it is kept and
// compared: lower case. Only plain ASCII addresses are accepted: no display
// name, no quotes, no comments, no address literals, and no letters from other
// scripts, since lower-casing those can turn one address into another.
func normalizeEmail(s string) (string, error) {
	if s == "" {
		return "", errMissing
	}
	if len(s) > maxEmailLength {
		return "", tooLong(maxEmailLength)
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(local) > 64 || !dotted(local, 64, isLocalByte) {
		return "", errEmail
	}
	if !strings.Contains(domain, ".") || !dotted(domain, 63, isDomainByte) {
		return "", errEmail
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label[0] == '-' || label[len(label)-1] == '-' {
			return "", errEmail
		}
	}
	if last := domain[strings.LastIndexByte(domain, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return "", errEmail // an IP address
	}
	return strings.ToLower(s), nil
}

// dotted reports whether s is made of parts, joined by dots, that have between
// one and most bytes, all of them valid.
func dotted(s string, most int, valid func(byte) bool) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || len(part) > most {
			return false
		}
		for i := range len(part) {
			if !valid(part[i]) {
				return false
			}
		}
	}
	return true
}

func isDomainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
}

func isLocalByte(c byte) bool {
	return isDomainByte(c) || strings.IndexByte("!#$%&'*+/=?^_`{|}~", c) >= 0
}

// maxTextLength is in code points.
//
//authgen:if own_text
const maxTextLength = 500

// checkText returns what is wrong with a text that users may fill in freely: it
// is a line, and not too long. Absent is right.
//
//authgen:if own_text
func checkText(s *string) error {
	if s == nil {
		return nil
	}
	if utf8.RuneCountInString(*s) > maxTextLength {
		return tooLong(maxTextLength)
	}
	if strings.ContainsFunc(*s, unicode.IsControl) {
		return FieldError{"control_character", "contains a control character"}
	}
	return nil
}
