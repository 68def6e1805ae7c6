// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import (
	"net/http"
	"net/url"
	"strings"
)

// gate returns the page where the visitor has to be instead of the one that r
// asks for, or "": to sign in before a protected page, and home from a page for
// those who are signed out.
//
// It is an optimistic decision, made for the visitor's convenience alone. What a
// page shows is protected by its guard.
func (a *Auth) gate(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	_, signedIn := SessionFrom(r.Context())
	switch {
	case !signedIn && listed(protectedPaths, r.URL.Path):
		return a.loginURL(r)
	case signedIn && listed(publicPaths, r.URL.Path) && r.URL.Path != a.config.HomePath:
		return LocalPath(r.URL.Query().Get("next"), a.config.HomePath)
	}
	return ""
}

// redirect sets the header of an answer that sends the visitor to another page,
// and returns its status.
func redirect(header http.Header, to string) (status int) {
	header.Set("Cache-Control", "no-store")
	header.Set("Location", to)
	return http.StatusSeeOther
}

// loginURL is the page to sign in at, which leads back to the page of r.
func (a *Auth) loginURL(r *http.Request) string {
	next := LocalPath(r.URL.RequestURI(), "")
	if next == "" || next == a.config.LoginPath {
		return a.config.LoginPath
	}
	return a.config.LoginPath + "?next=" + url.QueryEscape(next)
}

// listed reports whether path is one of paths or below one of them.
func listed(paths []string, path string) bool {
	for _, p := range paths {
		if path == p || p != "/" && strings.HasPrefix(path, p) && path[len(p)] == '/' {
			return true
		}
	}
	return false
}

// LocalPath returns target if it is a path of this application that is safe to
// redirect to, and fallback otherwise. A target that a visitor supplies, such as
// a "next" parameter, must pass through here: [http.Redirect] sends browsers to
// "//evil.example" without a word.
func LocalPath(target, fallback string) string {
	if len(target) > 2048 {
		return fallback
	}
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c >= 0x7f || c == '\\' {
			return fallback
		}
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.EscapedPath(), "//") ||
		strings.ContainsAny(u.Path, "\\\x00\r\n\t") ||
		u.Path == prefix || strings.HasPrefix(u.Path, prefix+"/") {
		return fallback
	}
	// A browser resolves dot segments, after which "/.//evil" is another host.
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return fallback
		}
	}
	local := url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
	return local.String()
}
