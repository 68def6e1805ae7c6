//authgen:if http_request

package auth

import (
	"errors"
	"io"
	"net/http"
)

// readBody reads the body of a request, up to maxBody.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return nil, errTooLarge
		}
		return nil, errCutOff
	}
	return body, nil
}
