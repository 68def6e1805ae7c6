//authgen:if http_request
//authgen:unit redirect.go

package auth

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A handler of net/http can remove the path itself.
func TestStripPrefix(t *testing.T) {
	a := newOfflineAuth(t, func(c *Config) { c.BaseURL = "https://example.com/app" })
	var router http.Handler = a.applicationWith([]Route{{Method: "GET", Path: "/here/{id}", Public: true, Handler: func(r *Request) (Answer, error) {
		return Answer{Redirect: "/there/" + r.PathValue("id")}, nil
	}}})
	w := httptest.NewRecorder()
	http.StripPrefix("/app", router).ServeHTTP(w, httptest.NewRequest("GET", "https://example.com/app/here/a-b", nil))
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/app/there/a-b" {
		t.Errorf("status %d, Location %q; want 303, /app/there/a-b", w.Code, got)
	}
}
