package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxBody is larger than any valid input.
const maxBody = 16 << 10

// Fields maps the names of the fields that a body may have to the destinations of
// their values: *string, *bool or *int64, or a pointer to one of these, which stays
// nil if the field is absent.
type Fields map[string]any

// isType reports whether the header declares a body of the media type want, in
// UTF-8 and not compressed.
func isType(header http.Header, want string) bool {
	mediaType, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || mediaType != want || header.Get("Content-Encoding") != "" {
		return false
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}

// readBody reads the body of a request, up to maxBody.
//
//authgen:if http_request
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return nil, errTooLarge
		}
		return nil, errCutOff
	}
	return body, nil
}

// parseJSON parses a JSON object into the fields. It is stricter than
// encoding/json: it refuses names in another case ("EMAIL", or "ſ" for "s"),
// duplicate names, invalid UTF-8, null, and data after the object.
func parseJSON(body []byte, into Fields) error {
	if !utf8.Valid(body) {
		return malformed("not_utf8", "is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return malformed("not_an_object", "is not a JSON object")
	}
	var invalid InputError
	seen := make(map[string]bool, len(into))
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return errNotValidJSON
		}
		name, _ := token.(string) // the names in an object are always strings
		value, err := dec.Token()
		if err != nil {
			return errNotValidJSON
		}
		if _, nested := value.(json.Delim); nested {
			return malformed("nested", "has a list or object where a string, number or boolean is expected")
		}
		if into.takes(&invalid, seen, name) {
			invalid.check(name, assign(into[name], value))
		}
	}
	if _, err := dec.Token(); err != nil {
		return errNotValidJSON
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return malformed("trailing_data", "has data after the object")
	}
	return invalid.err()
}

// parseForm parses the urlencoded body of an HTML form into the fields, as strictly
// as parseJSON. A checkbox is true if the form contains it.
func parseForm(body []byte, into Fields) error {
	values, err := url.ParseQuery(string(body))
	if err != nil || !utf8.Valid(body) {
		return malformed("not_a_form", "is not a form")
	}
	var invalid InputError
	seen := make(map[string]bool, len(into))
	for name, texts := range values {
		for _, text := range texts {
			if into.takes(&invalid, seen, name) {
				invalid.check(name, assignText(into[name], text))
			}
		}
	}
	return invalid.err()
}

// takes reports whether the field may be set, and otherwise records why not.
func (f Fields) takes(invalid *InputError, seen map[string]bool, name string) bool {
	_, known := f[name]
	switch {
	case len(name) > 64 || !utf8.ValidString(name):
		invalid.check("body", FieldError{"unknown", "has an unknown field with an invalid name"})
	case !known:
		invalid.check(name, FieldError{"unknown", "is not a known field"})
	case seen[name]:
		invalid.check(name, FieldError{"duplicate", "is there twice"})
	default:
		seen[name] = true
		return true
	}
	return false
}

// malformed returns an error about the body as a whole.
func malformed(code, what string) error { return NewInputError("body", code, what) }

var (
	errNotValidJSON = malformed("not_json", "is not valid JSON")
	errCutOff       = malformed("cut_off", "could not be read to its end")
)

// assign stores a decoded JSON value in target, a value of [Fields].
func assign(target, value any) error {
	switch target := target.(type) {
	case *string:
		s, ok := value.(string)
		if !ok {
			return FieldError{"wrong_type", "must be a string"}
		}
		// The decoder replaces half of a surrogate pair with it.
		if strings.ContainsRune(s, utf8.RuneError) {
			return FieldError{"not_text", "contains an invalid character"}
		}
		*target = s
	case *bool:
		b, ok := value.(bool)
		if !ok {
			return FieldError{"wrong_type", "must be true or false"}
		}
		*target = b
	case *int64:
		number, ok := value.(json.Number)
		n, err := number.Int64()
		if !ok || err != nil {
			return FieldError{"wrong_type", "must be a whole number"}
		}
		*target = n
	case **string:
		*target = new(string)
		return assign(*target, value)
	case **bool:
		*target = new(bool)
		return assign(*target, value)
	case **int64:
		*target = new(int64)
		return assign(*target, value)
	default:
		panic(fmt.Sprintf("auth: a field cannot be read into %T", target))
	}
	return nil
}

// assignText stores the value of a form field in target, a value of [Fields].
func assignText(target any, text string) error {
	var value any = text
	switch target.(type) {
	case *bool, **bool:
		switch text {
		case "on", "true":
			value = true
		case "", "false":
			value = false
		}
	case *int64, **int64:
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			value = json.Number(text)
		}
	}
	return assign(target, value)
}

const maxEmailLength = 254 // RFC 5321

var errEmail = FieldError{"not_an_address", "is not an e-mail address"}

func tooLong(most int) FieldError {
	return FieldError{"too_long", fmt.Sprintf("is too long, use at most %d characters", most)}
}

// normalizeEmail returns an address in lower case, the form in which addresses are
// stored and compared. It accepts plain ASCII addresses only: no display name, no
// quotes, no comments, no address literals, and no other letters, since converting
// those to lower case can turn one address into another.
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

// dotted reports whether s consists of parts, joined by dots, of one to most valid
// bytes each.
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

// maxTextLength is the maximum length of a profile text, in code points.
//
//authgen:if own_text
const maxTextLength = 500

// checkText returns an error if a profile text is too long or is not a single line.
// It accepts nil.
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
