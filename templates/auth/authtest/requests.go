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
	for _, e := range member.table {
		if !member.refusesOrigins(e) {
			continue
		}
		c, _ := member.harmless(e)
		for _, site := range []string{"cross-site", "same-site", "bogus", "same-origin, cross-site"} {
			got := member.want(t, http.StatusForbidden, c, "Sec-Fetch-Site", site)
			if got.code() != "cross_origin" {
				t.Errorf("%s %s with Sec-Fetch-Site %s: code %q, want cross_origin", c.method, c.path, site, got.code())
			}
		}
	}
	// Even with valid credentials, or another site could choose who is logged in.
	v := member.holding("")
	got := v.want(t, http.StatusForbidden, v.login.call().with("email", v.email, "password", v.password), "Sec-Fetch-Site", "cross-site")
	if got.session != nil {
		t.Errorf("a login from another site sets the cookie %q", got.session.Raw)
	}
}

func crossOrigin(t *testing.T, member *visitor) {
	own := member.origin
	scheme, host, _ := strings.Cut(own, "://")
	name, _, _ := strings.Cut(host, ":")
	origins := []string{
		"null", "https://evil.example", scheme + "://sub." + host, own + ".evil.example", scheme + "://evil" + host,
		scheme + "://" + name + ":4433", "ftp://" + host, strings.ToUpper(own), own + "/", "garbage", host,
	}
	if scheme == "https" {
		origins = append(origins, "http://"+host)
	}
	for _, e := range member.table {
		if !member.refusesOrigins(e) {
			continue
		}
		c, _ := member.harmless(e)
		for _, origin := range origins {
			got := member.want(t, http.StatusForbidden, c, "Sec-Fetch-Site", "", "Origin", origin)
			if got.code() != "cross_origin" {
				t.Errorf("%s %s with Origin %s: code %q, want cross_origin", c.method, c.path, origin, got.code())
			}
		}
	}
	v := member.holding("")
	v.want(t, success, v.login.call().with("email", v.email, "password", v.password), "Sec-Fetch-Site", "", "Origin", own)
}

// otherReaders relies on the check of every answer: none may have a header that lets the
// origin read it.
func otherReaders(t *testing.T, member *visitor) {
	for _, e := range member.table {
		c := e.call()
		for _, origin := range []string{"null", "https://evil.example", member.origin + ".evil.example"} {
			if !e.unsafe() && !member.strange(c.method, c.path) {
				member.do(t, c, "Sec-Fetch-Site", "same-site", "Origin", origin)
			}
			member.do(t, c.by(http.MethodOptions), "Sec-Fetch-Site", "same-site", "Origin", origin,
				"Access-Control-Request-Method", e.Method, "Access-Control-Request-Headers", "content-type")
		}
	}
}

func otherHosts(t *testing.T, member *visitor) {
	if strings.HasPrefix(member.origin, "https:") {
		return
	}
	for _, e := range member.table {
		if member.AllowsCrossOrigin(e.Name) {
			continue
		}
		c, _ := member.harmless(e)
		r, err := member.request(t, c)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "evil.example:8080"
		got, err := member.send(t, c.transport, r)
		if err != nil {
			t.Fatal(err)
		}
		if got.status != http.StatusMisdirectedRequest || got.session != nil {
			t.Errorf("%s %s for the host %s: status %d, want 421", c.method, c.path, r.Host, got.status)
		}
	}
}

func undeclaredJSON(t *testing.T, member *visitor) {
	for _, e := range member.table {
		c, body := member.harmless(e)
		if !body {
			continue
		}
		v := member.holding(member.token)
		if e.Name == "signup" {
			v = member.anonymous()
		}
		others := []string{
			"", "text/plain", "multipart/form-data; boundary=x", "text/plain; application/json", "application/jsonx",
			"application/json; charset=utf-16", "application/json, text/plain",
		}
		if e.Form {
			others = append(others, "application/json", "application/x-www-form-urlencoded; charset=utf-16")
		} else {
			others = append(others, "application/x-www-form-urlencoded")
		}
		for _, contentType := range others {
			got := v.do(t, c, "Content-Type", contentType)
			if strings.HasPrefix(contentType, "multipart/") && got.status == http.StatusBadRequest && got.code() != "invalid_input" {
				continue // some servers parse forms before the handler does
			}
			// A route that this user may not call says so first.
			if got.status != http.StatusUnsupportedMediaType && got.status != http.StatusForbidden {
				t.Errorf("%s %s with Content-Type %q: status %d, want 415", c.method, c.path, contentType, got.status)
			}
		}
	}
}

