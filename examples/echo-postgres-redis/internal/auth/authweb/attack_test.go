// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import (
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"example.com/echo-postgres-redis/internal/auth"
	"example.com/echo-postgres-redis/internal/auth/authtest"
)

// newAuth returns an Auth with the configuration that main uses.
func newAuth(t *testing.T, db *sql.DB, baseURL string) *auth.Auth {
	t.Helper()
	a, err := auth.New(auth.Config{
		DB:      db,
		Redis:   authtest.NewRedis(t),
		Keys:    authtest.NewKeys(),
		BaseURL: baseURL,
		Hooks:   Hooks(),
		Logger:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Wait)
	return a
}

func TestAttacks(t *testing.T) {
	authtest.Run(t, newApp(newAuth(t, authtest.NewDatabase(t), "https://example.com")))
}

// Development mode has no TLS; everything else still holds.
func TestAttacksInDevelopment(t *testing.T) {
	authtest.Run(t, newApp(newAuth(t, authtest.NewDatabase(t), "http://localhost:8080")))
}

func TestLogInForOtherTests(t *testing.T) {
	for _, baseURL := range []string{"https://app.example.net:8443", "http://127.0.0.1:8080"} {
		app := newApp(newAuth(t, authtest.NewDatabase(t), baseURL))
		client := authtest.LogIn(t, app, auth.DefaultRole)
		send := func(method, path, site string) (int, string) {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), method, baseURL+path, nil)
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
		if got, body := send("GET", "/private", ""); got != http.StatusOK {
			t.Errorf("%s: GET /private: status %d, want 200; body %s", baseURL, got, body)
		}
		for _, route := range app.Routes {
			if route.Name != "logout" {
				continue
			}
			if got, body := send(route.Method, route.Path, "cross-site"); got != http.StatusForbidden {
				t.Errorf("%s: logout from another site: status %d, want 403; body %s", baseURL, got, body)
			}
			if got, body := send(route.Method, route.Path, ""); got >= 400 {
				t.Errorf("%s: logout: status %d, body %s", baseURL, got, body)
			}
			if got, body := send("GET", "/private", ""); got != http.StatusUnauthorized {
				t.Errorf("%s: GET /private after logout: status %d, want 401; body %s", baseURL, got, body)
			}
		}
	}
}
