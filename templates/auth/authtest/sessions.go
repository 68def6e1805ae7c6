package authtest

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

func presetSession(t *testing.T, member *visitor) {
	ended := member.loggedIn(t, member.account)
	wellFormed := ended.token
	ended.want(t, success, ended.call("logout"))
	for _, preset := range []string{rand.Text(), wellFormed} {
		v := member.holding(preset)
		v.logIn(t)
		if v.token == preset {
			t.Error("the login kept the session that the visitor came with")
		}
		v.alive(t, "after the login")
		v.refused(t, preset, "the session that the visitor came with")
	}
}

func logInAsSomebodyElse(t *testing.T, member *visitor) {
	v := member.loggedIn(t, member.account)
	before := v.token
	v.account = v.site.account(t, auth.DefaultRole)
	v.logIn(t)
	v.alive(t, "after the login as somebody else")
	v.refused(t, before, "the session of the previous user")
}

func reauthentication(t *testing.T, member *visitor) {
	v := member.loggedIn(t, member.account)
	before := v.token
	v.want(t, success, v.call("reauthenticate").with("password", v.password))
	if v.token == before {
		t.Error("the session did not change")
	}
	v.alive(t, "after re-authentication")
	v.refused(t, before, "the session before re-authentication")
}

func replayAfterLogOut(t *testing.T, member *visitor) {
	v := member.loggedIn(t, member.account)
	kept := v.token
	v.want(t, success, v.call("logout"))
	v.refused(t, kept, "the cookie from before the logout")
}

// Whichever request comes first, nobody is logged in after the logout. One comes first in
// the first two rounds.
func logOutDuringReauthentication(t *testing.T, member *visitor) {
	for round := range 10 {
		v := member.loggedIn(t, member.account)
		other := v.holding(v.token)
		var logout, renewed answer
		var logoutErr, renewErr error
		renew := func() {
			renewed, renewErr = other.try(t, other.call("reauthenticate").with("password", other.password))
		}
		logOut := func() { logout, logoutErr = v.try(t, v.call("logout")) }
		switch round {
		case 0:
			logOut()
			renew()
		case 1:
			renew()
			logOut()
		default:
			var wg sync.WaitGroup
			wg.Go(renew)
			wg.Go(logOut)
			wg.Wait()
		}
		if err := errors.Join(logoutErr, renewErr); err != nil {
			t.Fatal(err)
		}
		if !logout.succeeded() {
			if logout.status != http.StatusUnauthorized {
				t.Errorf("logout: status %d, want success or 401; body %s", logout.status, logout.body)
			}
			continue // the session had been replaced already
		}
		v.refused(t, v.token, "the session that was logged out")
		if renewed.session != nil && renewed.session.Value != "" {
			v.refused(t, renewed.session.Value, "the session that replaced the one that was logged out")
		}
	}
}

func logOutOnOneDevice(t *testing.T, member *visitor) {
	v, other := member.loggedIn(t, member.account), member.loggedIn(t, member.account)
	v.want(t, success, v.call("logout"))
	other.alive(t, "after logout on another device")
}

func endOtherSessions(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	other := v.loggedIn(t, v.account)
	v.want(t, success, v.call("sessions.end"))
	other.refused(t, other.token, "another session of the user")
	v.alive(t, "the session of the request")
}

func passwordChange(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	second, third := v.loggedIn(t, v.account), v.loggedIn(t, v.account)
	before := v.token
	changed := newPassword()
	v.want(t, success, v.call("password").with("current", v.password, "new", changed))
	if v.token == before {
		t.Error("the session did not change")
	}
	v.alive(t, "after the change")
	for _, token := range []string{before, second.token, third.token} {
		v.refused(t, token, "a session from before the change")
	}
	v.want(t, http.StatusUnauthorized, v.login.call().with("email", v.email, "password", v.password))
	v.password = changed
	v.holding("").logIn(t)
}

// deletedUser checks all of the user's sessions, not only the one that requests the
// deletion.
//
//authgen:if delete_account
func deletedUser(t *testing.T, member *visitor) {
	v := member.user(t, auth.DefaultRole)
	other := v.loggedIn(t, v.account)
	before := v.token
	v.want(t, success, v.call("me.delete"))
	v.refused(t, before, "the session of the request")
	v.refused(t, other.token, "another session of the user")
}

func cookieAttributes(t *testing.T, member *visitor) {
	https := strings.HasPrefix(member.BaseURL(), "https:")
	answers := map[string]answer{"a login": member.holding("").logIn(t)}
	if member.has("reauthenticate") {
		v := member.loggedIn(t, member.account)
		answers["a re-authentication"] = v.do(t, v.call("reauthenticate").with("password", v.password))
	}
	if member.has("logout") {
		v := member.loggedIn(t, member.account)
		answers["a logout"] = v.do(t, v.call("logout"))
	}
	for what, got := range answers {
		c := got.session
		if c == nil {
			t.Errorf("%s sets no session cookie", what)
			continue
		}
		if c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode && c.SameSite != http.SameSiteStrictMode || len(c.Unparsed) > 0 {
			t.Errorf("%s sets the cookie %q, want Path=/, HttpOnly and SameSite=Lax or Strict", what, c.Raw)
		}
		if c.Secure != https || strings.HasPrefix(c.Name, "__Host-") != https {
			t.Errorf("%s sets the cookie %q under %s, want Secure and __Host- only under https", what, c.Raw, member.BaseURL())
		}
		switch deletes := what == "a logout"; {
		case deletes && (c.Value != "" || c.MaxAge >= 0):
			t.Errorf("%s does not delete the cookie: %q", what, c.Raw)
		case !deletes && (c.Value == "" || c.MaxAge != 0 || !c.Expires.IsZero()):
			t.Errorf("%s sets a cookie that does not end with the browser session: %q", what, c.Raw)
		case len(c.Name)+len(c.Value) > 4096:
			t.Errorf("%s sets a cookie of %d bytes, which browsers drop", what, len(c.Name)+len(c.Value))
		}
	}
}

