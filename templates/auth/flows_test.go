package auth

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// readUser reads the user in an answer.
func readUser(tb testing.TB, got answer) User {
	tb.Helper()
	var u User
	if err := json.Unmarshal([]byte(got.Body), &u); err != nil {
		tb.Fatalf("reading a user: %v; body %s", err, got.Body)
	}
	return u
}

// sessionCookie returns the session cookie that an answer sets.
func (app *testApp) sessionCookie(tb testing.TB, got answer) *http.Cookie {
	tb.Helper()
	for _, line := range got.Header["Set-Cookie"] {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			tb.Fatal(err)
		}
		if c.Name == app.cookieName {
			return c
		}
	}
	return nil
}

//authgen:if signup
func TestSignUp(t *testing.T) {
	var hooked []User
	app := newTestApp(t, func(c *Config) {
		c.Hooks.SignedUp = func(_ context.Context, _ *sql.Tx, u User) error {
			hooked = append(hooked, u)
			return nil
		}
	})
	b := app.browser(t)

	got := b.want(http.StatusCreated, "POST", prefix+"/signup", credentials("Ann@Example.org", testPassword))
	created := readUser(t, got)
	if created.Email != "ann@example.org" || created.Role != DefaultRole || created.EmailVerified || created.ID.IsZero() || created.CreatedAt.IsZero() {
		t.Errorf("signed up as %+v, want ann@example.org with the role %s", created, DefaultRole)
	}
	if got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("Content-Type %q, want application/json", got.Header.Get("Content-Type"))
	}
	if len(hooked) != 1 || hooked[0].ID != created.ID {
		t.Errorf("Hooks.SignedUp got %+v, want the user once", hooked)
	}

	// Signing up does not log in.
	if b.cookie() != "" {
		t.Errorf("sign-up set a cookie: %q", got.Header["Set-Cookie"])
	}
	b.want(http.StatusUnauthorized, "GET", prefix+"/me", "")

	b.wantCode(http.StatusConflict, "email_taken", "POST", prefix+"/signup", credentials("ANN@example.org", otherPassword))
	b.logIn("ann@example.org")
	b.wantCode(http.StatusConflict, "logged_in", "POST", prefix+"/signup", credentials("bob@example.org", testPassword))
	if len(hooked) != 1 {
		t.Errorf("Hooks.SignedUp was called %d times, want only for the successful sign-up", len(hooked))
	}
}

//authgen:if signup
func TestSignUpRefusals(t *testing.T) {
	app := newTestApp(t, func(c *Config) {
		c.PasswordContextWords = []string{"the name of the product"}
		c.Hooks.CheckPassword = func(_ context.Context, password string) (string, error) {
			if password == otherPassword {
				return "is known from a breach", nil
			}
			return "", nil
		}
	})
	b := app.browser(t)
	for _, test := range []struct {
		email, password string
		want            map[string]FieldError
	}{
		{"", "", map[string]FieldError{"email": {"missing", "is missing"}, "password": {"missing", "is missing"}}},
		{"ann", testPassword, map[string]FieldError{"email": {"not_an_address", "is not an e-mail address"}}},
		{"ann@example.org", "fourteen chars", map[string]FieldError{"password": {"too_short", "is too short, use at least 15 characters"}}},
		{"ann@example.org", strings.Repeat("a", 20), map[string]FieldError{"password": {"too_common", "is too common, choose another"}}},
		{"ann@longer.example.org", "ann@longer.example.org", map[string]FieldError{"password": {"easy_to_guess", "is easy to guess for this account, choose another"}}},
		{"ann@example.org", "The Name of the Product", map[string]FieldError{"password": {"easy_to_guess", "is easy to guess for this account, choose another"}}},
		{"ann@example.org", otherPassword, map[string]FieldError{"password": {"refused", "is known from a breach"}}},
	} {
		got := b.wantCode(http.StatusBadRequest, "invalid_input", "POST", prefix+"/signup", credentials(test.email, test.password))
		var p Problem
		if err := json.Unmarshal([]byte(got.Body), &p); err != nil {
			t.Fatal(err)
		}
		if diff := unequal(test.want, p.Fields); diff != "" {
			t.Errorf("%q, %q: fields:%s", test.email, test.password, diff)
		}
	}
	b.wantCode(http.StatusBadRequest, "invalid_input", "POST", prefix+"/signup",
		jsonObject(map[string]any{"email": "ann@example.org", "password": testPassword, "role": lastRole}))
	b.wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/login", credentials("ann@example.org", testPassword))
}