func safeMethods(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	before := v.want(t, http.StatusOK, v.me.call()).body
	for _, e := range v.table {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			c := e.call().by(method)
			if v.strange(method, c.path) {
				continue
			}
			v.do(t, c, "Sec-Fetch-Site", "cross-site")
			v.do(t, c.plus("?_method="+e.Method), "Sec-Purpose", "prefetch", "X-Http-Method-Override", e.Method)
		}
	}
	v.alive(t, "after safe requests to every route")
	if after := v.want(t, http.StatusOK, v.me.call()).body; after != before {
		t.Errorf("the account changed from %s to %s", before, after)
	}
}

func otherMethods(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	for _, e := range v.table {
		c := e.call()
		nowhere := c
		nowhere.path = c.path[:strings.LastIndexByte(c.path, '/')] + "/no-such-route"
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "FOO"} {
			if len(v.serving(method, c.path)) > 0 {
				continue
			}
			got := v.do(t, c.by(method))
			listed := got.status == http.StatusOK || got.status == http.StatusNoContent
			if method == "OPTIONS" && listed && got.body == "" && got.header.Get("Allow") != "" {
				continue // some routers list the methods
			}
			// If the application serves every path that has no other route, it
			// serves this one too.
			unknown := answer{status: http.StatusMethodNotAllowed}
			if len(v.serving(method, nowhere.path)) == 0 {
				unknown = v.do(t, nowhere.by(method))
			}
			if got.status != http.StatusMethodNotAllowed && got.status != unknown.status {
				t.Errorf("%s %s: status %d, want 405", method, c.path, got.status)
			}
			//authgen:if allow_header
			// A method that the router does not know is not allowed on any path.
			if got.status == http.StatusMethodNotAllowed && got.header.Get("Allow") == "" && unknown.status != got.status {
				t.Errorf("%s %s: status 405 without an Allow header", method, c.path)
			}
			//authgen:end
			if strings.Contains(got.body, v.email) {
				t.Errorf("%s %s: the answer is about the user: %s", method, c.path, got.body)
			}
		}
	}
	v.alive(t, "after requests with other methods")
}

func headWithoutSession(t *testing.T, member *visitor) {
	for _, e := range member.table {
		if !e.Public && e.Method == http.MethodGet {
			member.anonymous().want(t, http.StatusUnauthorized, e.call().by(http.MethodHead))
		}
	}
	if got := member.want(t, http.StatusOK, member.me.call().by(http.MethodHead)); got.body != "" {
		t.Errorf("HEAD me: body %q, want none", got.body)
	}
}

