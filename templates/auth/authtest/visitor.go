package authtest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
)

// visitor is a browser, reduced to the session cookie that it holds: which can
// be kept, replayed and forged, as an attacker would.
type visitor struct {
	*site
	account
	cookie string // name of the session cookie
	token  string // value of the session cookie; "" is none
}

// holding returns a visitor with v's account and another session cookie.
func (v *visitor) holding(token string) *visitor {
	other := *v
	other.token = token
	return &other
}

// anonymous returns a visitor without a session.
func (s *site) anonymous() *visitor { return &visitor{site: s} }

// answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	body   string
	// session is the session cookie that the answer sets, nil if none.
	session *http.Cookie
}

// code is the code of a problem.
func (a answer) code() string {
	var p struct{ Code string }
	_ = json.Unmarshal([]byte(a.body), &p)
	return p.Code
}

// comparable returns the answer without what differs between any two.
func (a answer) comparable() answer {
	a.header = maps.Clone(a.header)
	a.header.Del("Date")
	return a
}

// object encodes names and values, one after the other, as a JSON object.
func object(pairs ...any) string {
	fields := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[pairs[i].(string)] = pairs[i+1]
	}
	b, err := json.Marshal(fields)
	if err != nil {
		panic(err) // only a value that is no data could be the reason
	}
	return string(b)
}

// do sends a request to a route of the package, as a page of the application
// would: to any other path if it starts with a slash. The headers are names and
// values, one after the other; an empty value removes the header.
func (v *visitor) do(t testing.TB, method, path, body string, headers ...string) answer {
	t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = v.Path("") + "/" + path
	}
	r, err := http.NewRequestWithContext(t.Context(), method, v.BaseURL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if v.token != "" {
		r.Header.Set("Cookie", v.cookie+"="+v.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header[headers[i]] = []string{headers[i+1]}
		}
	}
	return v.send(t, r)
}

// send sends a request as it is, and takes the session cookie that comes back. It
// does so again when a busy machine asks for that.
func (v *visitor) send(t testing.TB, r *http.Request) answer {
	t.Helper()
	var got answer
	for range 10 {
		if r.GetBody != nil {
			body, err := r.GetBody()
			if err != nil {
				t.Fatal(err)
			}
			r.Body = body
		}
		response, err := v.transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		got = read(t, response)
		if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || r.GetBody == nil {
			break
		}
	}
	v.check(t, r, got)
	if c := got.session; c != nil {
		v.cookie, v.token = c.Name, c.Value
	}
	return got
}

func read(t testing.TB, response *http.Response) answer {
	t.Helper()
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := answer{status: response.StatusCode, header: response.Header, body: string(text)}
	for _, c := range response.Cookies() {
		if strings.HasSuffix(c.Name, "session") && c.HttpOnly {
			got.session = c
		}
	}
	return got
}

// check makes sure of what must be true of every answer.
func (v *visitor) check(t testing.TB, r *http.Request, got answer) {
	t.Helper()
	what := r.Method + " " + r.URL.Path
	if got.status >= 500 && got.status != http.StatusNotImplemented { // which is for a method that nobody knows
		t.Errorf("%s: status %d, body %s", what, got.status, got.body)
	}
	if v.token != "" && strings.Contains(got.body+got.header.Get("Location"), v.token) {
		t.Errorf("%s: the answer contains the session cookie", what)
	}
	if got.header.Get("Set-Cookie") != "" && got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: sets a cookie with Cache-Control %q, want no-store", what, got.header.Get("Cache-Control"))
	}
	if origin := r.Header.Get("Origin"); origin != "" && got.header.Get("Access-Control-Allow-Origin") != "" && origin != v.BaseURL() {
		t.Errorf("%s: lets %s read the answer", what, origin)
	}
	if got.status >= 400 && strings.HasPrefix(r.URL.Path, v.Path("")+"/") {
		for _, text := range []string{"SQL", "sql:", "auth_users", "auth_sessions", "$argon2"} {
			if strings.Contains(got.body, text) {
				t.Errorf("%s: the error contains %q: %s", what, text, got.body)
			}
		}
	}
}

// want is do, and reports an answer with another status.
func (v *visitor) want(t testing.TB, status int, method, path, body string, headers ...string) answer {
	t.Helper()
	got := v.do(t, method, path, body, headers...)
	if got.status != status {
		t.Errorf("%s %s: status %d, want %d; headers %q; body %.300s", method, path, got.status, status, headers, got.body)
	}
	return got
}

// logIn signs in.
func (v *visitor) logIn(t testing.TB) answer {
	t.Helper()
	got := v.do(t, "POST", "login", object("email", v.email, "password", v.password))
	if got.status != http.StatusOK || v.token == "" {
		t.Fatalf("log in: status %d, body %s", got.status, got.body)
	}
	return got
}

// alive checks that the visitor is signed in.
func (v *visitor) alive(t testing.TB, why string) {
	t.Helper()
	if got := v.holding(v.token).do(t, "GET", "me", ""); got.status != http.StatusOK || !strings.Contains(got.body, v.id.String()) {
		t.Errorf("%s: the session is refused: status %d, body %s", why, got.status, got.body)
	}
}

// refused checks that a token is worth nothing.
func (v *visitor) refused(t testing.TB, token, why string) {
	t.Helper()
	got := v.holding(token).do(t, "GET", "me", "")
	if got.status != http.StatusUnauthorized || got.code() != "unauthenticated" {
		t.Errorf("%s: status %d, want 401; body %.300s", why, got.status, got.body)
	}
}
