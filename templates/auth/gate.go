//authgen:if gate

package auth

import "net/http"

// gate returns the page to redirect r to, or "": the login page for a protected
// page without a session, and home for a page that is only for visitors who are
// logged out.
//
// It is the optimistic check, for convenience only. The guard of a page protects
// its content.
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
