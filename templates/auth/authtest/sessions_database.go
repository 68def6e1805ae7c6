//authgen:if session_database
//authgen:as devices.go

//go:build !stateless

package authtest

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/authgen/authgen/templates/auth"
)

func sessionOfSomebodyElse(t *testing.T, member *visitor) {
	victim := member.user(t, auth.DefaultRole)
	attacker := member.loggedIn(t, member.account)
	var list struct{ Sessions []struct{ ID string } }
	if err := json.Unmarshal([]byte(victim.want(t, success, victim.call("sessions")).body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Sessions) != 1 {
		t.Fatalf("the victim has %d sessions, want 1", len(list.Sessions))
	}
	id := list.Sessions[0].ID
	attacker.want(t, http.StatusNotFound, attacker.call("session.end", id))
	attacker.want(t, http.StatusNotFound, attacker.call("session.end", "none"))
	victim.alive(t, "after an attempt to end the session")
	// The id that is listed and stored is not the secret in the cookie.
	victim.refused(t, id, "the id of a session as a cookie")

	other := victim.loggedIn(t, victim.account)
	victim.want(t, success, victim.call("session.end", id))
	victim.refused(t, victim.token, "a session that its user has ended")
	other.alive(t, "another session")
}