func sessionElsewhere(t *testing.T, member *visitor) {
	token, name := member.token, member.cookie
	v := member.holding("")
	for _, query := range []string{"?session=" + token, "?" + name + "=" + token, "?token=" + token, "/" + token, ";" + name + "=" + token} {
		if got := v.do(t, v.me.call().plus(query)); got.status < 400 || strings.Contains(got.body, member.email) {
			t.Errorf("GET me%.10s…: status %d, want an error that says nothing about the user", query, got.status)
		}
	}
	for _, header := range []string{"Authorization", "X-Session-Token", "X-Auth-Token", "X-Session", "Session", "Cookie2", name} {
		for _, value := range []string{token, "Bearer " + token, name + "=" + token} {
			v.want(t, http.StatusUnauthorized, v.me.call(), header, value)
		}
	}
	for _, e := range v.table {
		if e.Public || !e.unsafe() {
			continue
		}
		v.want(t, http.StatusUnauthorized, e.call().text(object("session", token, name, token)), "Content-Type", "application/json")
		v.want(t, http.StatusUnauthorized, e.call().text(name+"="+token), "Content-Type", "application/x-www-form-urlencoded")
	}
}

func garbageSession(t *testing.T, member *visitor) {
	for _, value := range []string{
		"", `""`, `"quoted"`, "a value with spaces", "%00", "null", "0", "undefined", "{}", "e30.e30.",
		strings.Repeat("A", 36), strings.Repeat("A", 170), strings.Repeat(".", largeHeader), strings.Repeat("A", largeHeader),
	} {
		member.holding("").want(t, http.StatusUnauthorized, member.me.call(), "Cookie", member.cookie+"="+value)
	}
}

// A cookie that one instance cannot open may be valid for another that already has a
// new key.
func unreadableSession(t *testing.T, member *visitor) {
	another := []byte(member.token)
	another[len(another)/2] ^= 0x01
	for _, value := range []string{"garbage", string(another)} {
		for _, e := range member.table {
			if e.Public {
				continue
			}
			c, _ := member.harmless(e)
			for _, accept := range []string{"", "text/html"} {
				got := member.holding(value).do(t, c, "Accept", accept)
				if got.succeeded() && accept == "" || got.session != nil {
					t.Errorf("%s %s: status %d, session cookie %v; want a refusal that does not set it", c.method, c.path, got.status, got.session)
				}
			}
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
		member.holding("").want(t, http.StatusUnauthorized, member.me.call(), "Cookie", cookies)
	}
	if got := member.do(t, member.me.call(), "Cookie", "a=b; "+own+"; c=d"); got.status != http.StatusOK {
		t.Errorf("among other cookies: status %d, want 200", got.status)
	}
}

func noSessionForVisitors(t *testing.T, member *visitor) {
	v := member.anonymous()
	for _, e := range v.table {
		if e.Public {
			continue
		}
		c, _ := v.harmless(e)
		got := v.want(t, http.StatusUnauthorized, c)
		if got.session != nil || got.code() != "unauthenticated" {
			t.Errorf("%s %s: code %q, session cookie %v; want unauthenticated, and no cookie", c.method, c.path, got.code(), got.session)
		}
	}
	if got := v.do(t, call{transport: v.transport, method: http.MethodGet, path: "/"}); got.session != nil {
		t.Errorf("GET /: sets the session cookie %q", got.session.Raw)
	}
}

// lowRole checks the role and the permission that each route requires.
func lowRole(t *testing.T, member *visitor) {
	for _, role := range roles() {
		v := member.user(t, role)
		for _, e := range v.table {
			if e.Public || may(role, e.Route) {
				continue
			}
			c, _ := v.harmless(e)
			got := v.want(t, http.StatusForbidden, c)
			if got.code() != "forbidden" {
				t.Errorf("%s %s as %s: code %q, want forbidden", c.method, c.path, role, got.code())
			}
		}
		v.alive(t, "after refused requests")
	}
}

func staleSession(t *testing.T, member *visitor) {
	highest := administrator()
	v := member.staleUser(t, highest)
	for _, e := range v.table {
		if !e.Fresh || !may(highest, e.Route) {
			continue
		}
		c, _ := v.harmless(e)
		got := v.want(t, http.StatusForbidden, c)
		if got.code() != "reauthentication_required" {
			t.Errorf("%s %s: code %q, want reauthentication_required", c.method, c.path, got.code())
		}
	}
	v.alive(t, "after refused requests")
}
