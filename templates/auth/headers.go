package auth

import "net/http"

// The content security policies of answers. A browser must not show data as a page.
const (
	dataPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

// setHeaders sets the security headers of an answer that is data. Caches must not
// store it.
func (a *Auth) setHeaders(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", dataPolicy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	if a.config.HSTS != "" {
		header.Set("Strict-Transport-Security", a.config.HSTS)
	}
}

// setPageHeaders changes the headers set by setHeaders to those of a page. With the
// referrer policy of data, browsers would submit forms without the page's origin.
func setPageHeaders(header http.Header) {
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("Referrer-Policy", "same-origin")
}

// ensureHeader sets a header unless it already has the value. That saves an
// allocation.
func ensureHeader(header http.Header, name, value string) {
	if header.Get(name) != value {
		header.Set(name, value)
	}
}
