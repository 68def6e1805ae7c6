package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
	"github.com/authgen/authgen/templates/auth/authweb"
)

// newTestApp returns the application as main serves it, on a new database.
func newTestApp(t *testing.T) authtest.App {
	t.Helper()
	return newTestAppAt(t, "https://example.com")
}

func newTestAppAt(t *testing.T, baseURL string) authtest.App {
	t.Helper()
	a, err := auth.New(auth.Config{
		DB: authtest.NewDatabase(t),
		//authgen:if redis
		Redis: authtest.NewRedis(t),
		//authgen:end
		Keys:    authtest.NewKeys(),
		BaseURL: baseURL,
		Hooks:   authweb.Hooks(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Wait)
	//authgen:if !fiber
	return authtest.App{Handler: newHandler(a), Auth: a, Routes: authweb.Routes(a)}
	//authgen:end
	//authgen:if fiber
	return authtest.App{App: newApp(a), Auth: a, Routes: authweb.Routes(a)}
	//authgen:end
}

func TestAttacks(t *testing.T) {
	authtest.Run(t, newTestApp(t))
}

// Every page is shown to the users it is for, and to nobody else.
func TestPages(t *testing.T) {
	app := newTestApp(t)
	member := authtest.LogIn(t, app, auth.DefaultRole)
	admin := authtest.LogIn(t, app, auth.RoleAdmin)
	for _, test := range []struct {
		path          string
		member, admin int
		text          string
	}{
		{"/", http.StatusOK, http.StatusOK, "You are logged in."},
		{"/dashboard", http.StatusOK, http.StatusOK, "Logged in as"},
		//authgen:if ranks
		{"/admin", http.StatusForbidden, http.StatusOK, "Admin"},
		//authgen:end
		{"/nowhere", http.StatusNotFound, http.StatusNotFound, ""},
	} {
		if status, _ := get(t, member, app.Auth.BaseURL()+test.path); status != test.member {
			t.Errorf("GET %s as %s: status %d, want %d", test.path, auth.DefaultRole, status, test.member)
		}
		status, body := get(t, admin, app.Auth.BaseURL()+test.path)
		if status != test.admin || !strings.Contains(body, test.text) {
			t.Errorf("GET %s as %s: status %d, want %d with %q", test.path, auth.RoleAdmin, status, test.admin, test.text)
		}
	}
}

// Behind a proxy that removes a path, all links have it.
func TestLinksBelowAPath(t *testing.T) {
	app := newTestAppAt(t, "https://example.com/shop")
	member := authtest.LogIn(t, app, auth.DefaultRole)
	status, body := get(t, member, app.Auth.BaseURL()+"/dashboard")
	if status != http.StatusOK || !strings.Contains(body, `data-prefix="`+app.Auth.Path("")+`"`) {
		t.Errorf("status %d, body %s", status, body)
	}
	for _, name := range []string{"href", "src", "data-next"} {
		for _, link := range strings.Split(body, name+`="`)[1:] {
			if !strings.HasPrefix(link, "/shop/") {
				t.Errorf("%s leads to %.30s, outside of the path", name, link)
			}
		}
	}
}

func get(t *testing.T, c *http.Client, url string) (status int, body string) {
	t.Helper()
	response, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestParsePrefixes(t *testing.T) {
	got, err := parsePrefixes("10.0.0.0/8, ::1/128")
	if err != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := parsePrefixes(""); err != nil || len(got) != 0 {
		t.Errorf("of nothing: %v, %v", got, err)
	}
	if _, err := parsePrefixes("10.0.0.1"); err == nil {
		t.Error("an address is taken for a network")
	}
}

func TestDefaultBaseURL(t *testing.T) {
	for addr, want := range map[string]string{
		"localhost:8080": "http://localhost:8080",
		":8080":          "http://localhost:8080",
		"0.0.0.0:8080":   "http://localhost:8080",
		"[::]:8080":      "http://localhost:8080",
		"127.0.0.1:80":   "http://127.0.0.1:80",
		"[::1]:8080":     "http://[::1]:8080",
	} {
		if got, err := defaultBaseURL(addr); got != want || err != nil {
			t.Errorf("%s: %s, error %v; want %s", addr, got, err, want)
		}
	}
	for _, addr := range []string{"8080", "localhost", ":x", ":80800", "::1", "http://localhost:8080"} {
		if got, err := defaultBaseURL(addr); err == nil {
			t.Errorf("%s: %s, want an error", addr, got)
		}
	}
}

// An error names the setting.
func TestBrokenSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("AUTH_KEYS", "")
	for _, name := range []string{"ADDR", "AUTH_KEYS"} {
		t.Setenv("ADDR", map[string]string{"ADDR": "8080", "AUTH_KEYS": ":8080"}[name])
		if err := run(t.Context(), nil); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("error %v, want one that begins with %s", err, name)
		}
	}
}

func TestLoadEnv(t *testing.T) {
	name := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(name, []byte("# comment\n TEST_LOADED = \"a=b\" \n\nTEST_SET=file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_SET", "environment")
	t.Setenv("TEST_LOADED", "") // so that it is restored
	if err := os.Unsetenv("TEST_LOADED"); err != nil {
		t.Fatal(err)
	}
	if err := loadEnv(name); err != nil {
		t.Fatal(err)
	}
	if got := os.Getenv("TEST_LOADED"); got != "a=b" {
		t.Errorf("TEST_LOADED is %q", got)
	}
	if got := os.Getenv("TEST_SET"); got != "environment" {
		t.Errorf("TEST_SET is %q, which the environment had set", got)
	}
	if err := loadEnv(name + ".missing"); err != nil {
		t.Error(err)
	}
}
