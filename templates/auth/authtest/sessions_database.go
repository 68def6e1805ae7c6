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
	attacker := member.signIn(t, member.account)
	var list struct{ Sessions []struct{ ID string } }
	if err := json.Unmarshal([]byte(victim.want(t, http.StatusOK, "GET", "sessions", "").body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Sessions) != 1 {
		t.Fatalf("the victim has %d sessions, want 1", len(list.Sessions))
	}
	id := list.Sessions[0].ID
	attacker.want(t, http.StatusNotFound, "DELETE", "sessions/"+id, "")
	attacker.want(t, http.StatusNotFound, "DELETE", "sessions/none", "")
	victim.alive(t, "after an attempt to end the session")
	// What is shown and stored of a session is not what opens it.
	victim.refused(t, id, "the id of a session as a cookie")

	other := victim.signIn(t, victim.account)
	victim.want(t, http.StatusNoContent, "DELETE", "sessions/"+id, "")
	victim.refused(t, victim.token, "a session that its user has ended")
	other.alive(t, "another session")
}
