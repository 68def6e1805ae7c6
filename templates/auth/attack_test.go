package auth_test

import (
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/authtest"
)

// newApplication returns an application that is put together as main does it.
func newApplication(t *testing.T, baseURL string) authtest.App {
	t.Helper()
	db := auth.OpenTestDB(t)
	auth.CreateTables(t, db)
	c := auth.Config{DB: db, Keys: auth.TestKeys(1), BaseURL: baseURL, Logger: slog.New(slog.DiscardHandler)}
	//authgen:if redis
	c.Redis = auth.OpenTestRedis(t)
	//authgen:end
	a, err := auth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Wait)
	auth.HashCheaply(a)
	return application(a)
}

func TestAttacks(t *testing.T) {
	authtest.Run(t, newApplication(t, "https://example.com"))
}

// In the development mode, which is without TLS, everything else still holds.
func TestAttacksInDevelopment(t *testing.T) {
	authtest.Run(t, newApplication(t, "http://localhost:8080"))
}

func TestLogInForOtherTests(t *testing.T) {
	for _, baseURL := range []string{"https://app.example.net:8443", "http://127.0.0.1:8080"} {
		app := newApplication(t, baseURL)
		client := authtest.LogIn(t, app, auth.DefaultRole)
		status := func(method, path, site string) (int, string) {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), method, app.Auth.BaseURL()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if site != "" {
				r.Header.Set("Sec-Fetch-Site", site)
			}
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			return response.StatusCode, string(body)
		}
		if got, body := status("GET", "/private", ""); got != http.StatusOK {
			t.Errorf("%s: GET /private: status %d, body %s", baseURL, got, body)
		}
		if got, body := status("POST", app.Auth.Path("logout"), "cross-site"); got != http.StatusForbidden {
			t.Errorf("%s: log-out from another site: status %d, body %s", baseURL, got, body)
		}
		if got, body := status("POST", app.Auth.Path("logout"), ""); got != http.StatusNoContent {
			t.Errorf("%s: log-out: status %d, body %s", baseURL, got, body)
		}
		if got, body := status("GET", "/private", ""); got != http.StatusUnauthorized {
			t.Errorf("%s: GET /private after log-out: status %d, body %s", baseURL, got, body)
		}
	}
}
