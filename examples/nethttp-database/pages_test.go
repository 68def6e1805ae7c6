package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The client does not see the value of a panic.
func TestPanic(t *testing.T) {
	app := &app{newTestApp(t).Auth}
	h := app.secure(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a secret") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("status %d, body %s", w.Code, w.Body)
	}
}

// Pages and files answer GET and HEAD only.
func TestMethods(t *testing.T) {
	h := newTestApp(t).Handler
	for _, path := range []string{"/", "/login", "/static/app.css"} {
		for method, want := range map[string]int{"GET": http.StatusOK, "HEAD": http.StatusOK, "POST": http.StatusMethodNotAllowed} {
			r := httptest.NewRequest(method, path, nil)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != want || want == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
				t.Errorf("%s %s: status %d, Allow %q; want %d", method, path, w.Code, w.Header().Get("Allow"), want)
			}
		}
	}
}

// Only the files in the static folder are served, without a list of them.
func TestFiles(t *testing.T) {
	h := newTestApp(t).Handler
	for _, path := range []string{
		"/static/", "/static", "/static/..", "/static/../pages/home.html", "/static/%2e%2e/pages/home.html", "/pages/home.html",
		"/static/..%2fpages%2fhome.html", "/static/..%2fpages%2f", "/static/..%2f", "/static/%2e%2e", "/static/.%2f", "/static/%2f",
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code == http.StatusOK {
			t.Errorf("GET %s: status %d, body %s", path, w.Code, w.Body)
		}
	}
}
