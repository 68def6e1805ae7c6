//authgen:if manage_users

package authtest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

// administrator is the highest role.
func administrator() auth.Role {
	highest := auth.DefaultRole
	for next := highest + 1; ; next++ {
		if _, err := next.MarshalText(); err != nil {
			return highest
		}
		highest = next
	}
}

// below is the status for a user of the default role who lists or reads users.
func below() int {
	if auth.DefaultRole.Has(auth.PermissionUsersRead) {
		return http.StatusOK
	}
	return http.StatusForbidden
}

func disabledUser(t *testing.T, member *visitor) {
	admin := member.user(t, administrator())
	victim := member.user(t, auth.DefaultRole)
	admin.want(t, http.StatusNoContent, "PUT", "users/"+victim.id.String()+"/disabled", object("disabled", true))
	victim.refused(t, victim.token, "a session of a disabled user")
	got := victim.holding("").want(t, http.StatusUnauthorized, "POST", "login", object("email", victim.email, "password", victim.password))
	if got.code() != "invalid_credentials" {
		t.Errorf("log-in of a disabled user: code %q, want invalid_credentials", got.code())
	}
	admin.want(t, http.StatusNoContent, "PUT", "users/"+victim.id.String()+"/disabled", object("disabled", false))
	victim.refused(t, victim.token, "an old session of a user who was enabled again")
	victim.holding("").logIn(t)
}

func roleChange(t *testing.T, member *visitor) {
	admin, other := member.user(t, administrator()), member.user(t, administrator())
	other.want(t, http.StatusOK, "GET", "users", "")
	admin.want(t, http.StatusNoContent, "PUT", "users/"+other.id.String()+"/role", object("role", auth.DefaultRole))
	other.refused(t, other.token, "a session from before the demotion")
	other.logIn(t)
	other.want(t, below(), "GET", "users", "")
	other.want(t, http.StatusForbidden, "PUT", "users/"+member.id.String()+"/disabled", object("disabled", true))

	before := other.token
	admin.want(t, http.StatusNoContent, "PUT", "users/"+other.id.String()+"/role", object("role", administrator()))
	other.refused(t, before, "a session from before the promotion")
}

func endedByAdministrator(t *testing.T, member *visitor) {
	admin := member.user(t, administrator())
	victim := member.user(t, auth.DefaultRole)
	second := victim.signIn(t, victim.account)
	admin.want(t, http.StatusNoContent, "DELETE", "users/"+victim.id.String()+"/sessions", "")
	victim.refused(t, victim.token, "a session that an administrator ended")
	victim.refused(t, second.token, "a session that an administrator ended")
	admin.alive(t, "the administrator's own session")
}

func accountOfSomebodyElse(t *testing.T, member *visitor) {
	victim := member.user(t, auth.DefaultRole)
	target := "users/" + victim.id.String()
	if below() == http.StatusForbidden {
		for _, path := range []string{"users", "users?limit=1", target, target + "?id=" + member.id.String()} {
			if got := member.want(t, http.StatusForbidden, "GET", path, ""); strings.Contains(got.body, victim.email) {
				t.Errorf("GET %s: the answer contains the victim's address", path)
			}
		}
	}
	member.want(t, http.StatusForbidden, "PUT", target+"/role", object("role", auth.DefaultRole))
	member.want(t, http.StatusForbidden, "PUT", target+"/disabled", object("disabled", true))
	member.want(t, http.StatusForbidden, "DELETE", target+"/sessions", "")
	victim.alive(t, "after attempts of somebody else")
	for _, path := range []string{"me?id=", "me?user_id="} {
		got := member.want(t, http.StatusOK, "GET", path+victim.id.String(), "", "X-User-Id", victim.id.String())
		if strings.Contains(got.body, victim.email) {
			t.Errorf("GET %s…: the answer is about the victim", path)
		}
	}
}

func actingUpwards(t *testing.T, member *visitor) {
	admin := member.user(t, administrator())
	target := "users/" + admin.id.String()
	member.want(t, http.StatusForbidden, "PUT", target+"/role", object("role", auth.DefaultRole))
	member.want(t, http.StatusForbidden, "PUT", target+"/disabled", object("disabled", true))
	member.want(t, http.StatusForbidden, "DELETE", target+"/sessions", "")
	// Upwards is also where somebody would put themselves.
	own := "users/" + member.id.String()
	member.want(t, http.StatusForbidden, "PUT", own+"/role", object("role", administrator()))
	admin.want(t, http.StatusForbidden, "PUT", target+"/role", object("role", auth.DefaultRole))
	admin.want(t, http.StatusForbidden, "PUT", target+"/disabled", object("disabled", true))
	admin.alive(t, "after all of this")
}

func passwordOfSomebodyElse(t *testing.T, member *visitor) {
	admin := member.user(t, administrator())
	victim := member.site.account(t, auth.DefaultRole)
	target := "users/" + victim.id.String()
	in := object("password", newPassword())
	for _, method := range []string{"PUT", "POST", "PATCH"} {
		for _, path := range []string{target, target + "/password"} {
			admin.do(t, method, path, in)
		}
	}
	got := admin.want(t, http.StatusOK, "GET", target, "")
	for _, word := range []string{"password", "hash", "session"} {
		if strings.Contains(got.body, word) {
			t.Errorf("what an administrator sees of a user contains %q: %s", word, got.body)
		}
	}
	member.signIn(t, victim)
}
