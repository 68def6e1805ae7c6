package authtest

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

func presetSession(t *testing.T, member *visitor) {
	ended := member.signIn(t, member.account)
	wellFormed := ended.token
	ended.want(t, http.StatusNoContent, "POST", "logout", "")
	for _, preset := range []string{rand.Text(), wellFormed} {
		v := member.holding(preset)
		v.logIn(t)
		if v.token == preset {
			t.Error("the log-in kept the session that the visitor came with")
		}
		v.alive(t, "after the log-in")
		v.refused(t, preset, "the session that the visitor came with")
	}
}

func logInAsSomebodyElse(t *testing.T, member *visitor) {
	v := member.signIn(t, member.account)
	before := v.token
	v.account = v.site.account(t, auth.DefaultRole)
	v.logIn(t)
	v.alive(t, "after the log-in as somebody else")
	v.refused(t, before, "the session of the user before")
}

func reauthentication(t *testing.T, member *visitor) {
	v := member.signIn(t, member.account)
	before := v.token
	v.want(t, http.StatusNoContent, "POST", "reauthenticate", object("password", v.password))
	if v.token == before {
		t.Error("the session is still the same")
	}
	v.alive(t, "after re-authentication")
	v.refused(t, before, "the session before re-authentication")
}

func replayAfterLogOut(t *testing.T, member *visitor) {
	v := member.signIn(t, member.account)
	kept := v.token
	v.want(t, http.StatusNoContent, "POST", "logout", "")
	v.refused(t, kept, "a cookie that was kept")
}

func logOutOnOneDevice(t *testing.T, member *visitor) {
	v, other := member.signIn(t, member.account), member.signIn(t, member.account)
	v.want(t, http.StatusNoContent, "POST", "logout", "")
	other.alive(t, "after log-out on another device")
}

func endOtherSessions(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	other := v.signIn(t, v.account)
	v.want(t, http.StatusNoContent, "DELETE", "sessions", "")
	other.refused(t, other.token, "another session of the user")
	v.alive(t, "the session that asked for it")
}

func passwordChange(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	second, third := v.signIn(t, v.account), v.signIn(t, v.account)
	before := v.token
	changed := newPassword()
	v.want(t, http.StatusNoContent, "POST", "password", object("current", v.password, "new", changed))
	if v.token == before {
		t.Error("the session is still the same")
	}
	v.alive(t, "after the change")
	for _, token := range []string{before, second.token, third.token} {
		v.refused(t, token, "a session from before the change")
	}
	v.want(t, http.StatusUnauthorized, "POST", "login", object("email", v.email, "password", v.password))
	v.password = changed
	v.holding("").logIn(t)
}

// deletedUser is about more than the session that asks for the deletion.
//
//authgen:if delete_account
func deletedUser(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	other := v.signIn(t, v.account)
	before := v.token
	v.want(t, http.StatusNoContent, "DELETE", "me", "")
	v.refused(t, before, "the session that asked for it")
	v.refused(t, other.token, "another session of the user")
}

func cookieAttributes(t *testing.T, member *visitor) {
	v := member.signIn(t, member.account)
	v.want(t, http.StatusNoContent, "POST", "logout", "")
	https := strings.HasPrefix(v.BaseURL(), "https:")
	for what, got := range map[string]answer{
		"a log-in":            member.holding("").logIn(t),
		"a re-authentication": member.signIn(t, member.account).do(t, "POST", "reauthenticate", object("password", member.password)),
		"a log-out":           member.signIn(t, member.account).do(t, "POST", "logout", ""),
		"a refusal":           member.holding("garbage").do(t, "GET", "me", ""),
	} {
		c := got.session
		if c == nil {
			t.Errorf("%s sets no session cookie", what)
			continue
		}
		if c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode && c.SameSite != http.SameSiteStrictMode || len(c.Unparsed) > 0 {
			t.Errorf("%s sets %q", what, c.Raw)
		}
		if c.Secure != https || strings.HasPrefix(c.Name, "__Host-") != https {
			t.Errorf("%s sets %q under %s", what, c.Raw, v.BaseURL())
		}
		switch deletes := got.status == http.StatusUnauthorized || what == "a log-out"; {
		case deletes && (c.Value != "" || c.MaxAge >= 0):
			t.Errorf("%s does not delete the cookie: %q", what, c.Raw)
		case !deletes && (c.Value == "" || c.MaxAge != 0 || !c.Expires.IsZero()):
			t.Errorf("%s sets a cookie that is not for as long as the browser is open: %q", what, c.Raw)
		case len(c.Name)+len(c.Value) > 4096:
			t.Errorf("%s sets a cookie of %d bytes, which browsers drop", what, len(c.Name)+len(c.Value))
		}
	}
}

func sessionElsewhere(t *testing.T, member *visitor) {
	token, name := member.token, member.cookie
	v := member.holding("")
	for _, query := range []string{"?session=" + token, "?" + name + "=" + token, "?token=" + token, "/" + token, ";" + name + "=" + token} {
		if got := v.do(t, "GET", "me"+query, ""); got.status < 400 || strings.Contains(got.body, member.email) {
			t.Errorf("GET me%.10s…: status %d", query, got.status)
		}
	}
	for _, header := range []string{"Authorization", "X-Session-Token", "X-Auth-Token", "X-Session", "Session", "Cookie2", name} {
		for _, value := range []string{token, "Bearer " + token, name + "=" + token} {
			v.want(t, http.StatusUnauthorized, "GET", "me", "", header, value)
		}
	}
	v.want(t, http.StatusUnauthorized, "POST", "logout", object("session", token, name, token))
	v.want(t, http.StatusUnauthorized, "POST", "logout", name+"="+token, "Content-Type", "application/x-www-form-urlencoded")
}

func garbageSession(t *testing.T, member *visitor) {
	for _, value := range []string{
		"", `""`, `"quoted"`, "a value with spaces", "%00", "null", "0", "undefined", "{}", "e30.e30.",
		strings.Repeat("A", 36), strings.Repeat("A", 170), strings.Repeat(".", largeHeader), strings.Repeat("A", largeHeader),
	} {
		got := member.holding("").want(t, http.StatusUnauthorized, "GET", "me", "", "Cookie", member.cookie+"="+value)
		if got.session == nil || got.session.MaxAge >= 0 {
			t.Errorf("the cookie %.20q is not deleted", value)
		}
	}
}

func twoSessions(t *testing.T, member *visitor) {
	own := member.cookie + "=" + member.token
	for _, cookies := range []string{
		own + "; " + own,
		own + "; " + member.cookie + "=garbage",
		member.cookie + "=garbage; " + own,
		member.cookie + "=; " + own,
	} {
		member.holding("").want(t, http.StatusUnauthorized, "GET", "me", "", "Cookie", cookies)
	}
	if got := member.do(t, "GET", "me", "", "Cookie", "a=b; "+own+"; c=d"); got.status != http.StatusOK {
		t.Errorf("among other cookies: status %d, want 200", got.status)
	}
}

func noSessionForVisitors(t *testing.T, member *visitor) {
	v := member.anonymous()
	for _, r := range routes() {
		if r.public {
			continue
		}
		got := v.want(t, http.StatusUnauthorized, r.method, r.path, r.body)
		if got.session != nil || got.code() != "unauthenticated" {
			t.Errorf("%s %s: code %q, session cookie %v", r.method, r.path, got.code(), got.session)
		}
	}
	if got := v.do(t, "GET", "/", ""); got.session != nil {
		t.Errorf("GET /: sets the session cookie %q", got.session.Raw)
	}
}
