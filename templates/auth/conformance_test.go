//authgen:if false

package auth

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var updateConformance = flag.Bool("conformance.update", false, "write the answers to testdata instead of comparing them")

// TestConformance sends the same requests over a socket with every router, and compares
// the status, headers and bodies of the answers with those in testdata.
func TestConformance(t *testing.T) {
	app := newTestApp(t)
	c := &conversation{t: t, app: app, names: make(map[string]string)}
	header := func(pairs ...string) func(*http.Request) {
		return func(r *http.Request) {
			for i := 0; i+1 < len(pairs); i += 2 {
				r.Header.Del(pairs[i])
				if pairs[i+1] != "" {
					r.Header[http.CanonicalHeaderKey(pairs[i])] = []string{pairs[i+1]}
				}
			}
		}
	}
	chunked := func(r *http.Request) { r.ContentLength = -1 }
	auth := func(path string) string { return prefix + path }
	ann, boss := app.browser(t), app.browser(t)
	visitor := func() *browser { return app.browser(t) }
	c.name(app.createUser(t, "boss@example.org", highestRole).ID.String(), "BOSS")

	c.part("Signing up")
	signUp := credentials("ann@example.org", testPassword)
	c.say(ann, "POST", auth("/signup"), signUp)
	u, err := userByEmail(t.Context(), app.store.db, "ann@example.org")
	if err != nil {
		t.Fatal(err)
	}
	c.name(u.id.String(), "ANN")
	c.say(ann, "POST", auth("/signup"), signUp)
	c.say(ann, "POST", auth("/signup"), credentials("ann", "short"))
	c.say(ann, "POST", auth("/signup"), jsonObject(map[string]any{"email": "x@example.org", "password": testPassword, "role": "admin"}))
	c.say(ann, "POST", auth("/signup"), jsonObject(map[string]any{"email": "x@example.org", "password": testPassword, "newsletter": "yes"}))

	c.part("Bodies")
	for _, body := range []string{"", "{", "null", "[]", `{"email":1}`, `{"email":"a","email":"a"}`, "{} {}", "\xff", `{"EMAIL":"a"}`} {
		c.say(visitor(), "POST", auth("/login"), body, header("Content-Type", "application/json"))
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=UTF-8", "application/json; charset=latin1", "multipart/form-data; boundary=x"} {
		c.say(visitor(), "POST", auth("/login"), "{}", header("Content-Type", contentType))
	}
	c.say(visitor(), "POST", auth("/login"), "{}", header("Content-Encoding", "gzip"))
	c.say(visitor(), "POST", auth("/login"), "{"+strings.Repeat(" ", maxBody)+"}")
	c.say(visitor(), "POST", auth("/login"), "{"+strings.Repeat(" ", maxBody)+"}", chunked)
	c.say(visitor(), "POST", auth("/login"), "{}", chunked)

	c.part("Logging in")
	c.say(ann, "POST", auth("/login"), credentials("ann@example.org", wrongPassword))
	c.say(ann, "POST", auth("/login?email=ann@example.org"), "{}")
	c.say(ann, "POST", auth("/login"), credentials("ann@example.org", testPassword))
	c.say(ann, "POST", auth("/login"), jsonObject(map[string]any{"email": "ann@example.org", "password": testPassword, "remember": true}))
	c.say(boss, "POST", auth("/login"), credentials("boss@example.org", testPassword), header("X-Forwarded-For", "6.6.6.6", "X-Real-Ip", "6.6.6.6"))

	c.part("The account")
	c.say(ann, "GET", auth("/me"), "")
	c.say(ann, "HEAD", auth("/me"), "")
	c.say(ann, "GET", auth("/me?x=/y"), "")
	c.say(visitor(), "GET", auth("/me"), "")
	c.say(visitor(), "HEAD", auth("/me"), "")
	c.say(app.resume(t, "garbage"), "GET", auth("/me"), "")
	c.say(visitor(), "GET", auth("/me"), "", header("Accept", "text/html"))
	c.say(visitor(), "GET", auth("/me"), "", header("Authorization", "Bearer "+ann.cookie(), "X-Session", ann.cookie()))
	c.say(ann, "PATCH", auth("/me"), `{"display_name":"Änn <b>","newsletter":true}`)
	c.say(ann, "PATCH", auth("/me"), `{"display_name":"a\u0000b"}`)
	c.say(ann, "PATCH", auth("/me"), `{}`)
	c.say(ann, "POST", auth("/reauthenticate"), `{"password":"wrong"}`)
	c.say(ann, "POST", auth("/reauthenticate"), jsonObject(map[string]any{"password": testPassword}))
	c.say(ann, "POST", auth("/password"), jsonObject(map[string]any{"current": testPassword, "new": "x"}))
	c.say(ann, "POST", auth("/password"), jsonObject(map[string]any{"current": testPassword, "new": otherPassword}))

	c.part("Other sites")
	for _, site := range []string{"cross-site", "same-site", "none"} {
		c.say(ann, "PATCH", auth("/me"), `{}`, header("Sec-Fetch-Site", site))
	}
	c.say(ann, "PATCH", auth("/me"), `{}`, header("Sec-Fetch-Site", "", "Origin", "https://evil.example"))
	c.say(ann, "PATCH", auth("/me"), `{}`, header("Sec-Fetch-Site", "", "Origin", "https://example.com"))
	c.say(ann, "PATCH", auth("/me"), `{}`, header("Sec-Fetch-Site", "", "Origin", "http://example.com"))
	c.say(ann, "PATCH", auth("/me"), `{}`, header("Sec-Fetch-Site", ""))
	c.say(ann, "GET", auth("/me"), "", header("Sec-Fetch-Site", "cross-site"))

	c.part("Managing users")
	c.say(visitor(), "GET", auth("/users"), "")
	c.say(ann, "GET", auth("/users"), "")
	c.say(ann, "PUT", auth("/users/"+u.id.String()+"/role"), "{")
	c.say(boss, "GET", auth("/users?limit=1"), "")
	c.say(boss, "GET", auth("/users?limit=x"), "")
	c.say(boss, "GET", auth("/users?cursor=x&limit=5"), "")
	c.say(boss, "GET", auth("/users?cursor="+u.id.String()), "")
	c.say(boss, "GET", auth("/users/"+u.id.String()), "")
	c.say(boss, "GET", auth("/users/"+nobodysID), "")
	c.say(boss, "GET", auth("/users/x"), "")
	c.say(boss, "GET", auth("/users/"+strings.ToUpper(u.id.String())), "")
	c.say(boss, "PUT", auth("/users/"+u.id.String()+"/role"), `{"role":"nobody"}`)
	c.say(boss, "PUT", auth("/users/"+u.id.String()+"/disabled"), `{}`)
	c.say(boss, "PUT", auth("/users/"+u.id.String()+"/disabled"), `{"disabled":null}`)
	c.say(boss, "PUT", auth("/users/"+u.id.String()+"/role"), `{"role":"editor"}`)
	c.say(boss, "DELETE", auth("/users/"+u.id.String()+"/sessions"), "")
	c.say(ann, "GET", auth("/me"), "")

	c.part("Unknown paths and methods")
	for _, route := range []string{"GET /nope", "GET /me/x", "GET /login", "POST /me", "HEAD /logout", "DELETE /users", "PUT /users/x/nope"} {
		method, path, _ := strings.Cut(route, " ")
		c.say(visitor(), method, auth(path), "")
	}

	c.part("Too many attempts")
	for range accountFailures + 1 {
		c.say(visitor(), "POST", auth("/login"), credentials("nobody@example.org", wrongPassword))
	}

	c.part("Leaving")
	c.say(boss, "DELETE", auth("/me"), "")
	c.say(boss, "GET", auth("/me"), "")
	c.say(ann, "POST", auth("/login"), credentials("ann@example.org", otherPassword))
	c.say(ann, "DELETE", auth("/sessions"), "")
	c.say(ann, "POST", auth("/logout"), "")
	c.say(ann, "POST", auth("/logout"), "")

	text := c.plain(c.String())
	const file = "../testdata/conformance.txt"
	if *updateConformance {
		if err := os.WriteFile(filepath.FromSlash(file), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	wanted, got := strings.Split(string(want), "\n\n"), strings.Split(text, "\n\n")
	for i := range max(len(wanted), len(got)) {
		w, g := "nothing", "nothing"
		if i < len(wanted) {
			w = wanted[i]
		}
		if i < len(got) {
			g = got[i]
		}
		if w != g {
			t.Errorf("want\n%s\n\ngot\n%s\n", w, g)
		}
	}
}

// conversation is the text of requests and answers, without the parts that differ from
// run to run.
type conversation struct {
	bytes.Buffer
	t     *testing.T
	app   *testApp
	names map[string]string // of ids
}

func (c *conversation) name(id, name string) { c.names[id] = name }

func (c *conversation) part(name string) { fmt.Fprintf(c, "# %s\n\n", name) }

// headers are the headers that an answer may have besides allHeaders.
var headers = []string{
	"Allow", "Cache-Control", "Clear-Site-Data", "Content-Security-Policy", "Content-Type", "Cross-Origin-Opener-Policy",
	"Cross-Origin-Resource-Policy", "Location", "Referrer-Policy", "Retry-After", "Set-Cookie", "Strict-Transport-Security",
	"X-Content-Type-Options", "X-Frame-Options",
}

// allHeaders are the headers that all answers of the package have.
var allHeaders = map[string]string{
	"Cache-Control":                "no-store",
	"Content-Security-Policy":      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"Strict-Transport-Security":    "max-age=31536000",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

var (
	aTime     = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"`)
	aCookie   = regexp.MustCompile(`^([^=]+)=[^;]+;`)
	aDuration = regexp.MustCompile(`Max-Age=2\d{6}`) // 30 days or a little less
)

func (c *conversation) say(b *browser, method, path, body string, change ...func(*http.Request)) {
	c.t.Helper()
	sent := body
	if len(sent) > 200 {
		sent = fmt.Sprintf("%d bytes", len(sent))
	}
	fmt.Fprintf(c, "%s %s %s\n", method, path, strings.ToValidUTF8(sent, "?"))
	got := b.do(method, path, body, change...)
	fmt.Fprintf(c, "%d", got.Status)
	// The router itself answers unknown routes, in its own words.
	noRoute := got.Status == http.StatusMethodNotAllowed ||
		got.Status == http.StatusNotFound && got.Header.Get("Content-Type") != "application/problem+json"
	ours := got.Header.Get("Content-Security-Policy") != "" && !noRoute
	if ours {
		fmt.Fprint(c, " with all headers")
		for name, value := range allHeaders {
			if got.Header.Get(name) != value {
				fmt.Fprintf(c, " but %s: %q", name, got.Header.Get(name))
			}
		}
	}
	fmt.Fprintln(c)
	if got.Status == http.StatusMethodNotAllowed {
		allowed := strings.FieldsFunc(strings.Join(got.Header.Values("Allow"), ","), func(r rune) bool { return r == ',' || r == ' ' })
		// Some routers answer OPTIONS by themselves.
		allowed = slices.DeleteFunc(allowed, func(method string) bool { return method == http.MethodOptions })
		slices.Sort(allowed)
		fmt.Fprintf(c, "Allow: %s\n", strings.Join(slices.Compact(allowed), ", "))
	}
	if !ours {
		fmt.Fprintln(c)
		return
	}
	for _, name := range headers {
		for _, value := range got.Header[name] {
			if name == "Set-Cookie" {
				value = aDuration.ReplaceAllString(aCookie.ReplaceAllString(value, "$1=…;"), "Max-Age=2592000")
			}
			if allHeaders[name] == "" {
				fmt.Fprintf(c, "%s: %s\n", name, value)
			}
		}
	}
	for name := range got.Header {
		if !slices.Contains(headers, name) && !slices.Contains([]string{"Content-Length", "Date", "Connection"}, name) {
			c.t.Errorf("%s %s: the answer has the header %s: %q", method, path, name, got.Header[name])
		}
	}
	if length := got.Header.Get("Content-Length"); method != "HEAD" && got.Status != http.StatusNoContent && length != fmt.Sprint(len(got.Body)) {
		c.t.Errorf("%s %s: Content-Length %q of %d bytes", method, path, length, len(got.Body))
	}
	fmt.Fprintf(c, "%s\n", got.Body)
	if got.Body == "" {
		fmt.Fprintln(c)
	}
}

// plain returns the text without ids and times.
func (c *conversation) plain(text string) string {
	for id, name := range c.names {
		text = strings.ReplaceAll(strings.ReplaceAll(text, id, name), strings.ToUpper(id), name+" IN CAPITALS")
	}
	return aTime.ReplaceAllString(text, `"TIME"`)
}
