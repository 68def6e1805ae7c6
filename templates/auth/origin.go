package auth

import (
	"net/http"
	"strings"
)

// checkOrigin refuses requests that a page of another origin may have sent and, in the
// development mode, requests for another host.
func (a *Auth) checkOrigin(r *http.Request) error {
	if a.host != "" && !strings.EqualFold(r.Host, a.host) {
		return errWrongHost
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	// crossOrigin would let its trusted origin pass whatever Sec-Fetch-Site says.
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return errCrossOrigin
	}
	if err := a.crossOrigin.Check(r); err != nil {
		return errCrossOrigin
	}
	// CrossOriginProtection accepts an Origin that equals Host, whatever its scheme,
	// and requests with neither header.
	if r.Header.Get("Sec-Fetch-Site") == "" {
		switch origin := r.Header.Get("Origin"); {
		case origin == "" && a.config.StrictOrigin, origin != "" && origin != a.origin:
			return errCrossOrigin
		}
	}
	return nil
}
