package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxBody is more than the largest valid input takes.
const maxBody = 16 << 10

// fields maps the names that a JSON object may have to where their values go:
// *string, *bool or *int64, or a pointer to one of these for a field that may be
// absent and is then left nil.
type fields map[string]any

// checkType is an error unless the header says that the body is plain JSON.
func checkType(header http.Header) error {
	mediaType, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" || header.Get("Content-Encoding") != "" {
		return errNotJSON
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return errNotJSON
		}
	}
	return nil
}

// parseJSON reads a JSON object into the fields. It is stricter than
// encoding/json, which lets "EMAIL" and "ſ" for "s" fill a field, takes the last
// of two equal names, replaces invalid UTF-8, accepts null for anything, and
// ignores what follows the object: all of which are refused here.
func parseJSON(body []byte, into fields) error {
	if !utf8.Valid(body) {
		return malformed("is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return malformed("is not a JSON object")
	}
	var invalid InputError
	seen := make(map[string]bool, len(into))
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return malformed("is not valid JSON")
		}
		name, _ := token.(string) // of an object, which has no other names
		target, known := into[name]
		if !known {
			return malformed("has a field that is not known here")
		}
		if seen[name] {
			return malformed("has the field " + strconv.Quote(name) + " twice")
		}
		seen[name] = true
		value, err := dec.Token()
		if err != nil {
			return malformed("is not valid JSON")
		}
		if _, nested := value.(json.Delim); nested {
			return malformed("has a list or an object where a plain value belongs")
		}
		invalid.check(name, assign(target, value))
	}
	if _, err := dec.Token(); err != nil {
		return malformed("is not valid JSON")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return malformed("goes on after the object")
	}
	return invalid.err()
}

// malformed says what is wrong with a body as a whole. It repeats no value, and
// no name that the client made up.
func malformed(what string) error {
	return &InputError{Fields: map[string]string{"body": what}}
}

func assign(target, value any) error {
	switch target := target.(type) {
	case *string:
		s, ok := value.(string)
		switch {
		case !ok:
			return errors.New("must be a string")
		case strings.ContainsRune(s, utf8.RuneError):
			// What the decoder makes of half a surrogate pair.
			return errors.New("contains a character that is none")
		}
		*target = s
	case *bool:
		b, ok := value.(bool)
		if !ok {
			return errors.New("must be true or false")
		}
		*target = b
	case *int64:
		number, ok := value.(json.Number)
		n, err := number.Int64()
		if !ok || err != nil {
			return errors.New("must be a whole number")
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
		panic(fmt.Sprintf("auth: no JSON value goes into %T", target))
	}
	return nil
}
