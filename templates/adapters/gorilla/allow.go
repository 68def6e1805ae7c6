//authgen:if gorilla

package auth

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// MethodNotAllowed returns a MethodNotAllowedHandler for router that lists the allowed
// methods in the Allow header, which RFC 9110 requires of answers with status 405.
func MethodNotAllowed(router *mux.Router) http.Handler {
	methods := []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range methods {
			other := r.WithContext(r.Context())
			other.Method = method
			// mux also reports a match for this handler, with MatchErr.
			if match := new(mux.RouteMatch); router.Match(other, match) && match.MatchErr == nil {
				allowed = append(allowed, method)
			}
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	})
}
