//authgen:if !fiber

package auth

import (
	"io"
	"net/http"
	"net/http/httptest"
)

// readTestJSON is readJSON of a body of type application/json, unless the header
// says otherwise.
func readTestJSON(body io.Reader, header http.Header, into fields) error {
	r := httptest.NewRequest("POST", "/", body)
	r.Header.Set("Content-Type", "application/json")
	for name, values := range header {
		r.Header[name] = values
	}
	return readJSON(httptest.NewRecorder(), r, into)
}
