//authgen:unit json.go

package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// jsonInput has a field of every supported type.
type jsonInput struct {
	Text      string  `json:"text"`
	Flag      bool    `json:"flag"`
	Number    int64   `json:"number"`
	MaybeText *string `json:"maybe_text"`
	MaybeFlag *bool   `json:"maybe_flag"`
	MaybeNum  *int64  `json:"maybe_number"`
}

func (in *jsonInput) fields() Fields {
	return Fields{
		"text": &in.Text, "flag": &in.Flag, "number": &in.Number,
		"maybe_text": &in.MaybeText, "maybe_flag": &in.MaybeFlag, "maybe_number": &in.MaybeNum,
	}
}

// Absent fields are left unchanged.
func TestReadJSON(t *testing.T) {
	var in jsonInput
	if err := readTestBody(strings.NewReader("{}"), nil, false, in.fields()); err != nil || in != (jsonInput{}) {
		t.Errorf("empty object: %+v, error %v", in, err)
	}
	body := ` {"text":"a\u0000\"é😀\ud83d\ude00","flag":true,"number":-9223372036854775808,
		"maybe_text":"","maybe_flag":false,"maybe_number":0}` + "\r\n "
	if err := readTestBody(strings.NewReader(body), nil, false, in.fields()); err != nil {
		t.Fatal(err)
	}
	if in.Text != "a\x00\"é😀😀" || !in.Flag || in.Number != -1<<63 {
		t.Errorf("read %+v", in)
	}
	if in.MaybeText == nil || *in.MaybeText != "" || in.MaybeFlag == nil || *in.MaybeFlag || in.MaybeNum == nil || *in.MaybeNum != 0 {
		t.Errorf("optional fields: read %+v", in)
	}
}

// A body must have the media type of JSON, which a form on another site cannot send.
func TestReadJSONContentType(t *testing.T) {
	for contentType, ok := range map[string]bool{
		"application/json":                          true,
		"Application/JSON":                          true,
		"application/json;charset=utf-8":            true,
		`application/json; charset="UTF-8"`:         true,
		"":                                          false,
		"text/plain":                                false,
		"text/plain; application/json":              false,
		"text/plain;x=application/json":             false,
		"application/json, text/plain":              false,
		"application/jsonx":                         false,
		"application/json-patch+json":               false,
		"application/problem+json":                  false,
		"text/json":                                 false,
		"application/x-www-form-urlencoded":         false,
		"multipart/form-data; boundary=x":           false,
		"application/json; charset=iso-8859-1":      false,
		"application/json; charset=utf-7":           false,
		"application/json; boundary=x":              false,
		"application/json; charset=utf-8; x=y":      false,
		"application/json; charset":                 false,
		"application/json; charset=utf-8; charset=": false,
	} {
		var in jsonInput
		err := readTestBody(strings.NewReader(`{"text":"x"}`), http.Header{"Content-Type": {contentType}}, false, in.fields())
		if want := map[bool]error{true: nil, false: errNotJSON}[ok]; !errors.Is(err, want) {
			t.Errorf("%q: error %v, want %v", contentType, err, want)
		}
		if ok != (in.Text == "x") {
			t.Errorf("%q: read %+v", contentType, in)
		}
	}
	for _, encoding := range []string{"gzip", "deflate", "identity", "gzip, gzip"} {
		var in jsonInput
		if err := readTestBody(strings.NewReader("{}"), http.Header{"Content-Encoding": {encoding}}, false, in.fields()); !errors.Is(err, errNotJSON) {
			t.Errorf("Content-Encoding %s: error %v, want %v", encoding, err, errNotJSON)
		}
	}
	if err := readTestBody(strings.NewReader("{}"), http.Header{"Content-Type": nil}, false, nil); !errors.Is(err, errNotJSON) {
		t.Errorf("without a Content-Type: error %v, want %v", err, errNotJSON)
	}
}

