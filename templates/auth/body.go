//authgen:if !fiber

package auth

import (
	"errors"
	"io"
	"net/http"
)

// readJSON reads the body of a request, which must be a JSON object, into the
// fields.
func readJSON(w http.ResponseWriter, r *http.Request, into fields) error {
	if err := checkType(r.Header); err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return errTooLarge
		}
		return malformed("could not be read to its end")
	}
	return parseJSON(body, into)
}
