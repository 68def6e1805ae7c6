//authgen:if imported_passwords

package auth

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

const (
	importedPassword = "p\u00e4ssword of Zo\u00eb"
	bcryptHash       = "$2a$04$1rjEhdG3Hh2kHdmLppnww./VJt8mxGA0C7ZAa2LT9GFXSqgsDq962"
)

// An imported user logs in with the old password, and the hash is replaced.
func TestImportUser(t *testing.T) {
	app := newTestApp(t)
	app.secrets = append(app.secrets, importedPassword, bcryptHash)
	u, err := app.ImportUser(t.Context(), NewUser{Email: "Zoe@example.org", Role: DefaultRole}, bcryptHash)
	if err != nil || u.Email != "zoe@example.org" {
		t.Fatalf("%+v, error %v", u, err)
	}
	app.browser(t).wantCode(http.StatusUnauthorized, "invalid_credentials", "POST", prefix+"/login", credentials(u.Email, wrongPassword))
	for range 2 {
		zoe := app.browser(t)
		zoe.want(http.StatusOK, "POST", prefix+"/login", credentials(u.Email, importedPassword))
		zoe.want(http.StatusOK, "GET", prefix+"/me", "")
		app.Wait()
		row, err := userByID(t.Context(), app.store.db, u.ID)
		if err != nil || !strings.HasPrefix(row.passwordHash, "$argon2id$") {
			t.Fatalf("the hash is %.10s, error %v", row.passwordHash, err)
		}
	}
	if _, err := app.ImportUser(t.Context(), NewUser{Email: u.Email, Role: DefaultRole}, bcryptHash); !errors.Is(err, ErrEmailTaken) {
		t.Errorf("imported twice: error %v, want %v", err, ErrEmailTaken)
	}

	// It may be in a transaction of the application.
	app.inTx(t, false, func(j Joined) error {
		_, err := j.ImportUser(t.Context(), NewUser{Email: "yan@example.org", Role: DefaultRole}, bcryptHash)
		return err
	})
	if _, err := userByEmail(t.Context(), app.store.db, "yan@example.org"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after the transaction was rolled back: error %v, want %v", err, ErrNotFound)
	}

	// All that is wrong is said at once.
	_, err = app.ImportUser(t.Context(), NewUser{Email: "zoe", Password: testPassword}, "$2x"+bcryptHash[3:])
	var invalid *InputError
	if !errors.As(err, &invalid) || len(invalid.Fields) != 4 {
		t.Errorf("error %v, want one with four fields", err)
	}
}