func trustedHeaders(t *testing.T, member *visitor) {
	own := member.want(t, http.StatusOK, member.me.call()).body
	me := member.me.call().path
	for _, header := range [][2]string{
		{"X-Middleware-Subrequest", strings.Repeat("middleware:", 4) + "middleware"},
		{"X-Http-Method-Override", "DELETE"},
		{"X-Method-Override", "DELETE"},
		{"X-Original-Url", me},
		{"X-Rewrite-Url", me},
		{"X-Forwarded-Prefix", me[:strings.LastIndexByte(me, '/')+1]},
		{"X-Forwarded-Uri", me},
		{"X-Forwarded-User", member.email},
		{"X-User-Id", member.id.String()},
		{"X_User_Id", member.id.String()},
		{"X-Webauth-User", member.email},
		{"Remote-User", member.email},
		{"Authorization", "Basic YWRtaW46YWRtaW4="},
		{"X-Forwarded-For", "127.0.0.1"},
	} {
		member.anonymous().want(t, http.StatusUnauthorized, member.me.call(), header[0], header[1])
		if got := member.do(t, member.me.call(), header[0], header[1]); got.status != http.StatusOK || got.body != own {
			t.Errorf("with %s: status %d, want 200 and the same account; body %s", header[0], got.status, got.body)
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
		got := v.want(t, http.StatusBadRequest, v.jsonLogin.call().text(in))
		if got.code() != "invalid_input" || got.session != nil {
			t.Errorf("%s: code %q, want invalid_input; session cookie %v", name, got.code(), got.session)
		}
		if name == "unknown key" && got.problem().Fields["x"].Code != "unknown" {
			t.Errorf("%s: the answer does not name the key: %s", name, got.body)
		}
		for _, value := range []string{canary, email, password} {
			if strings.Contains(got.body, value) {
				t.Errorf("%s: the answer repeats a value: %s", name, got.body)
			}
		}
	}
}

func largeBody(t *testing.T, member *visitor) {
	// A server reads all of a body of this size before it answers, so the client receives
	// the answer.
	in := object("email", member.email, "password", strings.Repeat("a", 128<<10))
	v := member.anonymous()
	c := v.jsonLogin.call().text(in)
	v.want(t, http.StatusRequestEntityTooLarge, c)

	chunked, err := v.request(t, c)
	if err != nil {
		t.Fatal(err)
	}
	chunked.ContentLength = -1
	got, err := v.send(t, c.transport, chunked)
	if err != nil {
		t.Fatal(err)
	}
	if got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("in chunks: status %d, want 413", got.status)
	}
}

func shortBody(t *testing.T, member *visitor) {
	in := object("email", member.email, "password", member.password)
	_, host, _ := strings.Cut(member.origin, "://")
	c := member.jsonLogin.call()
	got := raw(t, c.transport, c.method+" "+c.path+" HTTP/1.1\r\nHost: "+host+
		"\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: 16000\r\n\r\n"+in)
	if got.status != http.StatusBadRequest || got.session != nil {
		t.Errorf("status %d, want 400; session cookie %v", got.status, got.session)
	}
}