func TestLogIn(t *testing.T) {
	var hooked []User
	app := newTestApp(t, func(c *Config) {
		c.Hooks.LoggedIn = func(_ context.Context, u User) { hooked = append(hooked, u) }
	})
	ann := app.createUser(t, "ann@example.org", DefaultRole)
	b := app.browser(t)

	// The case of the address does not matter.
	got := b.want(http.StatusOK, "POST", prefix+"/login", credentials("ANN@example.org", testPassword))
	if u := readUser(t, got); u.ID != ann.ID || u.Email != ann.Email {
		t.Errorf("logged in as %+v, want %+v", u, ann)
	}
	if len(hooked) != 1 || hooked[0].ID != ann.ID {
		t.Errorf("Hooks.LoggedIn got %+v, want the user once", hooked)
	}
	c := app.sessionCookie(t, got)
	if c == nil {
		t.Fatal("no session cookie")
	}
	if c.Name != "__Host-"+cookieBase || c.Path != "/" || c.Domain != "" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 0 {
		t.Errorf("cookie %q", c.Raw)
	}
	if me := readUser(t, b.want(http.StatusOK, "GET", prefix+"/me", "")); me.ID != ann.ID {
		t.Errorf("GET me: %+v, want %+v", me, ann)
	}

	// Another login replaces the first.
	first := b.cookie()
	b.logIn("ann@example.org")
	app.wantCookie(t, true, b.cookie(), "the second session")
	app.wantCookie(t, false, first, "the session before the second login")
}

