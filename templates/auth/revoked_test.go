//authgen:unit principal.go

package auth

import (
	"errors"
	"testing"
	"time"
)

// If the session ends between the guard and the flow, while the client delays the body,
// the principal loses its rights.
func TestRevokedSinceTheGuard(t *testing.T) {
	app := newTestApp(t)
	owner, u := app.user(t, "ann@example.org", DefaultRole)
	other := app.browser(t)
	other.logIn("ann@example.org")
	late := other.principal()
	if err := app.ChangePassword(t.Context(), owner.principal(), PasswordChange{testPassword, otherPassword}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"EndOtherSessions": app.EndOtherSessions(t.Context(), late),
		"Reauthenticate":   app.Reauthenticate(t.Context(), late, otherPassword),
		"ChangePassword":   app.ChangePassword(t.Context(), late, PasswordChange{otherPassword, testPassword}),
		//authgen:if delete_account
		"DeleteAccount": app.DeleteAccount(t.Context(), late),
		//authgen:end
		//authgen:if own_profile
		"UpdateProfile": second(app.DAL().UpdateProfile(t.Context(), late, ProfileInput{})),
		//authgen:end
	} {
		if !errors.Is(err, ErrUnauthenticated) {
			t.Errorf("%s for a session that has ended: error %v, want %v", name, err, ErrUnauthenticated)
		}
	}
	if _, err := userByID(t.Context(), app.store.db, u.ID); err != nil {
		t.Error(err)
	}
}

// The password of a deleted account cannot be checked.
//
//authgen:if delete_account
func TestDeletedSinceTheGuard(t *testing.T) {
	app := newTestApp(t)
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	p := b.principal()
	if err := app.DeleteAccount(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := app.Reauthenticate(t.Context(), p, testPassword); !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("Reauthenticate: error %v, want %v", err, ErrUnauthenticated)
	}
	if err := app.DeleteAccount(t.Context(), p); !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("a second DeleteAccount: error %v, want %v", err, ErrUnauthenticated)
	}
}

// second returns the second of two results.
//
//authgen:if own_profile
func second[T any](_ T, err error) error { return err }

//authgen:if manage_users
func TestManagerRevokedSinceTheGuard(t *testing.T) {
	app := newTestApp(t)
	one, u1 := app.user(t, "one@example.org", highestRole)
	two, u2 := app.user(t, "two@example.org", highestRole)
	_, member := app.user(t, "member@example.org", DefaultRole)
	p1, p2 := one.principal(), two.principal()
	if err := app.DAL().SetRole(t.Context(), p1, u2.ID, DefaultRole); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"SetRole":     app.DAL().SetRole(t.Context(), p2, u1.ID, DefaultRole),
		"SetDisabled": app.DAL().SetDisabled(t.Context(), p2, member.ID, true),
		"EndSessions": app.DAL().EndUserSessions(t.Context(), p2, member.ID),
	} {
		if !errors.Is(err, ErrUnauthenticated) {
			t.Errorf("%s by a demoted user: error %v, want %v", name, err, ErrUnauthenticated)
		}
	}
	if u, err := userByID(t.Context(), app.store.db, u1.ID); err != nil || u.role != highestRole {
		t.Errorf("the role of the other manager is %s, want %s; error %v", u.role, highestRole, err)
	}
	// The same holds if the role is changed in the table, which ends no session.
	if _, err := app.store.db.ExecContext(t.Context(), updateRole, DefaultRole, u1.ID); err != nil {
		t.Fatal(err)
	}
	if err := app.DAL().SetDisabled(t.Context(), p1, member.ID, true); !errors.Is(err, ErrForbidden) && DefaultRole != highestRole {
		t.Errorf("SetDisabled by a user whose role was changed: error %v, want %v", err, ErrForbidden)
	}
}

// A session in use does not become idle, however short the idle timeout.
func TestRenewalFitsIdleTimeout(t *testing.T) {
	for idle, want := range map[time.Duration]time.Duration{
		time.Minute:    15 * time.Second,
		time.Hour:      renewalInterval,
		24 * time.Hour: renewalInterval,
	} {
		a := newOfflineAuth(t, func(c *Config) { c.IdleTimeout, c.SensitiveIdleTimeout = idle, idle })
		if got := a.renewEvery(DefaultRole); got != want {
			t.Errorf("idle timeout %v: renewed every %v, want %v", idle, got, want)
		}
	}
}
