//authgen:if manage_users

package authtest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

// below is the status for a user of the default role who lists or reads users.
func (s *site) below() int {
	if auth.DefaultRole.Has(auth.PermissionUsersRead) && may(auth.DefaultRole, s.named["users"].Route) && may(auth.DefaultRole, s.named["user"].Route) {
		return success
	}
	return http.StatusForbidden
}

func disabledUser(t *testing.T, member *visitor) {
	admin := member.user(t, administrator())
	victim := member.user(t, auth.DefaultRole)
	admin.want(t, success, admin.call("user.disabled", victim.id.String()).with("disabled", true))
	victim.refused(t, victim.token, "a session of a disabled user")
	got := victim.holding("").want(t, http.StatusUnauthorized, victim.login.call().with("email", victim.email, "password", victim.password))
	if !got.says("invalid_credentials") {
		t.Errorf("log-in of a disabled user: code %q, want invalid_credentials", got.code())
	}
	admin.want(t, success, admin.call("user.disabled", victim.id.String()).with("disabled", false))
	victim.refused(t, victim.token, "an old session of a user who was enabled again")
	victim.holding("").logIn(t)
}

func roleChange(t *testing.T, member *visitor) {
	admin, other := member.user(t, administrator()), member.user(t, administrator())
	other.want(t, success, other.call("users"))
	admin.want(t, success, admin.call("user.role", other.id.String()).with("role", auth.DefaultRole))
	other.refused(t, other.token, "a session from before the demotion")
	other.logIn(t)
	other.want(t, other.below(), other.call("users"))
	other.want(t, http.StatusForbidden, other.call("user.disabled", member.id.String()).with("disabled", true))

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
	target := victim.id.String()
	if member.below() == http.StatusForbidden {
		for _, c := range []call{
			member.call("users"),
			member.call("users").plus("?limit=1"),
			member.call("user", target),
			member.call("user", target).plus("?id=" + member.id.String()),
		} {
			if got := member.want(t, http.StatusForbidden, c); strings.Contains(got.body, victim.email) {
				t.Errorf("GET %s: the answer contains the victim's address", c.path)
			}
		}
	}
	member.want(t, http.StatusForbidden, member.call("user.role", target).with("role", auth.DefaultRole))
	member.want(t, http.StatusForbidden, member.call("user.disabled", target).with("disabled", true))
	member.want(t, http.StatusForbidden, member.call("user.sessions.end", target))
	victim.alive(t, "after attempts of somebody else")
	for _, query := range []string{"?id=", "?user_id="} {
		got := member.want(t, http.StatusOK, member.me.call().plus(query+target), "X-User-Id", target)
		if strings.Contains(got.body, victim.email) {
			t.Errorf("GET me%s…: the answer is about the victim", query)
		}
	}
}

func actingUpwards(t *testing.T, member *visitor) {
	admin := member.user(t, administrator())
	target := admin.id.String()
	member.want(t, http.StatusForbidden, member.call("user.role", target).with("role", auth.DefaultRole))
	member.want(t, http.StatusForbidden, member.call("user.disabled", target).with("disabled", true))
	member.want(t, http.StatusForbidden, member.call("user.sessions.end", target))
	// Upwards is also where somebody would put themselves.
	own := member.id.String()
	member.want(t, http.StatusForbidden, member.call("user.role", own).with("role", administrator()))
	admin.want(t, http.StatusForbidden, admin.call("user.role", target).with("role", auth.DefaultRole))
	admin.want(t, http.StatusForbidden, admin.call("user.disabled", target).with("disabled", true))
	admin.alive(t, "after all of this")
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
			t.Errorf("what an administrator sees of a user contains %q: %s", word, got.body)
		}
	}
	member.loggedIn(t, victim)
}
