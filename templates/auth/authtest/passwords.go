package authtest

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

func inexactPassword(t *testing.T, member *visitor) {
	const accent = "\u00e9"
	v := &visitor{site: member.site, account: member.accountWith(t, auth.DefaultRole, newPassword()+accent)}
	for _, wrong := range []string{
		" " + v.password,
		strings.ToLower(v.password),
		strings.TrimSuffix(v.password, accent),
		strings.TrimSuffix(v.password, accent) + "e",
	} {
		got := v.want(t, http.StatusUnauthorized, v.login.call().with("email", v.email, "password", wrong))
		if got.session != nil {
			t.Errorf("a login with the password %q instead of %q sets the cookie %q", wrong, v.password, got.session.Raw)
		}
	}
	v.logIn(t)
	// In Unicode, this is the same letter in another form, which looks the same.
	got := v.want(t, http.StatusOK, v.login.call().with("email", v.email, "password", strings.TrimSuffix(v.password, accent)+"e\u0301"))
	if got.session == nil {
		t.Error("the password in another normalization form of Unicode is refused")
	}
}

func longPassword(t *testing.T, member *visitor) {
	longest := strings.Repeat(newPassword(), 5)[:256]
	v := &visitor{site: member.site, account: member.accountWith(t, auth.DefaultRole, longest)}
	v.want(t, http.StatusUnauthorized, v.login.call().with("email", v.email, "password", longest[:72]))
	v.want(t, http.StatusUnauthorized, v.login.call().with("email", v.email, "password", longest[:255]))
	got := v.want(t, http.StatusBadRequest, v.login.call().with("email", v.email, "password", longest+"a"))
	if !got.says("invalid_input") {
		t.Errorf("a password of 257 characters: code %q, want invalid_input", got.code())
	}
	v.logIn(t)
}

func passwordOfAnotherType(t *testing.T, member *visitor) {
	v := member.holding("")
	for _, in := range []string{
		object("email", v.email),
		object("email", v.email, "password", ""),
		object("email", v.email, "password", nil),
		object("email", v.email, "password", []string{v.password}),
		object("email", v.email, "password", map[string]string{"password": v.password}),
		object("email", v.email, "password", 0),
		object("email", v.email, "password", true),
		object("email", []string{v.email}, "password", v.password),
		object("password", v.password),
		`{"email":"` + v.email + `","password":"\ud800"}`,
		`{"email":"` + v.email + `","password":"` + "\xff" + `"}`,
	} {
		if got := v.want(t, http.StatusBadRequest, v.jsonLogin.call().text(in)); got.session != nil {
			t.Errorf("%q sets the cookie %q", in, got.session.Raw)
		}
	}
}

func passwordChangeWithoutPassword(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	before := v.token
	changed := newPassword()
	v.want(t, http.StatusBadRequest, v.call("password").with("new", changed))
	v.want(t, http.StatusBadRequest, v.call("password").with("current", "", "new", changed))
	v.want(t, http.StatusUnauthorized, v.call("password").with("current", changed, "new", changed))
	if v.token != before {
		t.Error("a refused change sets another cookie")
	}
	v.alive(t, "after refused changes")
	v.holding("").logIn(t)
}

func logInByGet(t *testing.T, member *visitor) {
	v := member.holding("")
	for _, method := range []string{"GET", "HEAD"} {
		c := v.login.call().by(method).plus("?email=" + v.email + "&password=" + v.password)
		if v.strange(method, v.login.call().path) {
			continue // such as the login page
		}
		got := v.do(t, c)
		if got.session != nil || strings.Contains(got.body, v.id.String()) {
			t.Errorf("%s login?email=…: status %d, session cookie %v, body %.300s; want no login", method, got.status, got.session, got.body)
		}
	}
}

func enumeration(t *testing.T, member *visitor) {
	known := member.account
	try := func(email string) answer {
		got := member.anonymous().do(t, member.login.call().with("email", email, "password", newPassword())).comparable()
		got.body = strings.ReplaceAll(got.body, email, "…") // a form may repeat the address
		return got
	}
	wrong, unknown := try(known.email), try(member.newEmail())
	if wrong.status != http.StatusUnauthorized || !wrong.says("invalid_credentials") {
		t.Errorf("a wrong password: status %d, code %q; want 401, invalid_credentials", wrong.status, wrong.code())
	}
	if !reflect.DeepEqual(wrong, unknown) {
		t.Errorf("the answer to a wrong password is %v,\nbut the answer to an unknown address is %v", wrong, unknown)
	}
}

// attempts is more than both limits allow.
const attempts = 40

func guessing(t *testing.T, member *visitor) {
	v := &visitor{site: member.site, account: member.site.account(t, auth.DefaultRole)}
	for i := range attempts {
		// In upper case, it is still the address of the same account.
		email := v.email
		if i%2 == 1 {
			email = strings.ToUpper(email)
		}
		got := v.do(t, v.login.call().with("email", email, "password", newPassword()))
		if got.status == http.StatusUnauthorized {
			continue
		}
		if got.status != http.StatusTooManyRequests || !got.says("rate_limited") || got.header.Get("Retry-After") == "" {
			t.Errorf("attempt %d: status %d, code %q, Retry-After %q; want 429, rate_limited with a delay", i+1, got.status, got.code(), got.header.Get("Retry-After"))
		}
		if i > 10 {
			t.Errorf("%d attempts were checked, want at most 10", i)
		}
		v.want(t, http.StatusTooManyRequests, v.login.call().with("email", v.email, "password", v.password))
		return
	}
	t.Errorf("all %d attempts on one account were checked", attempts)
}

func guessingFromOneAddress(t *testing.T, member *visitor) {
	for i := range attempts {
		address := fmt.Sprintf("203.0.113.%d", i)
		got := member.anonymous().do(t, member.login.call().with("email", member.newEmail(), "password", newPassword()),
			"X-Forwarded-For", address+", "+address,
			"X_Forwarded_For", address,
			"X-Real-Ip", address,
			"Forwarded", "for="+address,
			"Cf-Connecting-Ip", address,
			"True-Client-Ip", address,
			"X-Client-Ip", address,
		)
		if got.status == http.StatusTooManyRequests {
			return
		}
		if got.status != http.StatusUnauthorized {
			t.Fatalf("attempt %d: status %d, want 401 or 429; body %s", i+1, got.status, got.body)
		}
	}
	t.Errorf("all %d attempts from one address were checked", attempts)
}
