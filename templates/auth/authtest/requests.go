package authtest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

func crossSite(t *testing.T, member *visitor) {
	for _, r := range routes() {
		if !r.unsafe() {
			continue
		}
		for _, site := range []string{"cross-site", "same-site", "bogus", "same-origin, cross-site"} {
			got := member.want(t, http.StatusForbidden, r.method, r.path, r.body, "Sec-Fetch-Site", site)
			if got.code() != "cross_origin" {
				t.Errorf("%s %s with Sec-Fetch-Site %s: code %q, want cross_origin", r.method, r.path, site, got.code())
			}
		}
	}
	// With the right body, the visitor would be somebody else now.
	v := member.holding("")
	got := v.want(t, http.StatusForbidden, "POST", "login", object("email", v.email, "password", v.password), "Sec-Fetch-Site", "cross-site")
	if got.session != nil {
		t.Errorf("a log-in from another site sets the cookie %q", got.session.Raw)
	}
}

func crossOrigin(t *testing.T, member *visitor) {
	own := member.BaseURL()
	scheme, host, _ := strings.Cut(own, "://")
	name, _, _ := strings.Cut(host, ":")
	origins := []string{
		"null", "https://evil.example", scheme + "://sub." + host, own + ".evil.example", scheme + "://evil" + host,
		scheme + "://" + name + ":4433", "ftp://" + host, strings.ToUpper(own), own + "/", "garbage", host,
	}
	if scheme == "https" {
		origins = append(origins, "http://"+host)
	}
	for _, r := range routes() {
		if !r.unsafe() {
			continue
		}
		for _, origin := range origins {
			got := member.want(t, http.StatusForbidden, r.method, r.path, r.body, "Sec-Fetch-Site", "", "Origin", origin)
			if got.code() != "cross_origin" {
				t.Errorf("%s %s with Origin %s: code %q, want cross_origin", r.method, r.path, origin, got.code())
			}
		}
	}
	v := member.holding("")
	v.want(t, http.StatusOK, "POST", "login", object("email", v.email, "password", v.password), "Sec-Fetch-Site", "", "Origin", own)
}

func undeclaredJSON(t *testing.T, member *visitor) {
	for _, r := range routes() {
		if r.body == "" {
			continue
		}
		v := member.holding(member.token)
		//authgen:if signup
		if r.path == "signup" {
			v = member.anonymous()
		}
		//authgen:end
		for _, contentType := range []string{
			"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
			"text/plain; application/json", "application/jsonx", "application/json; charset=utf-16", "application/json, text/plain",
		} {
			got := v.do(t, r.method, r.path, r.body, "Content-Type", contentType)
			if strings.HasPrefix(contentType, "multipart/") && got.status == http.StatusBadRequest && got.code() != "invalid_input" {
				continue // by a server that looks at forms before anybody asks for them
			}
			// Routes that this user may not call at all say that first.
			if got.status != http.StatusUnsupportedMediaType && got.status != http.StatusForbidden {
				t.Errorf("%s %s with Content-Type %q: status %d, want 415", r.method, r.path, contentType, got.status)
			}
		}
	}
}

func safeMethods(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	before := v.want(t, http.StatusOK, "GET", "me", "").body
	for _, r := range routes() {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			v.do(t, method, r.path, "", "Sec-Fetch-Site", "cross-site")
			v.do(t, method, r.path+"?_method="+r.method, "", "Sec-Purpose", "prefetch", "X-Http-Method-Override", r.method)
		}
	}
	v.alive(t, "after safe requests to every route")
	if after := v.want(t, http.StatusOK, "GET", "me", "").body; after != before {
		t.Errorf("the account was %s and is %s", before, after)
	}
}

