package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// SignUp is what a new user fills in.
//
//authgen:if signup
type SignUp struct {
	Email    string
	Password string `json:"-"`
	//authgen:if own_profile
	Profile ProfileInput
}

// Format implements [fmt.Formatter]. It leaves the password out.
//
//authgen:if signup
func (in SignUp) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "sign-up of %q", in.Email) }

// SignUp creates an account with the default role. It does not sign in. It is
// [ErrSignedIn] for a visitor who has an account already, and [ErrEmailTaken]
// when the address has one: sign-up tells who has an account.
//
//authgen:if signup
func (a *Auth) SignUp(ctx context.Context, in SignUp) (User, error) {
	switch _, err := Verify(ctx); {
	case err == nil:
		return User{}, ErrSignedIn
	case !errors.Is(err, ErrUnauthenticated):
		return User{}, err
	}
	u, err := a.CreateUser(ctx, NewUser{
		Email:    in.Email,
		Password: in.Password,
		Role:     DefaultRole,
		//authgen:if own_profile
		Profile: in.Profile,
		//authgen:end
	})
	if err != nil {
		return User{}, err
	}
	if a.config.Hooks.SignedUp != nil {
		a.config.Hooks.SignedUp(ctx, u)
	}
	return u, nil
}

// NewUser describes an account to create.
type NewUser struct {
	Email    string
	Password string `json:"-"`
	Role     Role
	//authgen:if own_profile
	Profile ProfileInput
}

// Format implements [fmt.Formatter]. It leaves the password out.
func (in NewUser) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "new user %q, role %s", in.Email, in.Role)
}

// CreateUser creates an account with any role. It asks for nobody's permission:
// it is for commands that set an application up, and for tests. A handler that
// calls it must have made sure that whoever asks may do that. The errors are
// [InputError], [ErrEmailTaken] and [ErrBusy].
func (a *Auth) CreateUser(ctx context.Context, in NewUser) (User, error) {
	var invalid InputError
	email, err := normalizeEmail(in.Email)
	invalid.check("email", err)
	invalid.check("password", a.checkPassword(ctx, in.Password, email))
	if !in.Role.valid() {
		invalid.check("role", errors.New("is not a role"))
	}
	//authgen:if own_text
	in.Profile.check(&invalid)
	//authgen:end
	if err := invalid.err(); err != nil {
		return User{}, err
	}
	hash, err := a.hasher.hash(ctx, in.Password)
	if err != nil {
		return User{}, err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	u := user{
		id:           newUserID(now),
		email:        email,
		passwordHash: hash,
		role:         in.Role,
		version:      1,
		createdAt:    now,
	}
	//authgen:if own_profile
	in.Profile.apply(&u.profile)
	//authgen:end
	if err := a.store.insertUser(ctx, u); err != nil {
		return User{}, err
	}
	a.event(ctx, "user_created", "user", u.id.String(), "role", u.role.String())
	return newUser(u, ownView(u)), nil
}