//authgen:if remember
func TestLogInAndBeRemembered(t *testing.T) {
	app := newTestApp(t)
	app.createUser(t, "ann@example.org", DefaultRole)
	b := app.browser(t)
	got := b.want(http.StatusOK, "POST", prefix+"/login", jsonObject(map[string]any{
		"email": "ann@example.org", "password": testPassword, "remember": true,
	}))
	_, absolute := app.timeouts(DefaultRole)
	maxAge := app.sessionCookie(t, got).MaxAge
	if longest := int(absolute / time.Second); maxAge < longest-60 || maxAge > longest {
		t.Errorf("Max-Age %d, want the absolute timeout of %d", maxAge, longest)
	}
	// A session that replaces a remembered one is remembered too.
	got = b.want(http.StatusNoContent, "POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword}))
	if app.sessionCookie(t, got).MaxAge <= 0 {
		t.Error("not remembered after re-authentication")
	}
	got = b.want(http.StatusNoContent, "POST", prefix+"/password", jsonObject(map[string]any{"current": testPassword, "new": otherPassword}))
	if app.sessionCookie(t, got).MaxAge <= 0 {
		t.Error("not remembered after a change of password")
	}
}

func TestLogInRefusals(t *testing.T) {
	hooked := 0
	app := newTestApp(t, func(c *Config) {
		c.Hooks.LoggedIn = func(context.Context, User) { hooked++ }
	})
	app.createUser(t, "ann@example.org", DefaultRole)
	disabled := app.createUser(t, "eve@example.org", DefaultRole)
	if _, err := app.store.db.ExecContext(t.Context(), bind(changeDisabled), true, disabled.ID); err != nil {
		t.Fatal(err)
	}

	b := app.browser(t)
	wrong := b.wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/login", credentials("ann@example.org", wrongPassword))
	for what, body := range map[string]string{
		"an unknown address":                       credentials("nobody@example.org", testPassword),
		"a disabled account":                       credentials(disabled.Email, testPassword),
		"a disabled account with a wrong password": credentials(disabled.Email, wrongPassword),
	} {
		got := b.want(http.StatusUnauthorized, "POST", prefix+"/login", body)
		wrong.Header.Del("Date")
		got.Header.Del("Date")
		if diff := unequal(wrong, got); diff != "" {
			t.Errorf("the response to %s differs from that to a wrong password:%s", what, diff)
		}
	}
	b.wantCode(http.StatusBadRequest, "invalid_input", "POST", prefix+"/login", `{}`)
	b.wantCode(http.StatusBadRequest, "invalid_input", "POST", prefix+"/login", credentials("ann", testPassword))
	if b.cookie() != "" || hooked > 0 {
		t.Errorf("after refusals: cookie %q, Hooks.LoggedIn called %d times; want neither", b.cookie(), hooked)
	}
}

// Attempts from a browser in which the user has logged in are counted separately, so
// that strangers cannot lock the user out.
func TestKnownDevice(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	app.user(t, "bob@example.org", DefaultRole)
	bob := app.browser(t)
	bob.logIn("bob@example.org")
	stranger := app.browser(t)
	for range accountFailures {
		stranger.want(http.StatusUnauthorized, "POST", prefix+"/login", credentials("ann@example.org", wrongPassword))
	}
	stranger.want(http.StatusTooManyRequests, "POST", prefix+"/login", credentials("ann@example.org", testPassword))
	// A browser known for one account is not known for another.
	bob.want(http.StatusTooManyRequests, "POST", prefix+"/login", credentials("ann@example.org", testPassword))
	ann.logIn("ann@example.org")
	// Attempts from a known browser are limited too.
	ann.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	for range accountFailures {
		ann.want(http.StatusUnauthorized, "POST", prefix+"/login", credentials("ann@example.org", wrongPassword))
	}
	ann.want(http.StatusTooManyRequests, "POST", prefix+"/login", credentials("ann@example.org", testPassword))
}

// A change of the user's row takes effect with the next request.
func TestUserChangedInTheDatabase(t *testing.T) {
	app := newTestApp(t)
	for name, change := range map[string]struct {
		statement string
		args      []any
	}{
		"disabled":    {changeDisabled, []any{true}},
		"new version": {endVersion, nil},
		"deleted":     {dropUser, nil},
	} {
		b, u := app.user(t, strings.ReplaceAll(name, " ", "-")+"@example.org", DefaultRole)
		cookie := b.cookie()
		if err := execOne(t.Context(), app.store.db, name, bind(change.statement), append(change.args, u.ID)...); err != nil {
			t.Fatal(err)
		}
		app.wantCookie(t, false, cookie, "after a change of the row: "+name)
	}
}

func TestTooManyFailures(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	b := ann
	for range accountFailures - 1 {
		b.want(http.StatusUnauthorized, "POST", prefix+"/login", credentials("ann@example.org", wrongPassword))
	}
	// Every check of the password counts.
	ann.want(http.StatusUnauthorized, "POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": wrongPassword}))
	for _, refused := range []answer{
		b.do("POST", prefix+"/login", credentials("ann@example.org", testPassword)),
		ann.do("POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword})),
		ann.do("POST", prefix+"/password", jsonObject(map[string]any{"current": testPassword, "new": otherPassword})),
	} {
		if refused.Status != http.StatusTooManyRequests || refused.Code() != "rate_limited" || refused.Header.Get("Retry-After") != "30" {
			t.Errorf("status %d, Retry-After %q, want 429 and 30; body %s", refused.Status, refused.Header.Get("Retry-After"), refused.Body)
		}
	}
	// The user stays logged in, and others are not affected.
	ann.want(http.StatusOK, "GET", prefix+"/me", "")
	app.user(t, "bob@example.org", DefaultRole)
}