// Input that encoding/json tolerates is refused, and the error does not repeat values that
// the client sent.
func TestReadJSONRefuses(t *testing.T) {
	const canary = "canary"
	for name, test := range map[string]struct{ body, field string }{
		"empty":                {"", "body"},
		"only space":           {" \n", "body"},
		"null":                 {"null", "body"},
		"true":                 {"true", "body"},
		"number":               {"1", "body"},
		"string":               {`"canary"`, "body"},
		"array":                {`[]`, "body"},
		"array of object":      {`[{"text":"canary"}]`, "body"},
		"byte order mark":      {"\ufeff{}", "body"},
		"UTF-16":               {"\xff\xfe{\x00}\x00", "body"},
		"NUL":                  {"{}\x00", "body"},
		"unknown field":        {`{"other":"canary"}`, "other"},
		"unknown null":         {`{"role":null}`, "role"},
		"empty name":           {`{"":1}`, ""},
		"upper case":           {`{"TEXT":"canary"}`, "TEXT"},
		"title case":           {`{"Text":"canary"}`, "Text"},
		"long s":               {`{"te\u017ft":"canary"}`, "te\u017ft"},
		"space in the name":    {`{"text ":"canary"}`, "text "},
		"NUL in the name":      {`{"text\u0000":"canary"}`, "text\x00"},
		"duplicate":            {`{"text":"canary","text":"canary"}`, "text"},
		"duplicate, escaped":   {`{"text":"canary","te\u0078t":"canary"}`, "text"},
		"duplicate flag":       {`{"flag":false,"flag":true}`, "flag"},
		"trailing bytes":       {`{"text":"canary"}x`, "body"},
		"trailing brace":       {`{"text":"canary"}}`, "body"},
		"second document":      {`{"text":"canary"}{"text":"canary"}`, "body"},
		"second line":          {`{"text":"canary"}` + "\n{}", "body"},
		"trailing comma":       {`{"text":"canary",}`, "body"},
		"leading comma":        {`{,"text":"canary"}`, "body"},
		"comma, not colon":     {`{"text","canary"}`, "body"},
		"no comma":             {`{"text":"canary" "flag":true}`, "body"},
		"no colon":             {`{"text" "canary"}`, "body"},
		"two colons":           {`{"text"::"canary"}`, "body"},
		"no value":             {`{"text":}`, "body"},
		"only a name":          {`{"text"}`, "body"},
		"unquoted name":        {`{text:"canary"}`, "body"},
		"single quotes":        {`{'text':'canary'}`, "body"},
		"comment":              {`{"text":"canary"/**/}`, "body"},
		"unclosed":             {`{"text":"canary"`, "body"},
		"wrong bracket":        {`{"text":"canary"]`, "body"},
		"unclosed string":      {`{"text":"canary`, "body"},
		"line break":           {"{\"text\":\"canary\n\"}", "body"},
		"unknown escape":       {`{"text":"canary\x41"}`, "body"},
		"invalid UTF-8":        {"{\"text\":\"canary\xff\"}", "body"},
		"invalid UTF-8 name":   {"{\"text\xfe\":\"canary\"}", "body"},
		"surrogate in UTF-8":   {"{\"text\":\"canary\xed\xa0\x80\"}", "body"},
		"overlong":             {"{\"text\":\"canary\xc0\x80\"}", "body"},
		"list":                 {`{"text":["canary"]}`, "body"},
		"object":               {`{"text":{"text":"canary"}}`, "body"},
		"unknown after known":  {`{"text":"canary","role":"admin"}`, "role"},
		"long name":            {`{"` + strings.Repeat("x", 65) + `":"canary"}`, "body"},
		"prototype":            {`{"__proto__":"canary"}`, "__proto__"},
		"deep lists":           {`{"text":` + strings.Repeat("[", 10_000), "body"},
		"deep objects":         {strings.Repeat(`{"text":`, 1000), "body"},
		"lone surrogate":       {`{"text":"canary\ud800"}`, "text"},
		"low surrogate":        {`{"text":"\udc00canary"}`, "text"},
		"swapped surrogates":   {`{"text":"canary\udc00\ud800"}`, "text"},
		"maybe lone surrogate": {`{"maybe_text":"canary\ud800"}`, "maybe_text"},
		"null for text":        {`{"text":null}`, "text"},
		"null for maybe text":  {`{"maybe_text":null}`, "maybe_text"},
		"null for flag":        {`{"flag":null}`, "flag"},
		"null for number":      {`{"number":null}`, "number"},
		"number for text":      {`{"text":0}`, "text"},
		"true for text":        {`{"text":true}`, "text"},
		"text for flag":        {`{"flag":"canary"}`, "flag"},
		"number for flag":      {`{"flag":1}`, "flag"},
		"text for number":      {`{"number":"1"}`, "number"},
		"true for number":      {`{"number":true}`, "number"},
		"fraction":             {`{"number":1.5}`, "number"},
		"exponent":             {`{"number":1e2}`, "number"},
		"out of range":         {`{"number":9223372036854775808}`, "number"},
		"huge":                 {`{"number":1e9999}`, "number"},
		"maybe huge":           {`{"maybe_number":1e9999}`, "maybe_number"},
		"leading zero":         {`{"number":01}`, "body"},
		"not a number":         {`{"number":NaN}`, "body"},
	} {
		var in jsonInput
		err := readTestBody(strings.NewReader(test.body), nil, false, in.fields())
		var invalid *InputError
		if !errors.As(err, &invalid) || len(invalid.Fields) != 1 || invalid.Fields[test.field].Code == "" {
			t.Errorf("%s: error %v, want one about %q", name, err, test.field)
			continue
		}
		if strings.Contains(err.Error(), canary) {
			t.Errorf("%s: error %q repeats the input", name, err)
		}
	}
}

