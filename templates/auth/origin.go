package auth

import (
	"net/http"
	"strings"
)

// checkOrigin refuses requests that no page of this application sends.
func (a *Auth) checkOrigin(r *http.Request) error {
	if a.host != "" && !strings.EqualFold(r.Host, a.host) {
		return errWrongHost
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	// The origin that crossOrigin trusts is for browsers without Sec-Fetch-Site.
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return errCrossOrigin
	}
	if err := a.crossOrigin.Check(r); err != nil {
		return errCrossOrigin
	}
	// CrossOriginProtection lets an Origin pass that equals Host, whatever its
	// scheme, and requests that have neither header.
	if r.Header.Get("Sec-Fetch-Site") == "" {
		switch origin := r.Header.Get("Origin"); {
		case origin == "" && a.config.StrictOrigin, origin != "" && origin != a.origin:
			return errCrossOrigin
		}
	}
	return nil
}
