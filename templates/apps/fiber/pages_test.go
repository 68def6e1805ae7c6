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

// A panic ends only its own request, and the client does not see its value.
func TestPanic(t *testing.T) {
	app := &app{newTestApp(t).Auth}
	r := fiber.New()
	r.Use(app.secure)
	r.Get("/", func(fiber.Ctx) error { panic("a secret") })
	for range 2 {
		response, err := r.Test(httptest.NewRequest("GET", "/", nil))
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

// Only the files in the static folder are served.
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

// Pages and files answer GET and HEAD only.
func TestMethods(t *testing.T) {
	app := newTestApp(t).App
	for _, path := range []string{"/", "/login", "/static/app.css"} {
		for method, want := range map[string]int{"GET": http.StatusOK, "HEAD": http.StatusOK, "POST": http.StatusMethodNotAllowed} {
			r := httptest.NewRequest(method, path, nil)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			response, err := app.Test(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != want || want == http.StatusMethodNotAllowed && response.Header.Get("Allow") == "" {
				t.Errorf("%s %s: status %d, Allow %q; want %d", method, path, response.StatusCode, response.Header.Get("Allow"), want)
			}
		}
	}
}
