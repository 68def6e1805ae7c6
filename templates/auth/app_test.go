package auth

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testPassword  = "a test's own password"
	otherPassword = "another one, as good"
	// wrongPassword is not the password of any user.
	wrongPassword = "the password of nobody"
)

// Tests must not depend on the load of the machine. The tests of these limits have a
// fake clock.
func init() { queryTimeout, queueWait = time.Hour, time.Hour }

// noUser is the id of nobody.
var noUser UserID

// lastRole is the highest role.
const lastRole = Role(len(roleNames) - 1)

// testApp is an application with an Auth, on a real socket.
type testApp struct {
	*Auth
	server *testServer
	log    *logBuffer

	mu      sync.Mutex
	secrets []string // must not appear in the log
}

// testServer is the server of an application, and a transport that trusts its
// certificate.
type testServer struct {
	address   string
	transport *http.Transport
}

// testKeys returns n random keys.
func testKeys(n int) []Key {
	keys := make([]Key, n)
	for i := range keys {
		copy(keys[i][:], randomBytes(len(keys[i])))
	}
	return keys
}

// offlineConfig returns a complete configuration for tests that do not use the
// database.
func offlineConfig() Config {
	c := Config{
		DB:      new(sql.DB),
		Keys:    testKeys(1),
		BaseURL: "https://example.com",
		Logger:  slog.New(slog.DiscardHandler),
	}
	//authgen:if redis
	c.Redis = offlineRedis
	//authgen:end
	return c
}

