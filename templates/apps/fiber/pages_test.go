//authgen:if fiber

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
)

// What a panic says is not for the client, and is the end of one request only.
func TestPanic(t *testing.T) {
	app := fiber.New()
	app.Use(secure(newTestApp(t).Auth))
	app.Get("/", func(fiber.Ctx) error { panic("a secret") })
	for range 2 {
		response, err := app.Test(httptest.NewRequest("GET", "/", nil))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusInternalServerError || strings.Contains(string(body), "secret") {
			t.Errorf("status %d, body %s", response.StatusCode, body)
		}
	}
}

// The files of one folder are served, and nothing beside it.
func TestStatic(t *testing.T) {
	app := newApp(newTestApp(t).Auth)
	for path, contentType := range map[string]string{
		"/static/app.css":                "text/css; charset=utf-8",
		"/static/app.js":                 "text/javascript; charset=utf-8",
		"/static/":                       "",
		"/static/none.css":               "",
		"/static/..%2fpages%2fhome.html": "",
	} {
		response, err := app.Test(httptest.NewRequest("GET", path, nil))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if contentType == "" {
			if response.StatusCode != http.StatusNotFound {
				t.Errorf("GET %s: status %d, want 404", path, response.StatusCode)
			}
		} else if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != contentType {
			t.Errorf("GET %s: status %d, Content-Type %q, want %q", path, response.StatusCode, got, contentType)
		}
	}
}