func otherMethods(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	registered := make(map[string]bool)
	for _, r := range routes() {
		registered[r.method+" "+r.path] = true
		if r.method == "GET" {
			registered["HEAD "+r.path] = true
		}
	}
	for _, r := range routes() {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "FOO"} {
			if registered[method+" "+r.path] {
				continue
			}
			got := v.do(t, method, r.path, "")
			if method == "OPTIONS" && got.status == http.StatusNoContent && got.header.Get("Allow") != "" {
				continue // some routers tell which methods there are
			}
			// Where the application serves all paths that nothing else serves,
			// this is one of them.
			unknown := v.do(t, method, "no-such-route", "")
			if got.status != http.StatusMethodNotAllowed && got.status != unknown.status {
				t.Errorf("%s %s: status %d, want 405", method, r.path, got.status)
			}
			//authgen:if !gin
			// A method that the router has never heard of is not allowed anywhere.
			if got.status == http.StatusMethodNotAllowed && got.header.Get("Allow") == "" && unknown.status != got.status {
				t.Errorf("%s %s: 405 without Allow", method, r.path)
			}
			//authgen:end
			if strings.Contains(got.body, v.email) {
				t.Errorf("%s %s: the answer is about the user: %s", method, r.path, got.body)
			}
		}
	}
	v.alive(t, "after requests with other methods")
}

func headWithoutSession(t *testing.T, member *visitor) {
	member.anonymous().want(t, http.StatusUnauthorized, "HEAD", "me", "")
	if got := member.want(t, http.StatusOK, "HEAD", "me", ""); got.body != "" {
		t.Errorf("HEAD me: body %q", got.body)
	}
}

func trustedHeaders(t *testing.T, member *visitor) {
	own := member.want(t, http.StatusOK, "GET", "me", "").body
	me := member.Path("me")
	for _, header := range [][2]string{
		{"X-Middleware-Subrequest", strings.Repeat("middleware:", 4) + "middleware"},
		{"X-Http-Method-Override", "DELETE"},
		{"X-Method-Override", "DELETE"},
		{"X-Original-Url", me},
		{"X-Rewrite-Url", me},
		{"X-Forwarded-Prefix", member.Path("")},
		{"X-Forwarded-Uri", me},
		{"X-Forwarded-User", member.email},
		{"X-User-Id", member.id.String()},
		{"X_User_Id", member.id.String()},
		{"X-Webauth-User", member.email},
		{"Remote-User", member.email},
		{"Authorization", "Basic YWRtaW46YWRtaW4="},
		{"X-Forwarded-For", "127.0.0.1"},
	} {
		member.anonymous().want(t, http.StatusUnauthorized, "GET", "me", "", header[0], header[1])
		if got := member.do(t, "GET", "me", "", header[0], header[1]); got.status != http.StatusOK || got.body != own {
			t.Errorf("with %s: status %d, body %s", header[0], got.status, got.body)
		}
	}
}

func malformedJSON(t *testing.T, member *visitor) {
	const canary = "canary-in-a-value"
	email, password := member.email, member.password
	valid := object("email", email, "password", password)
	v := member.holding("")
	for name, in := range map[string]string{
		"unknown key":       object("email", email, "password", password, "x", canary),
		"duplicate key":     `{"email":"` + canary + `",` + valid[1:],
		"other case":        `{"EMAIL":"` + email + `","password":"` + password + `"}`,
		"long s":            `{"email":"` + email + `","pa` + "\u017f\u017f" + `word":"` + password + `"}`,
		"trailing bytes":    valid + canary,
		"second document":   valid + valid,
		"null":              "null",
		"string":            `"` + canary + `"`,
		"array":             "[" + valid + "]",
		"byte order mark":   "\ufeff" + valid,
		"invalid UTF-8":     `{"email":"` + "\xff" + `","password":"` + password + `"}`,
		"lone surrogate":    `{"email":"\ud800","password":"` + password + `"}`,
		"deep":              strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"deep value":        `{"email":` + strings.Repeat(`{"a":`, 1500) + "1" + strings.Repeat("}", 1500) + "}",
		"number for string": `{"email":1,"password":"` + password + `"}`,
		"large number":      `{"email":1e9999,"password":"` + password + `"}`,
		"unfinished":        strings.TrimSuffix(valid, "}"),
		"no body":           " ",
	} {
		got := v.want(t, http.StatusBadRequest, "POST", "login", in)
		if got.code() != "invalid_input" || got.session != nil {
			t.Errorf("%s: code %q, want invalid_input; session cookie %v", name, got.code(), got.session)
		}
		for _, value := range []string{canary, email, password} {
			if strings.Contains(got.body, value) {
				t.Errorf("%s: the answer repeats a value: %s", name, got.body)
			}
		}
	}
}