func TestLogOut(t *testing.T) {
	app := newTestApp(t)
	phone, _ := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, "ann@example.org")
	cookie := phone.cookie()

	got := phone.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	if c := app.sessionCookie(t, got); c == nil || c.Value != "" || c.MaxAge >= 0 || c.Path != "/" || !c.Secure {
		t.Errorf("logout sets the cookie %+v, want it deleted", c)
	}
	if got.Header.Get("Clear-Site-Data") != "" {
		t.Errorf("Clear-Site-Data %q without being configured", got.Header.Get("Clear-Site-Data"))
	}
	phone.wantCode(http.StatusUnauthorized, "unauthenticated", "POST", prefix+"/logout", "")
	app.wantCookie(t, false, cookie, "the session after logout")
	app.wantCookie(t, true, laptop.cookie(), "the session on another device")
}

func TestMe(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	if diff := unequal(u, readUser(t, b.want(http.StatusOK, "GET", prefix+"/me", ""))); diff != "" {
		t.Errorf("the user as created differs from the user as read:%s", diff)
	}
	app.user(t, "bob@example.org", DefaultRole)
	if got := b.want(http.StatusOK, "GET", prefix+"/me?id=bob", ""); strings.Contains(got.Body, "bob") {
		t.Errorf("GET me?id=bob answers with another user: %s", got.Body)
	}
}

// profileInput returns JSON that sets all profile fields.
//
//authgen:if own_profile
func profileInput() map[string]any {
	var in ProfileInput
	fields := Fields{}
	in.addTo(fields)
	object := make(map[string]any)
	for name, target := range fields {
		switch target.(type) {
		case **string:
			object[name] = "the " + name
		case **bool:
			object[name] = true
		case **int64:
			object[name] = 42.0 // as JSON is read
		}
	}
	return object
}

//authgen:if own_profile
func TestUpdateProfile(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	bob, _ := app.user(t, "bob@example.org", DefaultRole)
	others := bob.do("GET", prefix+"/me", "").Body

	input := profileInput()
	updated := b.want(http.StatusOK, "PATCH", prefix+"/me", jsonObject(input))
	read := b.want(http.StatusOK, "GET", prefix+"/me", "")
	if diff := unequal(updated.Body, read.Body); diff != "" {
		t.Errorf("PATCH and the GET after it answer differently:%s", diff)
	}
	var me map[string]any
	if err := json.Unmarshal([]byte(read.Body), &me); err != nil {
		t.Fatal(err)
	}
	for name, want := range input {
		if diff := unequal(want, me[name]); diff != "" {
			t.Errorf("%s as set differs from %s as read:%s", name, name, diff)
		}
		// An absent field is left unchanged.
		b.want(http.StatusOK, "PATCH", prefix+"/me", jsonObject(map[string]any{name: want}))
	}
	if got := b.want(http.StatusOK, "PATCH", prefix+"/me", `{}`); got.Body != read.Body {
		t.Errorf("after an empty PATCH: %s, want %s", got.Body, read.Body)
	}
	for name, value := range map[string]any{
		"id": noUser.String(), "email": "eve@example.org", "email_verified": true, "role": lastRole, "created_at": "2000-01-01T00:00:00Z",
	} {
		b.wantCode(http.StatusBadRequest, "invalid_input", "PATCH", prefix+"/me", jsonObject(map[string]any{name: value}))
	}
	if me := readUser(t, b.do("GET", prefix+"/me", "")); me.ID != u.ID || me.Email != u.Email || me.Role != u.Role {
		t.Errorf("refused changes made the user %+v", me)
	}
	if got := bob.do("GET", prefix+"/me", "").Body; got != others {
		t.Errorf("the changes made another user %s", got)
	}
}

