package auth

import (
	"encoding/json"
	"net/http"
	"testing"
)

func TestSignUpLogInLogOut(t *testing.T) {
	app := newTestApp(t)
	b := app.browser(t)

	b.want(http.StatusUnauthorized, "GET", prefix+"/me", "")
	//authgen:if signup
	var created User
	got := b.want(http.StatusCreated, "POST", prefix+"/signup", `{"email":"Ann@Example.org","password":"`+testPassword+`"}`)
	if err := json.Unmarshal([]byte(got.Body), &created); err != nil {
		t.Fatal(err)
	}
	if created.Email != "ann@example.org" || created.Role != DefaultRole {
		t.Errorf("signed up as %+v", created)
	}
	b.want(http.StatusUnauthorized, "GET", prefix+"/me", "")
	b.logIn("ann@example.org")
	b.want(http.StatusOK, "GET", prefix+"/me", "")
	b.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	b.want(http.StatusUnauthorized, "GET", prefix+"/me", "")
	//authgen:end
}
