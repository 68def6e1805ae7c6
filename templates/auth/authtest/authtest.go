// Package authtest tests an application that uses auth from outside, through HTTP
// alone, and logs users in for the application's own tests.
//
// In the application's tests, newApp stands for whatever puts it together on an
// empty database, as main does:
//
//	func TestAttacks(t *testing.T) {
//		authtest.Run(t, newApp(t, authtest.NewDatabase(t), authtest.NewKeys()))
//	}
//
//	func TestInvoicesAreTheOwners(t *testing.T) {
//		app := newApp(t, authtest.NewDatabase(t), authtest.NewKeys())
//		ann := authtest.LogIn(t, app, auth.DefaultRole)
//		response, err := ann.Get(app.Auth.BaseURL() + "/invoices")
//		…
//	}
//
// In a test that imports it, hashing a password costs next to nothing.
package authtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing"

	"github.com/authgen/authgen/templates/auth"
	"github.com/authgen/authgen/templates/auth/internal/testhook"
)

// staleUsers are the ids of the users whose sessions are not fresh.
var staleUsers sync.Map

func init() {
	if testing.Testing() {
		testhook.CheapHashing = true
		testhook.Stale = func(userID string) bool {
			_, stale := staleUsers.Load(userID)
			return stale
		}
	}
}

// NewKeys returns a new key for Config.Keys.
func NewKeys() []auth.Key {
	var key auth.Key
	_, _ = rand.Read(key[:]) // never fails
	return []auth.Key{key}
}

// LogIn creates a user with that role and returns a client in which the user is
// logged in. The application is below app.Auth.BaseURL(), whatever its host: it
// is served on a port of this machine until the test ends. The client keeps
// cookies, and sends what a browser does for a page of the application, unless
// the request has a Sec-Fetch-Site header already.
func LogIn(t testing.TB, app App, role auth.Role) *http.Client {
	t.Helper()
	s := newSite(t, app)
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

// As creates a user with that role and calls f with the user's Principal, and the
// context of the request that it is of: for tests of what takes a Principal.
func As(t testing.TB, a *auth.Auth, role auth.Role, f func(ctx context.Context, p auth.Principal)) {
	t.Helper()
	requests, done := make(chan *auth.Request), make(chan struct{})
	s := newSite(t, bare(a, []auth.Route{{
		Name: "as", Method: http.MethodGet, Path: "/as",
		Handler: func(r *auth.Request) (auth.Answer, error) {
			requests <- r
			<-done
			return auth.Answer{}, nil
		},
	}}))
	v := s.user(t, role)
	answered := make(chan error, 1)
	go func() {
		got, err := v.try(t, s.call("as"))
		if err == nil && got.status != http.StatusNoContent {
			err = fmt.Errorf("status %d, body %s", got.status, got.body)
		}
		answered <- err
	}()
	select {
	case r := <-requests:
		// In the test's own goroutine, which it may end.
		func() {
			defer close(done)
			f(r.Context(), r.Principal())
		}()
		if err := <-answered; err != nil {
			t.Fatalf("authtest: %v", err)
		}
	case err := <-answered:
		t.Fatalf("authtest: the user was refused: %v", err)
	}
}

// account is what a user logs in with.
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
	email := s.newEmail()
	u, err := s.CreateUser(t.Context(), auth.NewUser{Email: email, Password: password, Role: role})
	if err != nil {
		t.Fatalf("authtest: create a user: %v", err)
	}
	return account{u.ID, email, password}
}

// user creates a user and logs in.
func (s *site) user(t testing.TB, role auth.Role) *visitor {
	t.Helper()
	return s.loggedIn(t, s.account(t, role))
}

// staleUser is user, with credentials that count as checked long ago.
func (s *site) staleUser(t testing.TB, role auth.Role) *visitor {
	t.Helper()
	account := s.account(t, role)
	staleUsers.Store(account.id.String(), true)
	return s.loggedIn(t, account)
}

// loggedIn returns a visitor in whose browser the user has just logged in.
func (s *site) loggedIn(t testing.TB, a account) *visitor {
	t.Helper()
	v := &visitor{site: s, account: a}
	v.logIn(t)
	return v
}
