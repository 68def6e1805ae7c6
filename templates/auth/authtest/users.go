//authgen:if manage_users

package authtest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

// readStatus returns the status for a user of the default role who reads other users.
func (s *site) readStatus(name string) int {
	if auth.DefaultRole.Has(auth.PermissionUsersRead) && may(auth.DefaultRole, s.named[name].Route) {
		return success
	}
	return http.StatusForbidden
}

// changes returns the calls that change a user.
func (s *site) changes(id auth.UserID, role auth.Role) []call {
	var calls []call
	for _, name := range []string{"user.role", "user.disabled", "user.sessions.end"} {
		if !s.has(name) {
			continue
		}
		c := s.call(name, id.String())
		switch name {
		case "user.role":
			c = c.with("role", role)
		case "user.disabled":
			c = c.with("disabled", true)
		}
		calls = append(calls, c)
	}
	return calls
}

func disabledUser(t *testing.T, member *visitor) {
	admin := member.user(t, administrator())
	victim := member.user(t, auth.DefaultRole)
	admin.want(t, success, admin.call("user.disabled", victim.id.String()).with("disabled", true))
	victim.refused(t, victim.token, "a session of a disabled user")
	got := victim.holding("").want(t, http.StatusUnauthorized, victim.login.call().with("email", victim.email, "password", victim.password))
	if !got.says("invalid_credentials") {
		t.Errorf("login of a disabled user: code %q, want invalid_credentials", got.code())
	}
	admin.want(t, success, admin.call("user.disabled", victim.id.String()).with("disabled", false))
	victim.refused(t, victim.token, "an old session of a user who was enabled again")
	victim.holding("").logIn(t)
}

func roleChange(t *testing.T, member *visitor) {
	admin, other := member.user(t, administrator()), member.user(t, administrator())
	if other.has("users") {
		other.want(t, success, other.call("users"))
	}
	admin.want(t, success, admin.call("user.role", other.id.String()).with("role", auth.DefaultRole))
	other.refused(t, other.token, "a session from before the demotion")
	other.logIn(t)
	if other.has("users") {
		other.want(t, other.readStatus("users"), other.call("users"))
	}
	for _, c := range other.changes(member.id, auth.DefaultRole) {
		other.want(t, http.StatusForbidden, c)
	}

	before := other.token
	admin.want(t, success, admin.call("user.role", other.id.String()).with("role", administrator()))
	other.refused(t, before, "a session from before the promotion")
}

func endedByAdministrator(t *testing.T, member *visitor) {
	admin := member.user(t, administrator())
	victim := member.user(t, auth.DefaultRole)
	second := victim.loggedIn(t, victim.account)
	admin.want(t, success, admin.call("user.sessions.end", victim.id.String()))
	victim.refused(t, victim.token, "a session that an administrator ended")
	victim.refused(t, second.token, "a session that an administrator ended")
	admin.alive(t, "the administrator's own session")
}

func accountOfSomebodyElse(t *testing.T, member *visitor) {
	victim := member.user(t, auth.DefaultRole)
	id := victim.id.String()
	for _, name := range []string{"users", "user"} {
		if !member.has(name) || member.readStatus(name) == success {
			continue
		}
		for _, query := range []string{"", "?limit=1", "?id=" + member.id.String()} {
			c := member.call(name, id).plus(query)
			if got := member.want(t, http.StatusForbidden, c); strings.Contains(got.body, victim.email) {
				t.Errorf("GET %s: the answer contains the victim's address", c.path)
			}
		}
	}
	for _, c := range member.changes(victim.id, auth.DefaultRole) {
		member.want(t, http.StatusForbidden, c)
	}
	victim.alive(t, "after attempts by somebody else")
	for _, query := range []string{"?id=", "?user_id="} {
		c := member.me.call().plus(query + id)
		got := member.want(t, http.StatusOK, c, "X-User-Id", id)
		if strings.Contains(got.body, victim.email) {
			t.Errorf("GET %s: the answer is about the victim", c.path)
		}
	}
}

func actingUpwards(t *testing.T, member *visitor) {
	admin := member.user(t, administrator())
	for _, c := range member.changes(admin.id, auth.DefaultRole) {
		member.want(t, http.StatusForbidden, c)
	}
	// Users may not promote themselves either.
	for _, c := range member.changes(member.id, administrator()) {
		member.want(t, http.StatusForbidden, c)
	}
	if admin.has("user.role") {
		admin.want(t, http.StatusForbidden, admin.call("user.role", admin.id.String()).with("role", auth.DefaultRole))
	}
	if admin.has("user.disabled") {
		admin.want(t, http.StatusForbidden, admin.call("user.disabled", admin.id.String()).with("disabled", true))
	}
	admin.alive(t, "after attempts by a lower role")
}

func passwordOfSomebodyElse(t *testing.T, member *visitor) {
	admin := member.user(t, administrator())
	victim := member.site.account(t, auth.DefaultRole)
	target := victim.id.String()
	in := object("password", newPassword())
	for _, method := range []string{"PUT", "POST", "PATCH"} {
		for _, more := range []string{"", "/password"} {
			c := admin.call("user", target).by(method).plus(more)
			if !admin.strange(method, c.path) {
				admin.do(t, c.text(in))
			}
		}
	}
	got := admin.want(t, success, admin.call("user", target))
	for _, word := range []string{"password", "hash", "session"} {
		if strings.Contains(got.body, word) {
			t.Errorf("an administrator gets %q about a user: %s", word, got.body)
		}
	}
	member.loggedIn(t, victim)
}
