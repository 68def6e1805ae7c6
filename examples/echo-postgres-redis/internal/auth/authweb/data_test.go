// Written by authgen. Yours to edit; "authgen upgrade" merges.

package authweb

import (
	"context"
	"errors"
	"testing"

	"example.com/echo-postgres-redis/internal/auth"
	"example.com/echo-postgres-redis/internal/auth/authtest"
)

func TestTeam(t *testing.T) {
	db := authtest.NewDatabase(t)
	a := newAuth(t, db, "https://example.com")
	add := func(email string, role auth.Role) {
		t.Helper()
		if _, err := a.CreateUser(t.Context(), auth.NewUser{Email: email, Password: "a colleague's own password", Role: role}); err != nil {
			t.Fatal(err)
		}
	}
	d := Data{DB: db}
	add("ann@example.org", auth.DefaultRole)
	// A disabled user is still a member of the team.
	const disableAll = "UPDATE auth_users SET disabled = TRUE"
	if _, err := db.ExecContext(t.Context(), disableAll); err != nil {
		t.Fatal(err)
	}
	add("bob@example.org", auth.DefaultRole)
	other := auth.Role(1)
	if other == auth.DefaultRole {
		other = 2
	}
	add("carol@example.org", other)

	authtest.As(t, a, auth.DefaultRole, func(ctx context.Context, p auth.Principal) {
		team, err := d.Team(ctx, p)
		if want := (Team{Role: auth.DefaultRole, Size: 3}); team != want || err != nil {
			t.Errorf("Team: got %v, %v; want %v", team, err, want)
		}
	})
	team, err := d.Team(t.Context(), auth.Principal{})
	if team != (Team{}) || !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("Team of the zero Principal: got %v, %v; want error %v", team, err, auth.ErrUnauthenticated)
	}
}