//authgen:if own_text
func TestUpdateProfileRefusals(t *testing.T) {
	app := newTestApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	before := b.do("GET", prefix+"/me", "").Body
	for name, value := range profileInput() {
		if _, ok := value.(string); !ok {
			b.wantCode(http.StatusBadRequest, "invalid_input", "PATCH", prefix+"/me", jsonObject(map[string]any{name: "a text"}))
			continue
		}
		for _, text := range []string{"two\nlines", "a\x00b", strings.Repeat("a", maxTextLength+1)} {
			got := b.wantCode(http.StatusBadRequest, "invalid_input", "PATCH", prefix+"/me", jsonObject(map[string]any{name: text}))
			if !strings.Contains(got.Body, `"`+name+`"`) {
				t.Errorf("%s is invalid, but the answer does not name it: %s", name, got.Body)
			}
		}
		b.want(http.StatusOK, "PATCH", prefix+"/me", jsonObject(map[string]any{name: strings.Repeat("é", maxTextLength)}))
		b.want(http.StatusOK, "PATCH", prefix+"/me", jsonObject(map[string]any{name: ""}))
	}
	if got := b.do("GET", prefix+"/me", "").Body; got != before {
		t.Errorf("after all attempts the profile is %s, want %s", got, before)
	}
}

// Public data needs no Principal.
//
//authgen:if public_profile
func TestPublicUsers(t *testing.T) {
	app := newTestApp(t)
	ann := app.createUser(t, "ann@example.org", DefaultRole)
	bob := app.createUser(t, "bob@example.org", lastRole)
	got, err := app.DAL().PublicUsers(t.Context(), ann.ID, noUser, bob.ID, ann.ID)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d users, error %v; want 2 users", len(got), err)
	}
	for _, u := range []User{ann, bob} {
		public := got[u.ID]
		if public.ID != u.ID {
			t.Errorf("the id is %s, want %s", public.ID, u.ID)
		}
		text := jsonObject(map[string]any{"user": public})
		for _, private := range []string{"email", "role", "created_at", u.Email} {
			if strings.Contains(text, private) {
				t.Errorf("the public data of a user contains %q: %s", private, text)
			}
		}
	}
	if got, err := app.DAL().PublicUsers(t.Context()); err != nil || len(got) > 0 {
		t.Errorf("without ids: %v, error %v; want no users", got, err)
	}
	if _, err := app.DAL().PublicUsers(t.Context(), make([]UserID, maxPublicUsers)...); err != nil {
		t.Errorf("at the limit: error %v", err)
	}
	if _, err := app.DAL().PublicUsers(t.Context(), make([]UserID, maxPublicUsers+1)...); err == nil {
		t.Error("above the limit: no error")
	}
}

