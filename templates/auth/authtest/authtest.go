// Package authtest attacks an application that uses auth, only over HTTP, and logs
// users in for the application's own tests.
//
// In these examples, newApp is a function of yours that builds the application on an
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
// Tests that import this package hash passwords fast.
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

// staleUsers holds the ids of the users whose sessions are not fresh.
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

// NewKeys returns one random key, for Config.Keys.
func NewKeys() []auth.Key {
	var key auth.Key
	_, _ = rand.Read(key[:]) // never fails
	return []auth.Key{key}
}

// LogIn creates a user with the role and returns a client that is logged in as that
// user. The application is served on a port of this machine until the test ends; the
// client reaches it at app.Auth.BaseURL(), whatever its host. If that has a path, the
// client removes it, as the proxy does. The client keeps cookies, and sends what a
// browser sends for a page of the application, unless the request already has a
// Sec-Fetch-Site header.
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
	return &http.Client{Jar: jar, Transport: sameOrigin{s.transport, app.Auth.BasePath()}}
}

// sameOrigin sends requests as a page of the application would, through a proxy that
// removes the base path.
type sameOrigin struct {
	http.RoundTripper
	basePath string
}

func (s sameOrigin) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context()) // a RoundTripper must not change a request
	if r.Header.Get("Sec-Fetch-Site") == "" {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if s.basePath != "" && !strings.HasPrefix(r.URL.Path, s.basePath+"/") {
		return nil, fmt.Errorf("authtest: %s is not below the path of BaseURL, %s", r.URL.Path, s.basePath)
	}
	r.URL.Path = strings.TrimPrefix(r.URL.Path, s.basePath)
	r.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, s.basePath)
	return s.RoundTripper.RoundTrip(r)
}

// As creates a user with the role and calls f with the user's Principal and the
// context of its request. It is for tests of functions that take a Principal.
func As(t testing.TB, a *auth.Auth, role auth.Role, f func(ctx context.Context, p auth.Principal)) {
	t.Helper()
	requests, done := make(chan *auth.Request), make(chan struct{})
	s := newSite(t, bare(a, []auth.Route{{
		Name: testhook.Probe + "as", Method: http.MethodGet, Path: "/as",
		Handler: func(r *auth.Request) (auth.Answer, error) {
			requests <- r
			<-done
			return auth.Answer{}, nil
		},
	}}))
	v := s.user(t, role)
	answered := make(chan error, 1)
	go func() {
		got, err := v.try(t, s.call(testhook.Probe+"as"))
		if err == nil && got.status != http.StatusNoContent {
			err = fmt.Errorf("status %d, body %s", got.status, got.body)
		}
		answered <- err
	}()
	select {
	case r := <-requests:
		// f runs in the test's own goroutine, so that it may call t.Fatal.
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

// account is a user with the credentials to log in.
type account struct {
	id              auth.UserID
	email, password string
}

// newPassword returns a random password that any policy accepts.
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

// staleUser is like user, but the session is not fresh.
func (s *site) staleUser(t testing.TB, role auth.Role) *visitor {
	t.Helper()
	account := s.account(t, role)
	staleUsers.Store(account.id.String(), true)
	return s.loggedIn(t, account)
}

// loggedIn returns a visitor that has just logged in as the user.
func (s *site) loggedIn(t testing.TB, a account) *visitor {
	t.Helper()
	v := &visitor{site: s, account: a}
	v.logIn(t)
	return v
}
