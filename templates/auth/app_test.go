package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

const testPassword = "a test's own password"

// testApp is an application around an Auth, on a real socket.
type testApp struct {
	*Auth
	server *httptest.Server
	log    *logBuffer
}

// testKeys returns keys from the same random source as real ones.
func testKeys(n int) []Key {
	keys := make([]Key, n)
	for i := range keys {
		copy(keys[i][:], randomBytes(len(keys[i])))
	}
	return keys
}

// newTestAuth returns an Auth on an empty database. The configuration may be
// changed before it is made.
func newTestAuth(tb testing.TB, change ...func(*Config)) *Auth {
	tb.Helper()
	c := Config{
		DB:      openTestDB(tb),
		Keys:    testKeys(1),
		BaseURL: "https://example.com",
		Logger:  slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&c)
	}
	if err := Migrate(tb.Context(), c.DB); err != nil {
		tb.Fatal(err)
	}
	a, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(a.Wait)
	return a
}

// newTestApp serves the routes of a new Auth over TLS.
func newTestApp(tb testing.TB, change ...func(*Config)) *testApp {
	tb.Helper()
	app := &testApp{log: new(logBuffer)}
	app.Auth = newTestAuth(tb, append([]func(*Config){func(c *Config) {
		c.Logger = slog.New(slog.NewJSONHandler(app.log, nil))
	}}, change...)...)
	mux := http.NewServeMux()
	app.Register(mux)
	app.server = httptest.NewTLSServer(app.Handler(mux))
	tb.Cleanup(app.server.Close)
	return app
}

// logBuffer is what was logged.
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
	transport := app.server.Client().Transport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, app.server.Listener.Addr().String())
	}
	tb.Cleanup(transport.CloseIdleConnections)
	return &browser{tb, app, &http.Client{
		Transport:     transport,
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is a response that has been read.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// Code is the code of a problem.
func (a answer) Code() string {
	var p problem
	_ = json.Unmarshal([]byte(a.Body), &p)
	return p.Code
}

// do sends a request as a page of the application would. A body is sent as JSON.
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
	return answer{response.StatusCode, response.Header, string(text)}
}

// want is do, and fails the test when the answer has another status.
func (b *browser) want(status int, method, path, body string, change ...func(*http.Request)) answer {
	b.tb.Helper()
	got := b.do(method, path, body, change...)
	if got.Status != status {
		b.tb.Fatalf("%s %s: status %d, want %d; body %s", method, path, got.Status, status, got.Body)
	}
	return got
}

// user creates an account, and returns a browser in which it is signed in.
func (app *testApp) user(tb testing.TB, email string, role Role) (*browser, User) {
	tb.Helper()
	u, err := app.CreateUser(tb.Context(), NewUser{Email: email, Password: testPassword, Role: role})
	if err != nil {
		tb.Fatal(err)
	}
	b := app.browser(tb)
	b.logIn(email)
	return b, u
}

func (b *browser) logIn(email string) answer {
	b.tb.Helper()
	return b.want(http.StatusOK, "POST", prefix+"/login", `{"email":"`+email+`","password":"`+testPassword+`"}`)
}
