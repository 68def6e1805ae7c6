//authgen:if gorilla

package auth

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// MethodNotAllowed returns a handler for the MethodNotAllowedHandler of router. It
// answers with 405 and names the methods that the path has in the header Allow,
// as RFC 9110 requires and mux by itself does not.
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
			// A handler such as this one also counts as a match.
			if match := new(mux.RouteMatch); router.Match(other, match) && match.MatchErr == nil {
				allowed = append(allowed, method)
			}
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	})
}