// principal returns the principal of the browser's requests.
func (app *testApp) principal(tb testing.TB, b *browser) Principal {
	tb.Helper()
	p, err := Verify(context.WithValue(tb.Context(), stateKey{}, &requestState{
		auth: app.Auth, header: make(http.Header), session: b.session(),
	}))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestReauthenticate(t *testing.T) {
	app := newTestApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, "ann@example.org")
	b.age(time.Hour)
	b.wantCode(http.StatusForbidden, "reauthentication_required", "DELETE", prefix+"/sessions", "")

	old, before := b.cookie(), b.session()
	b.wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": wrongPassword}))
	b.wantCode(http.StatusBadRequest, "invalid_input", "POST", prefix+"/reauthenticate", `{}`)
	if b.cookie() != old {
		t.Error("a refusal changed the cookie")
	}
	b.wantCode(http.StatusForbidden, "reauthentication_required", "DELETE", prefix+"/sessions", "")

	b.want(http.StatusNoContent, "POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword}))
	if b.session().id == before.id {
		t.Error("the session id is still the same")
	}
	app.wantCookie(t, false, old, "the session before re-authentication")
	app.wantCookie(t, true, laptop.cookie(), "another session of the user")
	b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
}

func TestChangePassword(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, "ann@example.org")
	bob, _ := app.user(t, "bob@example.org", DefaultRole)
	change := func(current, next string) string {
		return jsonObject(map[string]any{"current": current, "new": next})
	}
	for _, refused := range []struct {
		status int
		code   string
		body   string
	}{
		{http.StatusUnauthorized, "invalid_credentials", change(wrongPassword, otherPassword)},
		{http.StatusBadRequest, "invalid_input", change("", otherPassword)},
		{http.StatusBadRequest, "invalid_input", change(testPassword, testPassword)},
		{http.StatusBadRequest, "invalid_input", change(testPassword, "short")},
		{http.StatusBadRequest, "invalid_input", change(testPassword, "")},
	} {
		b.wantCode(refused.status, refused.code, "POST", prefix+"/password", refused.body)
	}
	app.wantCookie(t, true, laptop.cookie(), "after refused changes")

	old, before := b.cookie(), b.session()
	b.want(http.StatusNoContent, "POST", prefix+"/password", change(testPassword, otherPassword))
	if b.session().id == before.id {
		t.Error("the session id is still the same")
	}
	app.wantCookie(t, true, b.cookie(), "the session of the request")
	app.wantCookie(t, false, old, "its old cookie")
	app.wantCookie(t, false, laptop.cookie(), "another session of the user")
	app.wantCookie(t, true, bob.cookie(), "the session of another user")

	visitor := app.browser(t)
	visitor.want(http.StatusUnauthorized, "POST", prefix+"/login", credentials(u.Email, testPassword))
	visitor.want(http.StatusOK, "POST", prefix+"/login", credentials(u.Email, otherPassword))

	b.age(time.Hour)
	b.wantCode(http.StatusForbidden, "reauthentication_required", "POST", prefix+"/password", change(otherPassword, testPassword))
}

func TestEndOtherSessions(t *testing.T) {
	app := newTestApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	laptop, tablet := app.device(t, "ann@example.org"), app.device(t, "ann@example.org")
	bob, _ := app.user(t, "bob@example.org", DefaultRole)

	b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
	app.wantCookie(t, true, b.cookie(), "the session of the request")
	app.wantCookie(t, false, laptop.cookie(), "another session of the user")
	app.wantCookie(t, false, tablet.cookie(), "another session of the user")
	app.wantCookie(t, true, bob.cookie(), "the session of another user")

	// The remaining session can be logged out as usual.
	cookie := b.cookie()
	b.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	app.wantCookie(t, false, cookie, "the session after logout")
}

// After the other sessions have ended, the remaining one has a cookie of the new
// version.
func TestEndOtherSessionsRenewsTheCookie(t *testing.T) {
	app := newTestApp(t)
	ann, _ := app.user(t, "ann@example.org", DefaultRole)
	before := ann.session()
	old := ann.cookie()
	ann.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
	if after := ann.session(); after.version != before.version+1 || after.id != before.id {
		t.Errorf("version %d, want %d; same session: %t, want true", after.version, before.version+1, after.id == before.id)
	}
	app.wantCookie(t, false, old, "the cookie of the old version")
}

//authgen:if delete_account
func TestDeleteAccount(t *testing.T) {
	var hooked []UserID
	app := newTestApp(t, func(c *Config) {
		c.Hooks.Deleting = func(_ context.Context, _ *sql.Tx, id UserID) error {
			hooked = append(hooked, id)
			return nil
		}
	})
	b, u := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, "ann@example.org")
	bob, _ := app.user(t, "bob@example.org", DefaultRole)

	b.age(time.Hour)
	b.wantCode(http.StatusForbidden, "reauthentication_required", "DELETE", prefix+"/me", "")
	b.want(http.StatusNoContent, "POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": testPassword}))

	cookie := b.cookie()
	got := b.want(http.StatusNoContent, "DELETE", prefix+"/me", "")
	if b.cookie() != "" {
		t.Errorf("the browser still has the cookie %q after status %d", b.cookie(), got.Status)
	}
	if diff := unequal([]UserID{u.ID}, hooked); diff != "" {
		t.Errorf("Hooks.Deleting was called for:%s", diff)
	}
	app.wantCookie(t, false, cookie, "the session of the request")
	app.wantCookie(t, false, laptop.cookie(), "another session of the user")
	app.wantCookie(t, true, bob.cookie(), "the session of another user")
	b.wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/login", credentials(u.Email, testPassword))
	if _, err := userByID(t.Context(), app.store.db, u.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("the row of the user: %v, want %v", err, ErrNotFound)
	}
	//authgen:if !soft_delete
	app.createUser(t, u.Email, DefaultRole) // the address is free again
	//authgen:end
}

