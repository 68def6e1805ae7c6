package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What a panic says is not for the client.
func TestPanic(t *testing.T) {
	a := newTestApp(t).Auth
	h := secure(a, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a secret") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("status %d, body %s", w.Code, w.Body)
	}
}
