package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"

	"example.com/echo-postgres-redis/internal/auth"
)

// The client does not see the value of a panic.
func TestPanic(t *testing.T) {
	e := newHandler(newTestApp(t).Auth)
	e.GET("/test", func(*echo.Context) error { panic("a secret") })
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest("GET", "/test", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("status %d, body %s", w.Code, w.Body)
	}
}

// All errors have the same format, whether a handler or echo returns them.
func TestErrors(t *testing.T) {
	e := newHandler(newTestApp(t).Auth)
	e.GET("/test", func(*echo.Context) error { return auth.ErrForbidden })
	for _, test := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/test", http.StatusForbidden, ""},
		{"GET", "/nowhere", http.StatusNotFound, ""},
		{"POST", "/login", http.StatusMethodNotAllowed, "OPTIONS, GET, HEAD"},
	} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
		var body struct{ Status int }
		err := json.Unmarshal(w.Body.Bytes(), &body)
		if w.Code != test.status || err != nil || body.Status != test.status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: status %d, want %d; header %v, body %s", test.method, test.path, w.Code, test.status, w.Header(), w.Body)
		}
		if allow := w.Header().Get("Allow"); allow != test.allow {
			t.Errorf("%s %s: Allow %q, want %q", test.method, test.path, allow, test.allow)
		}
	}
}

// Only the files in the static folder are served.
func TestStatic(t *testing.T) {
	e := newHandler(newTestApp(t).Auth)
	for path, status := range map[string]int{
		"/static/app.css":                  http.StatusOK,
		"/static/":                         http.StatusNotFound,
		"/static/../pages/layout.html":     http.StatusNotFound,
		"/static/%2e%2e/pages/layout.html": http.StatusNotFound,
		"/static/..%2fpages/layout.html":   http.StatusNotFound,
	} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != status {
			t.Errorf("GET %s: status %d, want %d", path, w.Code, status)
		}
	}
}