func largeBody(t *testing.T, member *visitor) {
	// As much as a server reads to its end before it answers, so that the answer
	// arrives.
	in := object("email", member.email, "password", strings.Repeat("a", 128<<10))
	v := member.anonymous()
	v.want(t, http.StatusRequestEntityTooLarge, "POST", "login", in)

	chunked, err := http.NewRequestWithContext(t.Context(), "POST", v.BaseURL()+v.Path("login"), io.MultiReader(strings.NewReader(in)))
	if err != nil {
		t.Fatal(err)
	}
	chunked.Header.Set("Content-Type", "application/json")
	chunked.Header.Set("Sec-Fetch-Site", "same-origin")
	if got := v.send(t, chunked); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("in chunks: status %d, want 413", got.status)
	}
}

func shortBody(t *testing.T, member *visitor) {
	in := object("email", member.email, "password", member.password)
	_, host, _ := strings.Cut(member.BaseURL(), "://")
	got := member.raw(t, "POST "+member.Path("login")+" HTTP/1.1\r\nHost: "+host+
		"\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: 16000\r\n\r\n"+in)
	if got.status != http.StatusBadRequest || got.session != nil {
		t.Errorf("status %d, want 400; session cookie %v", got.status, got.session)
	}
}

// raw sends bytes that no client would send.
func (s *site) raw(t testing.TB, request string) answer {
	t.Helper()
	conn, err := s.transport.DialContext(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if config := s.transport.TLSClientConfig; config != nil {
		conn = tls.Client(conn, config)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	// A server takes the end for a client that went away: only what ends early
	// has one.
	if !strings.HasSuffix(request, "\r\n\r\n") {
		if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	method, _, _ := strings.Cut(request, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response)
}

var _ interface{ CloseWrite() error } = (*net.TCPConn)(nil)

func encodedBody(t *testing.T, member *visitor) {
	in := object("email", member.email, "password", member.password)
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	if _, err := io.WriteString(w, in); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	v := member.holding("")
	v.want(t, http.StatusUnsupportedMediaType, "POST", "login", compressed.String(), "Content-Encoding", "gzip")
	v.want(t, http.StatusUnsupportedMediaType, "POST", "login", in, "Content-Encoding", "identity")

	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	for name, value := range map[string]string{"email": member.email, "password": member.password} {
		if err := parts.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	v.want(t, http.StatusUnsupportedMediaType, "POST", "login", form.String(), "Content-Type", parts.FormDataContentType())
}

func sqlInInput(t *testing.T, member *visitor) {
	v := member.holding("")
	for _, email := range []string{"o'or'1'='1@example.org", "%@example.org"} {
		v.want(t, http.StatusUnauthorized, "POST", "login", object("email", email, "password", v.password))
	}
	for _, email := range []string{"' OR 1=1 --", member.email + "' --", `x"; DROP TABLE auth_users; --@example.org`} {
		v.want(t, http.StatusBadRequest, "POST", "login", object("email", email, "password", v.password))
	}
	v.refused(t, "'%20OR%201=1%20--", "SQL in the cookie")
	paths := []string{"me/'%20OR%201=1%20--"}
	//authgen:if session_database
	paths = append(paths, "sessions/'%20OR%201=1%20--", "sessions/%25")
	//authgen:end
	//authgen:if manage_users
	paths = append(paths, "users/'%20OR%201=1%20--", "users/%25")
	//authgen:end
	for _, path := range paths {
		for _, method := range []string{"GET", "DELETE"} {
			if got := member.do(t, method, path, ""); got.status < 400 || strings.Contains(got.body, member.id.String()) {
				t.Errorf("%s %s: status %d, body %s", method, path, got.status, got.body)
			}
		}
	}
}

func nulInInput(t *testing.T, member *visitor) {
	for _, email := range []string{"\x00", "a\x00@example.org", member.email + "\x00", "a@example.org\r\nBcc: b@example.org"} {
		member.anonymous().want(t, http.StatusBadRequest, "POST", "login", object("email", email, "password", member.password))
	}
	//authgen:if own_profile
	var me map[string]any
	if err := json.Unmarshal([]byte(member.want(t, http.StatusOK, "GET", "me", "").body), &me); err != nil {
		t.Fatal(err)
	}
	// Some fields are no texts, and some cannot be changed at all.
	for name := range me {
		if got := member.do(t, "PATCH", "me", object(name, "a\x00b")); got.status < 400 {
			t.Errorf("a NUL in %s: status %d, want 400", name, got.status)
		}
	}
	//authgen:end
}

func securityHeaders(t *testing.T, member *visitor) {
	v := member.signIn(t, member.account)
	for what, got := range map[string]answer{
		"200": v.want(t, http.StatusOK, "GET", "me", ""),
		"204": v.want(t, http.StatusNoContent, "POST", "reauthenticate", object("password", v.password)),
		"400": v.want(t, http.StatusBadRequest, "POST", "login", "{"),
		"401": member.anonymous().want(t, http.StatusUnauthorized, "GET", "me", ""),
		"403": v.want(t, http.StatusForbidden, "POST", "logout", "", "Sec-Fetch-Site", "cross-site"),
		"415": v.want(t, http.StatusUnsupportedMediaType, "POST", "login", "{}", "Content-Type", "text/plain"),
	} {
		for name, want := range map[string]string{
			"Cache-Control":                "no-store",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"X-Frame-Options":              "DENY",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := got.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", what, name, got, want)
			}
		}
		policy := got.header.Get("Content-Security-Policy")
		for _, directive := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, directive) {
				t.Errorf("%s: Content-Security-Policy is %q, without %s", what, policy, directive)
			}
		}
		transport := got.header.Get("Strict-Transport-Security")
		if strings.HasPrefix(v.BaseURL(), "https:") != strings.Contains(transport, "max-age=31536000; includeSubDomains") {
			t.Errorf("%s: Strict-Transport-Security is %q under %s", what, transport, v.BaseURL())
		}
		if contentType := got.header.Get("Content-Type"); got.body != "" && contentType != "application/json" && contentType != "application/problem+json" {
			t.Errorf("%s: Content-Type is %q", what, contentType)
		}
		for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
			if value := got.header.Get(name); value != "" {
				t.Errorf("%s: %s is %q, want none", what, name, value)
			}
		}
	}
}

func cachedAnswers(t *testing.T, member *visitor) {
	for _, path := range []string{"me/x.css", "me/", "me.json", "me;x.css", "me%2fx.css", "me%00"} {
		got := member.do(t, "GET", path, "")
		if path == "me/" && got.header.Get("Cache-Control") == "no-store" {
			continue // some routers do not care about a slash at the end, and caches do not for this path
		}
		if got.status < 300 || strings.Contains(got.body, member.email) {
			t.Errorf("GET %s: status %d, body %.300s", path, got.status, got.body)
		}
	}
}

func clearedBrowser(t *testing.T, member *visitor) {
	v := member.signIn(t, member.account)
	got := v.want(t, http.StatusNoContent, "POST", "logout", "")
	clears := got.header.Get("Clear-Site-Data")
	if !strings.Contains(clears, `"cache"`) || !strings.Contains(clears, `"storage"`) {
		t.Errorf("Clear-Site-Data is %q", clears)
	}
	if got.header.Get("Cache-Control") != "no-store" || got.session == nil || got.session.MaxAge >= 0 {
		t.Errorf("Cache-Control is %q, the session cookie %v", got.header.Get("Cache-Control"), got.session)
	}
}