// The error names all invalid fields.
func TestReadJSONNamesAllFields(t *testing.T) {
	var in jsonInput
	err := readTestBody(strings.NewReader(`{"text":1,"flag":1,"number":1}`), nil, false, in.fields())
	var invalid *InputError
	if !errors.As(err, &invalid) || len(invalid.Fields) != 2 || invalid.Fields["text"].Code == "" || invalid.Fields["flag"].Code == "" {
		t.Errorf("error %v, want one about text and flag", err)
	}
}

// A body has at most maxBody bytes, whatever its Content-Length, and must be complete.
func TestReadJSONSize(t *testing.T) {
	object := func(size int) io.Reader {
		const frame = `{"text":""}`
		return strings.NewReader(`{"text":"` + strings.Repeat("x", size-len(frame)) + `"}`)
	}
	for size, want := range map[int]error{maxBody: nil, maxBody + 1: errTooLarge, 1<<20 + 1: errTooLarge} {
		var in jsonInput
		if err := readTestBody(object(size), nil, false, in.fields()); !errors.Is(err, want) {
			t.Errorf("%d bytes: error %v, want %v", size, err, want)
		}
		// Without a Content-Length, and in small pieces.
		if err := readTestBody(iotest.HalfReader(object(size)), nil, false, in.fields()); !errors.Is(err, want) {
			t.Errorf("%d bytes in pieces: error %v, want %v", size, err, want)
		}
	}
	var invalid *InputError
	broken := io.MultiReader(strings.NewReader(`{"text":"x"}`), iotest.ErrReader(io.ErrUnexpectedEOF))
	if err := readTestBody(broken, nil, false, new(jsonInput).fields()); !errors.As(err, &invalid) || invalid.Fields["body"].Code == "" {
		t.Errorf("connection lost: error %v, want one about the body", err)
	}
}

// encoding/json reads the same values from accepted input.
func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{
		`{"text":"a","flag":true,"number":1,"maybe_text":"b","maybe_flag":false,"maybe_number":-0}`,
		`{"text":"\ud83d\ude00\u2028\/","number":9223372036854775807}`, `{"TEXT":"a"}`, `{"text":null}`, `{"text":"a"}{}`,
		`{"flag":[]}`, `{"text":"\ud800"}`, "{\"text\":\"\xff\"}", " {\t}\r\n", `{"number":1.0}`, `{"number":1E2,"text"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var got, want jsonInput
		if err := parseJSON(body, got.fields()); err != nil {
			if invalid := (*InputError)(nil); !errors.As(err, &invalid) {
				t.Errorf("error %v is not an InputError", err)
			}
			return
		}
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&want); err != nil || !json.Valid(body) {
			t.Fatalf("accepted, but encoding/json returns error %v", err)
		}
		gotJSON, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		wantJSON, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(gotJSON, wantJSON) {
			t.Errorf("read %s, but encoding/json reads %s", gotJSON, wantJSON)
		}
	})
}
