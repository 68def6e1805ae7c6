// Package authtest tests an application that uses auth from outside, through HTTP
// alone, and signs users in for the application's own tests.
//
// In the application's tests, newApp stands for whatever puts it together on an
// empty database, as main does:
//
//	func TestAttacks(t *testing.T) {
//		authtest.Run(t, newApp(t))
//	}
//
//	func TestInvoicesAreTheOwners(t *testing.T) {
//		app := newApp(t)
//		ann := authtest.LogIn(t, app, auth.DefaultRole)
//		response, err := ann.Get(app.Auth.BaseURL() + "/invoices")
//		…
//	}
package authtest

import (
	"crypto/rand"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

// LogIn creates a user with that role and returns a client in which the user is
// signed in. The application is below app.Auth.BaseURL(), whatever its host: it
// is served on a port of this machine until the test ends. The client keeps
// cookies, and sends what a browser does for a page of the application, unless
// the request has a Sec-Fetch-Site header already.
func LogIn(t testing.TB, app App, role auth.Role) *http.Client {
	t.Helper()
	s := serve(t, app)
	v := s.user(t, role)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	base, err := http.NewRequestWithContext(t.Context(), http.MethodGet, app.Auth.BaseURL()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(base.URL, []*http.Cookie{{
		Name: v.cookie, Value: v.token, Path: "/", Secure: base.URL.Scheme == "https", HttpOnly: true,
	}})
	return &http.Client{Jar: jar, Transport: sameOrigin{s.transport}}
}

// sameOrigin sends requests as a page of the application would.
type sameOrigin struct{ http.RoundTripper }

func (s sameOrigin) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Sec-Fetch-Site") == "" {
		r = r.Clone(r.Context()) // a RoundTripper must not change a request
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return s.RoundTripper.RoundTrip(r)
}

// site is an application that is being served.
type site struct {
	*auth.Auth
	transport *http.Transport
}

// account is what a user signs in with.
type account struct {
	id              auth.UserID
	email, password string
}

// newPassword returns a password that every policy takes which lets any be
// chosen.
func newPassword() string { return rand.Text() + "-" + rand.Text() }

func newEmail() string { return strings.ToLower(rand.Text()) + "@example.org" }

func (s *site) account(t testing.TB, role auth.Role) account {
	t.Helper()
	return s.accountWith(t, role, newPassword())
}

func (s *site) accountWith(t testing.TB, role auth.Role, password string) account {
	t.Helper()
	email := newEmail()
	u, err := s.CreateUser(t.Context(), auth.NewUser{Email: email, Password: password, Role: role})
	if err != nil {
		t.Fatalf("authtest: create a user: %v", err)
	}
	return account{u.ID, email, password}
}

// user creates a user and signs in.
func (s *site) user(t testing.TB, role auth.Role) *visitor {
	t.Helper()
	return s.signIn(t, s.account(t, role))
}

// signIn returns a visitor in whose browser the user has just signed in.
func (s *site) signIn(t testing.TB, a account) *visitor {
	t.Helper()
	v := &visitor{site: s, account: a}
	v.logIn(t)
	return v
}