// newOfflineAuth returns an Auth with offlineConfig, modified by change.
func newOfflineAuth(tb testing.TB, change ...func(*Config)) *Auth {
	tb.Helper()
	c := offlineConfig()
	for _, f := range change {
		f(&c)
	}
	a, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// testRoles returns all roles.
func testRoles() []Role {
	var roles []Role
	for i := 1; i < len(roleNames); i++ {
		roles = append(roles, Role(i))
	}
	return roles
}

// cookieHeader returns the header of a request with the session cookie of s.
func (a *Auth) cookieHeader(s Session, now time.Time) http.Header {
	value := a.sealer.seal(s.appendClaims(nil), now)
	return http.Header{"Cookie": {a.cookieName + "=" + value}}
}

// newTestAuth returns an Auth with an empty database and cheap password hashing, and
// with the configuration modified by change.
func newTestAuth(tb testing.TB, change ...func(*Config)) *Auth {
	tb.Helper()
	c := Config{
		DB:      openTestDB(tb),
		Keys:    testKeys(1),
		BaseURL: "https://example.com",
		Logger:  slog.New(slog.DiscardHandler),
	}
	//authgen:if redis
	c.Redis = openTestRedis(tb)
	//authgen:end
	for _, f := range change {
		f(&c)
	}
	createTables(tb, c.DB)
	a, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(a.Wait)
	hashCheaply(a)
	return a
}

// hashCheaply makes hashing fast.
func hashCheaply(a *Auth) {
	a.hasher.params = argonParams{memory: 64, time: 1, threads: 1}
	a.hasher.dummy = encodeHash(a.hasher.params, randomBytes(saltSize), randomBytes(hashSize))
}

// newTestApp serves the routes of a new Auth over TLS. At the end of the test, it
// checks that the log contains no password, cookie, session id or hash.
func newTestApp(tb testing.TB, change ...func(*Config)) *testApp {
	tb.Helper()
	app := &testApp{log: new(logBuffer), secrets: []string{testPassword, otherPassword, wrongPassword, "$argon2id$"}}
	tb.Cleanup(func() { app.checkLog(tb) })
	app.Auth = newTestAuth(tb, append([]func(*Config){func(c *Config) {
		c.Logger = slog.New(slog.NewJSONHandler(app.log, nil))
	}}, change...)...)
	app.server = startTLS(tb, app.application())
	return app
}

// serve replaces the routes that are served.
func (app *testApp) serve(tb testing.TB, routes ...testRoute) {
	tb.Helper()
	app.server = startTLS(tb, app.applicationOf(routes...))
}

// enter returns r as the application's handlers receive it.
func (a *Auth) enter(r *http.Request) *http.Request {
	return r.WithContext(withState(r.Context(), a.newState(http.Header{}, r)))
}

func (app *testApp) checkLog(tb testing.TB) {
	tb.Helper()
	app.mu.Lock()
	defer app.mu.Unlock()
	log := app.log.String()
	for _, secret := range app.secrets {
		if strings.Contains(log, secret) {
			tb.Errorf("the log contains %q:\n%s", secret, log)
		}
	}
}

// opened returns the session in a cookie, and records that neither the cookie nor the
// id may be logged.
func (app *testApp) opened(tb testing.TB, cookie string) Session {
	tb.Helper()
	s, _ := app.openSession(http.Header{"Cookie": {app.cookieName + "=" + cookie}}, time.Now())
	if !s.exists() {
		tb.Fatalf("cannot open the cookie %q", cookie)
	}
	app.mu.Lock()
	defer app.mu.Unlock()
	app.secrets = append(app.secrets, cookie, hex.EncodeToString(s.id[:]), base64.RawStdEncoding.EncodeToString(s.id[:]))
	return s
}

// logBuffer collects log output. It is safe for concurrent use.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// browser is a client of a test application that keeps cookies.
type browser struct {
	tb  testing.TB
	app *testApp
	*http.Client
}

func (app *testApp) browser(tb testing.TB) *browser {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	transport := app.server.transport.Clone()
	address := app.server.address
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	tb.Cleanup(transport.CloseIdleConnections)
	return &browser{tb, app, &http.Client{
		Transport:     transport,
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// resume returns a browser with a given session cookie.
func (app *testApp) resume(tb testing.TB, cookie string) *browser {
	tb.Helper()
	b := app.browser(tb)
	b.setCookie(cookie)
	return b
}

func (b *browser) base() *url.URL {
	u, err := url.Parse(b.app.BaseURL() + "/")
	if err != nil {
		b.tb.Fatal(err)
	}
	return u
}

// cookie returns the value of the session cookie, or "".
func (b *browser) cookie() string {
	for _, c := range b.Jar.Cookies(b.base()) {
		if c.Name == b.app.cookieName {
			return c.Value
		}
	}
	return ""
}

func (b *browser) setCookie(value string) {
	b.Jar.SetCookies(b.base(), []*http.Cookie{{Name: b.app.cookieName, Value: value, Path: "/", Secure: true, HttpOnly: true}})
}

// session returns the session in the cookie.
func (b *browser) session() Session {
	b.tb.Helper()
	return b.app.opened(b.tb, b.cookie())
}

// answer is a response that has been read.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// Code returns the code of a Problem.
func (a answer) Code() string {
	var p Problem
	_ = json.Unmarshal([]byte(a.Body), &p)
	return p.Code
}

// do sends a request as a page of the application would, with a JSON body unless it is
// empty. It checks that the answer contains no secrets.
func (b *browser) do(method, path, body string, change ...func(*http.Request)) answer {
	b.tb.Helper()
	r, err := http.NewRequestWithContext(b.tb.Context(), method, b.app.BaseURL()+path, strings.NewReader(body))
	if err != nil {
		b.tb.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, f := range change {
		f(r)
	}
	response, err := b.Do(r)
	if err != nil {
		b.tb.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.tb.Fatal(err)
	}
	got := answer{response.StatusCode, response.Header, string(text)}
	b.checkAnswer(method+" "+path, got)
	return got
}

// checkAnswer checks what must hold for every answer.
func (b *browser) checkAnswer(what string, got answer) {
	b.tb.Helper()
	secrets := []string{testPassword, otherPassword, wrongPassword, "$argon2id$"}
	if cookie := b.cookie(); cookie != "" {
		secrets = append(secrets, cookie)
		b.app.mu.Lock()
		b.app.secrets = append(b.app.secrets, cookie)
		b.app.mu.Unlock()
	}
	if got.Status >= 400 {
		// An error reveals nothing about users.
		secrets = append(secrets, "@example", "auth_users")
	}
	for _, secret := range secrets {
		if strings.Contains(got.Body, secret) {
			b.tb.Errorf("%s: status %d with a body that contains %q: %s", what, got.Status, secret, got.Body)
		}
	}
	if got.Header.Get("Set-Cookie") != "" && got.Header.Get("Cache-Control") != "no-store" {
		b.tb.Errorf("%s: sets a cookie with Cache-Control %q, want no-store", what, got.Header.Get("Cache-Control"))
	}
}

// want calls do, and fails the test if the answer has another status.
func (b *browser) want(status int, method, path, body string, change ...func(*http.Request)) answer {
	b.tb.Helper()
	got := b.do(method, path, body, change...)
	if got.Status != status {
		b.tb.Fatalf("%s %s: status %d, want %d; body %s", method, path, got.Status, status, got.Body)
	}
	return got
}

// wantCode calls want, and fails the test if the Problem has another code.
func (b *browser) wantCode(status int, code, method, path, body string, change ...func(*http.Request)) answer {
	b.tb.Helper()
	got := b.want(status, method, path, body, change...)
	if got.Code() != code {
		b.tb.Fatalf("%s %s: code %q, want %q; body %s", method, path, got.Code(), code, got.Body)
	}
	return got
}

// wantCookie fails the test unless the session of a cookie is accepted or, if alive is
// false, refused.
func (app *testApp) wantCookie(tb testing.TB, alive bool, cookie, what string) {
	tb.Helper()
	want := http.StatusOK
	if !alive {
		want = http.StatusUnauthorized
	}
	if got := app.resume(tb, cookie).do("GET", prefix+"/me", ""); got.Status != want {
		tb.Errorf("%s: status %d, want %d; body %s", what, got.Status, want, got.Body)
	}
}

// createUser creates an account with the password testPassword.
func (app *testApp) createUser(tb testing.TB, email string, role Role) User {
	tb.Helper()
	u, err := app.CreateUser(tb.Context(), NewUser{Email: email, Password: testPassword, Role: role})
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// user creates an account, and returns a browser in which its user is logged in.
func (app *testApp) user(tb testing.TB, email string, role Role) (*browser, User) {
	tb.Helper()
	u := app.createUser(tb, email, role)
	b := app.browser(tb)
	b.logIn(email)
	return b, u
}

// principal returns the principal that a guard confirms for the session of b.
func (b *browser) principal() Principal {
	b.tb.Helper()
	r := httptest.NewRequest("GET", b.app.BaseURL()+"/", nil)
	for _, c := range b.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	p, err := Verify(b.app.enter(r).Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	return p
}

func (b *browser) logIn(email string) answer {
	b.tb.Helper()
	return b.want(http.StatusOK, "POST", prefix+"/login", credentials(email, testPassword))
}

// device returns another browser in which the user with that address is logged in.
func (app *testApp) device(tb testing.TB, email string) *browser {
	tb.Helper()
	b := app.browser(tb)
	b.logIn(email)
	return b
}

// credentials returns the body of a login or sign-up.
func credentials(email, password string) string {
	return jsonObject(map[string]any{"email": email, "password": password})
}

// unequal returns "" if want and got are deeply equal. Otherwise it returns both as text.
func unequal(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return fmt.Sprintf("\nwant %+v\ngot  %+v", want, got)
}

func jsonObject(object map[string]any) string {
	b, err := json.Marshal(object)
	if err != nil {
		panic(err) // only possible for a value that cannot be encoded
	}
	return string(b)
}
