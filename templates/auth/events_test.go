//authgen:unit auth.go

package auth

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// events returns the names of the events that f logs, and the last record. It checks
// that each has a time and a client.
func (app *testApp) events(tb testing.TB, f func()) (names []string, last map[string]any) {
	tb.Helper()
	before := len(app.log.String())
	f()
	for line := range strings.Lines(app.log.String()[before:]) {
		last = nil
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			tb.Fatal(err)
		}
		name, _ := last["msg"].(string)
		names = append(names, name)
		if client := last["client"]; client != "127.0.0.1" && client != "::1" {
			tb.Errorf("%s: client %v, want a loopback address", name, client)
		}
		if _, err := time.Parse(time.RFC3339Nano, last["time"].(string)); err != nil {
			tb.Errorf("%s: time: %v", name, err)
		}
	}
	return names, last
}

// Every operation is logged once, under its name in the OWASP vocabulary, with the user
// concerned.
func TestEvents(t *testing.T) {
	app := newTestApp(t)
	ann := app.createUser(t, "ann@example.org", DefaultRole)
	b, visitor := app.browser(t), app.browser(t)
	want := func(name, subject string, f func()) {
		t.Helper()
		names, last := app.events(t, f)
		if diff := unequal([]string{name}, names); diff != "" {
			t.Errorf("events:%s", diff)
			return
		}
		if last["user"] != subject && last["email"] != subject {
			t.Errorf("%s: user %v, email %v; want %s", name, last["user"], last["email"], subject)
		}
	}
	id := ann.ID.String()
	password := jsonObject(map[string]any{"password": testPassword})

	want("authn_login_success", id, func() { b.logIn(ann.Email) })
	want("authn_login_fail", ann.Email, func() {
		visitor.do("POST", prefix+"/login", credentials(ann.Email, wrongPassword))
	})
	want("authn_login_fail", "nobody@example.org", func() {
		visitor.do("POST", prefix+"/login", credentials("nobody@example.org", wrongPassword))
	})
	want("session_renewed", id, func() { b.do("POST", prefix+"/reauthenticate", password) })
	want("authn_login_fail", ann.Email, func() {
		b.do("POST", prefix+"/reauthenticate", jsonObject(map[string]any{"password": wrongPassword}))
	})
	want("authn_password_change", id, func() {
		b.want(http.StatusNoContent, "POST", prefix+"/password", jsonObject(map[string]any{"current": testPassword, "new": otherPassword}))
	})
	want("sessions_ended", id, func() { b.do("DELETE", prefix+"/sessions", "") })
	//authgen:if own_profile
	want("user_updated", id, func() { b.do("PATCH", prefix+"/me", "{}") })
	//authgen:end

	handle := b.session().id.handle()
	_, last := app.events(t, func() { b.want(http.StatusNoContent, "POST", prefix+"/logout", "") })
	if last["msg"] != "session_ended" || last["user"] != id || last["session"] != handle {
		t.Errorf("logout is logged as %v, want session_ended of the user %s and the session %s", last, id, handle)
	}

	locked := app.createUser(t, "locked@example.org", DefaultRole)
	for range accountFailures {
		visitor.do("POST", prefix+"/login", credentials(locked.Email, wrongPassword))
	}
	want("authn_login_fail_max", locked.Email, func() {
		visitor.do("POST", prefix+"/login", credentials(locked.Email, testPassword))
	})
	if names, _ := app.events(t, func() { visitor.do("GET", prefix+"/me", "") }); len(names) > 0 {
		t.Errorf("a request without a session logs %q, want nothing", names)
	}
}

//authgen:if signup
func TestSignUpEvent(t *testing.T) {
	app := newTestApp(t)
	names, last := app.events(t, func() {
		app.browser(t).want(http.StatusCreated, "POST", prefix+"/signup", credentials("ann@example.org", testPassword))
	})
	if diff := unequal([]string{"user_created"}, names); diff != "" {
		t.Errorf("events:%s", diff)
	}
	if last["role"] != DefaultRole.String() {
		t.Errorf("the role is %v, want %s", last["role"], DefaultRole)
	}
}

//authgen:if delete_account
func TestDeleteAccountEvent(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	names, last := app.events(t, func() { b.want(http.StatusNoContent, "DELETE", prefix+"/me", "") })
	if diff := unequal([]string{"user_deleted"}, names); diff != "" {
		t.Errorf("events:%s", diff)
	}
	if last["user"] != u.ID.String() {
		t.Errorf("the user is %v, want %s", last["user"], u.ID)
	}
}

//authgen:if manage_users
func TestManagementEvents(t *testing.T) {
	app := newTestApp(t)
	admin, adminUser := app.user(t, "admin@example.org", highestRole)
	member, _ := app.user(t, "member@example.org", DefaultRole)
	u := app.createUser(t, "ann@example.org", DefaultRole)
	for name, test := range map[string]struct{ method, body, want string }{
		"role":     {"PUT", jsonObject(map[string]any{"role": u.Role}), "authz_change"},
		"disabled": {"PUT", `{"disabled":false}`, "user_updated"},
		"sessions": {"DELETE", "", "sessions_ended"},
	} {
		path := prefix + "/users/" + u.ID.String() + "/" + name
		names, last := app.events(t, func() { admin.want(http.StatusNoContent, test.method, path, test.body) })
		if diff := unequal([]string{test.want}, names); diff != "" {
			t.Errorf("%s: events:%s", name, diff)
		}
		if last["user"] != u.ID.String() || last["by"] != adminUser.ID.String() {
			t.Errorf("%s: user %v changed by %v, want %s by %s", name, last["user"], last["by"], u.ID, adminUser.ID)
		}
		names, last = app.events(t, func() { member.want(http.StatusForbidden, test.method, path, test.body) })
		if diff := unequal([]string{"authz_fail"}, names); diff != "" {
			t.Errorf("%s: events after a refusal:%s", name, diff)
		}
		if last["path"] != path {
			t.Errorf("%s: the refusal is logged for the path %v, want %s", name, last["path"], path)
		}
	}
}
