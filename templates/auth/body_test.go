package auth

import (
	"io"
	"net/http"
	"net/http/httptest"
)

// readTestBody calls [Request.Read] with a body of a form or of JSON. The header is that
// of such a request, with the given values replaced.
func readTestBody(body io.Reader, header http.Header, form bool, into Fields) error {
	r := httptest.NewRequest("POST", "/", body)
	r.Header.Set("Content-Type", "application/json")
	if form {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range header {
		r.Header[name] = values
	}
	return (&Request{transport: newTestTransport(httptest.NewRecorder(), r), route: Route{Form: form}}).Read(into)
}
