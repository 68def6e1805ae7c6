package authtest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

// visitor is a browser, reduced to its session cookie, which attacks keep, replay and
// forge.
type visitor struct {
	*site
	account
	cookie string // name of the session cookie
	token  string // value of the session cookie, or ""
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

// problem returns the error that the answer describes in JSON.
func (a answer) problem() auth.Problem {
	var p auth.Problem
	_ = json.Unmarshal([]byte(a.body), &p)
	return p
}

func (a answer) code() string { return a.problem().Code }

// says reports whether the answer is the problem with the code, or a page, which may
// say it in any words.
func (a answer) says(code string) bool {
	return a.code() == code || strings.HasPrefix(a.header.Get("Content-Type"), "text/html")
}

// comparable returns the answer without the headers that differ between equal answers.
func (a answer) comparable() answer {
	a.header = maps.Clone(a.header)
	a.header.Del("Date")
	a.header.Del("Content-Length")
	return a
}

// do sends a request as a page of the application would, and keeps the session cookie
// that the answer sets. The headers are alternating names and values; an empty value
// removes the header.
func (v *visitor) do(t testing.TB, c call, headers ...string) answer {
	t.Helper()
	got, err := v.try(t, c, headers...)
	if err != nil {
		t.Fatal(err)
	}
	v.keep(got)
	return got
}

// try is like do, but several goroutines may call it: it keeps no cookie and returns
// errors.
func (v *visitor) try(t testing.TB, c call, headers ...string) (answer, error) {
	t.Helper()
	r, err := v.request(t, c, headers...)
	if err != nil {
		return answer{}, err
	}
	return v.send(t, c.transport, r)
}

// keep keeps the session cookie that an answer sets.
func (v *visitor) keep(got answer) {
	if c := got.session; c != nil {
		v.cookie, v.token = c.Name, c.Value
	}
}

func (v *visitor) request(t testing.TB, c call, headers ...string) (*http.Request, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), c.method, v.origin+c.path, strings.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if c.body != "" {
		r.Header.Set("Content-Type", c.contentType)
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
	return r, nil
}

// send sends a request, and repeats it if a busy server asks for that.
func (v *visitor) send(t testing.TB, transport *http.Transport, r *http.Request) (answer, error) {
	t.Helper()
	for tries := 1; ; tries++ {
		response, err := transport.RoundTrip(r)
		if err != nil {
			return answer{}, err
		}
		got, err := read(response)
		if err != nil {
			return got, err
		}
		if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || r.GetBody == nil || tries == 10 {
			v.check(t, r, got)
			return got, nil
		}
		if r.Body, err = r.GetBody(); err != nil {
			return got, err
		}
	}
}

func read(response *http.Response) (answer, error) {
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	got := answer{status: response.StatusCode, header: response.Header, body: string(text)}
	for _, c := range response.Cookies() {
		if strings.HasSuffix(c.Name, "session") && c.HttpOnly {
			got.session = c
		}
	}
	return got, err
}

// check checks what must hold for every answer.
func (v *visitor) check(t testing.TB, r *http.Request, got answer) {
	t.Helper()
	what := r.Method + " " + r.URL.Path
	if got.status >= 500 && got.status != http.StatusNotImplemented { // for an unknown method
		t.Errorf("%s: status %d, body %s", what, got.status, got.body)
	}
	if v.token != "" && strings.Contains(got.body+got.header.Get("Location"), v.token) {
		t.Errorf("%s: the answer contains the session cookie", what)
	}
	if got.header.Get("Set-Cookie") != "" && got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: sets a cookie with Cache-Control %q, want no-store", what, got.header.Get("Cache-Control"))
	}
	if origin := r.Header.Get("Origin"); origin != "" && got.header.Get("Access-Control-Allow-Origin") != "" && origin != v.origin {
		t.Errorf("%s: lets %s read the answer", what, origin)
	}
	if got.header.Get("Content-Type") == "application/problem+json" {
		for _, text := range []string{"SQL", "sql:", "auth_users", "auth_sessions", "$argon2"} {
			if strings.Contains(got.body, text) {
				t.Errorf("%s: the error contains %q: %s", what, text, got.body)
			}
		}
	}
}

// success stands for every status of success: the application chooses which one it uses.
const success = 0

// want is like do, and reports an answer with another status.
func (v *visitor) want(t testing.TB, status int, c call, headers ...string) answer {
	t.Helper()
	got := v.do(t, c, headers...)
	switch {
	case status == success && !got.succeeded():
		t.Errorf("%s %s: status %d, want success; headers %q; body %.300s", c.method, c.path, got.status, headers, got.body)
	case status != success && got.status != status:
		t.Errorf("%s %s: status %d, want %d; headers %q; body %.300s", c.method, c.path, got.status, status, headers, got.body)
	}
	return got
}

func (a answer) succeeded() bool {
	return a.status >= 200 && a.status < 300 || a.status == http.StatusSeeOther
}

// logIn logs in.
func (v *visitor) logIn(t testing.TB) answer {
	t.Helper()
	got := v.do(t, v.login.call().with("email", v.email, "password", v.password))
	if !got.succeeded() || got.session == nil || v.token == "" {
		t.Fatalf("login: status %d, session cookie %v, body %s", got.status, got.session, got.body)
	}
	return got
}

// alive checks that the visitor is logged in.
func (v *visitor) alive(t testing.TB, what string) {
	t.Helper()
	if got := v.holding(v.token).do(t, v.me.call()); got.status != http.StatusOK || !strings.Contains(got.body, v.id.String()) {
		t.Errorf("%s: the session is refused: status %d, body %s", what, got.status, got.body)
	}
}

// refused checks that a token is refused.
func (v *visitor) refused(t testing.TB, token, what string) {
	t.Helper()
	got := v.holding(token).do(t, v.me.call())
	if got.status != http.StatusUnauthorized || got.code() != "unauthenticated" {
		t.Errorf("%s: status %d, want 401; body %.300s", what, got.status, got.body)
	}
}
