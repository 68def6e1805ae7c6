//authgen:if literal_first

package auth

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// The more literal of two routes has precedence, whatever their order.
func TestLiteralFirst(t *testing.T) {
	a := newOfflineAuth(t)
	routes := []Route{
		{Method: "GET", Path: "/test/{a}/x/{b}", Public: true, Handler: rawHandler(http.StatusOK, "parameter")},
		{Method: "GET", Path: "/test/literal/x/{b}", Public: true, Handler: rawHandler(http.StatusOK, "literal")},
	}
	for range 2 {
		app := a.applicationWith(routes)
		for path, want := range map[string]string{"/test/one/x/two": "parameter", "/test/literal/x/two": "literal"} {
			if w := exchange(app, httptest.NewRequest("GET", path, nil)); w.Body.String() != want {
				t.Errorf("GET %s reaches the %s route, want the %s route", path, w.Body, want)
			}
		}
		slices.Reverse(routes)
	}
}
