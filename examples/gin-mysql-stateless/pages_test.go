package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

func init() {
	gin.SetMode(gin.TestMode) // otherwise gin prints all routes
}

// The client does not see the value of a panic, and gin logs neither the value nor the
// cookies of the request.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	defer func(w io.Writer) { gin.DefaultErrorWriter = w }(gin.DefaultErrorWriter)
	gin.DefaultErrorWriter = &log
	engine := newHandler(newTestApp(t).Auth).(*gin.Engine)
	engine.GET("/panic", func(*gin.Context) { panic("a secret") })
	engine.GET("/abort", func(*gin.Context) { panic(http.ErrAbortHandler) })
	for _, path := range []string{"/panic", "/abort"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Cookie", "name=secret")
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, r)
		if path == "/panic" && w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String()+log.String(), "secret") {
			t.Errorf("%s: status %d, body %s, log %s", path, w.Code, w.Body, log.String())
		}
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
			if w.Code != want {
				t.Errorf("%s %s: status %d, want %d", method, path, w.Code, want)
			}
		}
	}
}

// Only the files in the static folder are served, without a list of them.
func TestFiles(t *testing.T) {
	h := newTestApp(t).Handler
	for _, path := range []string{"/static/", "/static", "/static/..", "/static/../pages", "/static/%2e%2e/pages/home.html", "/static/..%2fpages%2fhome.html", "/pages/home.html"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code == http.StatusOK {
			t.Errorf("GET %s: status %d, body %s", path, w.Code, w.Body)
		}
	}
}
