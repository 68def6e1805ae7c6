//authgen:if gate

package auth

import "net/http"

// gate returns the page where the visitor has to be instead of the one that r
// asks for, or "": to log in before a protected page, and home from a page for
// those who are logged out.
//
// It is an optimistic decision, made for the visitor's convenience alone. What a
// page shows is protected by its guard.
func (a *Auth) gate(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	_, loggedIn := SessionFrom(r.Context())
	switch {
	case !loggedIn && listed(protectedPaths, r.URL.Path):
		return a.loginURL(r)
	case loggedIn && listed(publicPaths, r.URL.Path) && r.URL.Path != a.config.HomePath:
		return LocalPath(r.URL.Query().Get("next"), a.config.HomePath)
	}
	return ""
}
