//authgen:if signup

package authtest

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

func parallelSignUps(t *testing.T, member *visitor) {
	const parallel = 20
	v, email := member.anonymous(), member.newEmail()
	answers, errs := make([]answer, parallel), make([]error, parallel)
	var wg sync.WaitGroup
	for i := range parallel {
		wg.Go(func() {
			address := email
			if i%2 == 1 {
				address = strings.ToUpper(email)
			}
			answers[i], errs[i] = v.try(t, v.call("signup").with("email", address, "password", newPassword()))
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	created := 0
	for _, got := range answers {
		switch {
		case got.succeeded():
			created++
		case got.status != http.StatusConflict && got.status != http.StatusServiceUnavailable: // too many at once
			t.Errorf("status %d, want success, 409 or 503; body %.300s", got.status, got.body)
		}
	}
	if created != 1 {
		t.Errorf("%d of %d sign-ups with one address created an account, want 1", created, parallel)
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
		got := v.want(t, http.StatusBadRequest, v.call("signup").with("email", email, "password", newPassword()))
		if !got.says("invalid_input") || got.code() != "" && got.problem().Fields["email"].Code == "" {
			t.Errorf("%q: body %s, want an error about the address", email, got.body)
		}
	}
}

func privilegedSignUp(t *testing.T, member *visitor) {
	v := member.anonymous()
	v.email, v.password = v.newEmail(), newPassword()
	for name, value := range map[string]any{
		"role": "admin", "is_admin": true, "id": member.id, "email_verified": true, "password_hash": "x",
		"disabled": false, "session_version": 7, "created_at": "2000-01-01T00:00:00Z", "permissions": "users:write",
	} {
		v.want(t, http.StatusBadRequest, v.call("signup").with("email", v.email, "password", v.password, name, value))
	}
	v.want(t, success, v.call("signup").plus("?role=admin&email_verified=true").with("email", v.email, "password", v.password), "X-Role", "admin")
	v.logIn(t)
	got := v.do(t, v.me.call())
	if !strings.Contains(got.body, `"role":"`+auth.DefaultRole.String()+`"`) || !strings.Contains(got.body, `"email_verified":false`) {
		t.Errorf("signed up as %s, want the role %s without a verified address", got.body, auth.DefaultRole)
	}
}

func signUpWhileLoggedIn(t *testing.T, member *visitor) {
	v := member.holding(member.token)
	v.want(t, http.StatusConflict, v.call("signup").with("email", v.newEmail(), "password", newPassword()))
	v.alive(t, "after the attempt")
}