//authgen:if delete_account
func TestDeletingHookKeepsTheAccount(t *testing.T) {
	app := newTestApp(t, func(c *Config) {
		c.Hooks.Deleting = func(ctx context.Context, tx *sql.Tx, id UserID) error {
			if _, err := tx.ExecContext(ctx, bind(changeEmail), "changed@example.org", id); err != nil {
				return err
			}
			return errors.New("an invoice is open")
		}
	})
	b, u := app.user(t, "ann@example.org", DefaultRole)
	laptop := app.device(t, "ann@example.org")
	got := b.wantCode(http.StatusInternalServerError, "internal", "DELETE", prefix+"/me", "")
	if strings.Contains(got.Body, "invoice") {
		t.Errorf("the answer repeats the hook's error: %s", got.Body)
	}
	if !strings.Contains(app.log.String(), "an invoice is open") {
		t.Error("the hook's error is not in the log")
	}
	app.wantCookie(t, true, b.cookie(), "the session of the request")
	app.wantCookie(t, true, laptop.cookie(), "another session of the user")
	if me := readUser(t, b.want(http.StatusOK, "GET", prefix+"/me", "")); me.Email != u.Email {
		t.Errorf("the hook's changes were not rolled back: %+v", me)
	}
}

// Every error is a problem (RFC 9457) with its own code.
func TestErrorShape(t *testing.T) {
	app := newTestApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	for _, test := range []struct {
		code         string
		status       int
		method, path string
		body         string
		change       func(*http.Request)
		loggedOut    bool
	}{
		{code: "unauthenticated", status: 401, method: "GET", path: "/me", loggedOut: true},
		{code: "invalid_credentials", status: 401, method: "POST", path: "/login", body: credentials("ann@example.org", wrongPassword), loggedOut: true},
		{code: "invalid_input", status: 400, method: "POST", path: "/login", body: `{"email":1}`},
		{code: "unsupported_media_type", status: 415, method: "POST", path: "/login", body: `{}`, change: func(r *http.Request) {
			r.Header.Set("Content-Type", "text/plain")
		}},
		{code: "too_large", status: 413, method: "POST", path: "/login", body: `{"email":"` + strings.Repeat("a", maxBody) + `"}`},
		{code: "cross_origin", status: 403, method: "POST", path: "/logout", change: func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}},
	} {
		client := b
		if test.loggedOut {
			client = app.browser(t)
		}
		var change []func(*http.Request)
		if test.change != nil {
			change = append(change, test.change)
		}
		got := client.want(test.status, test.method, prefix+test.path, test.body, change...)
		var p Problem
		decoder := json.NewDecoder(strings.NewReader(got.Body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&p); err != nil {
			t.Fatalf("%s: %v: %s", test.code, err, got.Body)
		}
		if p.Code != test.code || p.Status != test.status || p.Type != "about:blank" || p.Title == "" {
			t.Errorf("%s: problem %+v, want that code and status %d", test.code, p, test.status)
		}
		if (len(p.Fields) > 0) != (test.code == "invalid_input") {
			t.Errorf("%s: fields %v, want some only for invalid_input", test.code, p.Fields)
		}
		for name, want := range map[string]string{
			"Content-Type": "application/problem+json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		} {
			if got.Header.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", test.code, name, got.Header.Get(name), want)
			}
		}
	}
}
