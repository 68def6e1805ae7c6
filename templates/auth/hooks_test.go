//authgen:if signup
//authgen:unit signup.go

package auth

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"testing"
)

// Hooks.SignedUp runs in the transaction that creates the account: either both writes
// are kept, or neither.
func TestSignedUpHookIsInTheTransaction(t *testing.T) {
	var fail error
	var seen []string
	app := newTestApp(t, func(c *Config) {
		c.Hooks.SignedUp = func(ctx context.Context, tx *sql.Tx, u User) error {
			row, err := userByID(ctx, tx, u.ID)
			if err != nil {
				t.Errorf("the transaction does not see the account: %v", err)
			}
			seen = append(seen, row.email)
			return fail
		}
	})
	b := app.browser(t)
	fail = errors.New("down")
	b.want(http.StatusInternalServerError, "POST", prefix+"/signup", credentials("ann@example.org", testPassword))
	if _, err := userByEmail(t.Context(), app.store.db, "ann@example.org"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after the hook failed, finding the account: error %v, want %v", err, ErrNotFound)
	}
	fail = NewInputError("email", "not_invited", "is not invited")
	if got := b.wantCode(http.StatusBadRequest, "invalid_input", "POST", prefix+"/signup", credentials("ann@example.org", testPassword)); !strings.Contains(got.Body, "not_invited") {
		t.Errorf("body %s, want the error of the hook", got.Body)
	}
	fail = nil
	b.want(http.StatusCreated, "POST", prefix+"/signup", credentials("ann@example.org", testPassword))
	if len(seen) != 3 {
		t.Errorf("the hook was called for %q, want three calls", seen)
	}
}

// Hooks.AfterSignUp does not delay the response, and Wait waits for it.
func TestAfterSignUp(t *testing.T) {
	began, finish := make(chan User), make(chan struct{})
	app := newTestApp(t, func(c *Config) {
		c.Hooks.AfterSignUp = func(ctx context.Context, u User) {
			began <- u
			<-finish
			if ctx.Err() != nil {
				t.Error("the context ended with the request")
			}
		}
	})
	b := app.browser(t)
	created := readUser(t, b.want(http.StatusCreated, "POST", prefix+"/signup", credentials("ann@example.org", testPassword)))
	if u := <-began; u.ID != created.ID {
		t.Errorf("the hook was called for %v, want %v", u.ID, created.ID)
	}
	waited := make(chan struct{})
	go func() {
		app.Wait()
		close(waited)
	}()
	select {
	case <-waited:
		t.Error("Wait returned before the hook")
	default:
	}
	close(finish)
	<-waited
	b.want(http.StatusConflict, "POST", prefix+"/signup", credentials("ann@example.org", testPassword)) // does not call the hook
}

// Hooks.CheckSignUp gets the normalized address.
func TestCheckSignUp(t *testing.T) {
	app := newTestApp(t, func(c *Config) {
		c.Hooks.CheckSignUp = func(_ context.Context, in SignUpInput) error {
			if !strings.HasSuffix(in.Email, "@example.org") || in.Password != testPassword {
				return NewInputError("email", "not_ours", "must be at example.org")
			}
			return nil
		}
	})
	b := app.browser(t)
	for _, email := range []string{"ann@example.com", "ANN@EXAMPLE.COM", "ann@example.org.example.com"} {
		if got := b.wantCode(http.StatusBadRequest, "invalid_input", "POST", prefix+"/signup", credentials(email, testPassword)); !strings.Contains(got.Body, "not_ours") {
			t.Errorf("%s: body %s, want the error of the hook", email, got.Body)
		}
	}
	b.want(http.StatusCreated, "POST", prefix+"/signup", credentials("ANN@Example.Org", testPassword))
	// CreateUser does not call the hook.
	app.createUser(t, "bob@example.com", DefaultRole)
}
