//authgen:if signup

package authtest

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

func parallelSignUps(t *testing.T, member *visitor) {
	const parallel = 20
	email := newEmail()
	answers := make([]answer, parallel)
	var all sync.WaitGroup
	for i := range parallel {
		all.Go(func() {
			address := email
			if i%2 == 1 {
				address = strings.ToUpper(email)
			}
			r, err := http.NewRequestWithContext(t.Context(), "POST", member.BaseURL()+member.Path("signup"),
				strings.NewReader(object("email", address, "password", newPassword())))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			response, err := member.transport.RoundTrip(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = response.Body.Close() }()
			answers[i].status = response.StatusCode
		})
	}
	all.Wait()
	created := 0
	for _, got := range answers {
		switch got.status {
		case http.StatusCreated:
			created++
		case http.StatusConflict:
		case http.StatusServiceUnavailable: // too many at once for this machine
		default:
			t.Errorf("status %d", got.status)
		}
	}
	if created != 1 {
		t.Errorf("%d of %d sign-ups with one address made an account, want 1", created, parallel)
	}
}

func strangeAddresses(t *testing.T, member *visitor) {
	v := member.anonymous()
	for _, email := range []string{
		"", "a", "@", "a@b", "@b.com", "a@", "a@b..com", "a@.com", "a@b.com.", "a..b@c.com",
		"X <a@b.com>", "<a@b.com>", "a@b.com (c)", "a@b.com, c@d.com", "a@b.com;c@d.com", `"a@evil"@b.com`, "a@[127.0.0.1]",
		"a@b.com\r\nBcc: x@y.com", "a@b.com\n", " a@b.com", "a@b.com ", "a b@c.com", "a@b.com\x00", "a@b\x00.com",
		"mi\u212ae@b.com", "m\u0131ke@b.com", "a@\uff42.com", "\u017f@b.com",
		strings.Repeat("a", 65) + "@b.com",
		"a@" + strings.Repeat("b.", 126) + "com",
	} {
		got := v.want(t, http.StatusBadRequest, "POST", "signup", object("email", email, "password", newPassword()))
		if got.code() != "invalid_input" {
			t.Errorf("%q: code %q, want invalid_input", email, got.code())
		}
	}
}

func privilegedSignUp(t *testing.T, member *visitor) {
	v := member.anonymous()
	email, password := newEmail(), newPassword()
	for name, value := range map[string]any{
		"role": "admin", "is_admin": true, "id": member.id, "email_verified": true, "password_hash": "x",
		"disabled": false, "session_version": 7, "created_at": "2000-01-01T00:00:00Z", "permissions": "users:write",
	} {
		v.want(t, http.StatusBadRequest, "POST", "signup", object("email", email, "password", password, name, value))
	}
	got := v.want(t, http.StatusCreated, "POST", "signup?role=admin&email_verified=true", object("email", email, "password", password),
		"X-Role", "admin")
	if !strings.Contains(got.body, `"role":"`+auth.DefaultRole.String()+`"`) || !strings.Contains(got.body, `"email_verified":false`) {
		t.Errorf("signed up as %s", got.body)
	}
}

func signUpWhileSignedIn(t *testing.T, member *visitor) {
	v := member.holding(member.token)
	v.want(t, http.StatusConflict, "POST", "signup", object("email", newEmail(), "password", newPassword()))
	v.alive(t, "after the attempt")
}
