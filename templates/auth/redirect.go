package auth

import (
	"net/http"
	"net/url"
	"strings"
)

// LocalPath returns target if it is a path of this application that is safe to
// redirect to, and fallback otherwise. Use it for every target that a visitor
// supplies, such as a "next" parameter: [http.Redirect] accepts "//evil.example",
// which browsers take for another host. Paths are without [Auth.BasePath].
func LocalPath(target, fallback string) string {
	if u := ownPath(target); u != nil && !listed([]string{prefix}, u.Path) {
		return u.String()
	}
	return fallback
}

// ownPath returns target if it is a path of this application, and nil otherwise.
// Unlike LocalPath, it accepts paths of this package's routes.
func ownPath(target string) *url.URL {
	if len(target) > 2048 {
		return nil
	}
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c >= 0x7f || c == '\\' {
			return nil
		}
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.EscapedPath(), "//") ||
		strings.ContainsAny(u.Path, "\\\x00\r\n\t") {
		return nil
	}
	// A browser resolves dot segments, so "/.//evil" becomes another host.
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return nil
		}
	}
	return &url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
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

// redirect sets the header of an answer that redirects to another page of this
// application, and returns its status.
func (a *Auth) redirect(header http.Header, to string) (status int) {
	header.Set("Cache-Control", "no-store")
	header.Set("Location", a.basePath+to)
	return http.StatusSeeOther
}

// loginURL returns the URL of the login page that leads back to the page of r.
//
//authgen:if gate
func (a *Auth) loginURL(r *http.Request) string {
	next := LocalPath(r.URL.RequestURI(), "")
	if next == "" || next == a.config.LoginPath {
		return a.config.LoginPath
	}
	return a.config.LoginPath + "?next=" + url.QueryEscape(next)
}