// raw sends bytes that no client would send.
func raw(t testing.TB, transport *http.Transport, request string) answer {
	t.Helper()
	conn, err := transport.DialContext(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if config := transport.TLSClientConfig; config != nil {
		conn = tls.Client(conn, config)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	// To a server, the end of the input means that the client went away, so end it only
	// after a request that is cut short.
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
	got, err := read(response)
	if err != nil {
		t.Fatal(err)
	}
	return got
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
	v.want(t, http.StatusUnsupportedMediaType, v.jsonLogin.call().text(compressed.String()), "Content-Encoding", "gzip")
	v.want(t, http.StatusUnsupportedMediaType, v.jsonLogin.call().text(in), "Content-Encoding", "identity")

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
	v.want(t, http.StatusUnsupportedMediaType, v.jsonLogin.call().text(form.String()), "Content-Type", parts.FormDataContentType())
}

func sqlInInput(t *testing.T, member *visitor) {
	v := member.holding("")
	for _, email := range []string{"o'or'1'='1@example.org", "%@example.org"} {
		v.want(t, http.StatusUnauthorized, v.login.call().with("email", email, "password", v.password))
	}
	for _, email := range []string{"' OR 1=1 --", member.email + "' --", `x"; DROP TABLE auth_users; --@example.org`} {
		v.want(t, http.StatusBadRequest, v.login.call().with("email", email, "password", v.password))
	}
	v.refused(t, "'%20OR%201=1%20--", "SQL in the cookie")
	admin := member.user(t, administrator()) // passes every guard
	for _, e := range admin.table {
		if !e.usual() || !strings.Contains(e.Path, "{") {
			continue
		}
		whole, _ := admin.harmless(e)
		for _, segment := range []string{"'%20OR%201=1%20--", "%25"} {
			c := e.call(segment)
			got := admin.do(t, c.text(whole.body))
			if got.status < 400 || strings.Contains(got.body, admin.id.String()) || strings.Contains(got.body, member.id.String()) {
				t.Errorf("%s %s: status %d, want an error that reveals no user; body %s", c.method, c.path, got.status, got.body)
			}
		}
	}
}

func nulInInput(t *testing.T, member *visitor) {
	for _, email := range []string{"\x00", "a\x00@example.org", member.email + "\x00", "a@example.org\r\nBcc: b@example.org"} {
		member.anonymous().want(t, http.StatusBadRequest, member.jsonLogin.call().with("email", email, "password", member.password))
	}
	//authgen:if own_profile
	if !member.has("me.update") {
		return
	}
	var me map[string]any
	if err := json.Unmarshal([]byte(member.want(t, http.StatusOK, member.me.call()).body), &me); err != nil {
		t.Fatal(err)
	}
	// Some fields are not text, and some cannot be changed at all: that is an error, too.
	for name := range me {
		if got := member.do(t, member.call("me.update").with(name, "a\x00b")); got.status < 400 {
			t.Errorf("a NUL in %s: status %d, want 400", name, got.status)
		}
	}
	//authgen:end
}

func securityHeaders(t *testing.T, member *visitor) {
	v := member.loggedIn(t, member.account)
	answers := map[string]answer{
		"200": v.want(t, http.StatusOK, v.me.call()),
		"400": v.want(t, http.StatusBadRequest, v.jsonLogin.call().text("{")),
		"415": v.want(t, http.StatusUnsupportedMediaType, v.jsonLogin.call().text("{}"), "Content-Type", "text/plain"),
	}
	if v.has("reauthenticate") && !v.named["reauthenticate"].Form {
		answers["204"] = v.want(t, success, v.call("reauthenticate").with("password", v.password))
	}
	for _, e := range v.table {
		c := e.call()
		what := c.method + " " + c.path
		if v.refusesOrigins(e) {
			answers[what+" from another site"] = v.want(t, http.StatusForbidden, c, "Sec-Fetch-Site", "cross-site")
		}
		if !e.Public {
			answers[what+" without a session"] = member.anonymous().want(t, http.StatusUnauthorized, c)
		}
	}
	for what, got := range answers {
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
		if strings.HasPrefix(v.BaseURL(), "https:") != strings.HasPrefix(transport, "max-age=") {
			t.Errorf("%s: Strict-Transport-Security is %q under %s", what, transport, v.BaseURL())
		}
		if contentType := got.header.Get("Content-Type"); got.body != "" && contentType != "application/json" && contentType != "application/problem+json" {
			t.Errorf("%s: Content-Type is %q, want JSON", what, contentType)
		}
		for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
			if value := got.header.Get(name); value != "" {
				t.Errorf("%s: %s is %q, want none", what, name, value)
			}
		}
	}
}

func cachedAnswers(t *testing.T, member *visitor) {
	for _, more := range []string{"/x.css", "/", ".json", ";x.css", "%2fx.css", "%00"} {
		c := member.me.call().plus(more)
		got := member.do(t, c)
		if more == "/" && got.header.Get("Cache-Control") == "no-store" {
			continue // some routers ignore a trailing slash, and no-store keeps caches away
		}
		if got.status < 300 || strings.Contains(got.body, member.email) {
			t.Errorf("GET %s: status %d, want no data of the user; body %.300s", c.path, got.status, got.body)
		}
	}
}

func clearedBrowser(t *testing.T, member *visitor) {
	v := member.loggedIn(t, member.account)
	got := v.want(t, success, v.call("logout"))
	if got.header.Get("Cache-Control") != "no-store" || got.session == nil || got.session.Value != "" || got.session.MaxAge >= 0 {
		t.Errorf("Cache-Control %q, session cookie %v; want no-store, and the cookie deleted", got.header.Get("Cache-Control"), got.session)
	}
}
