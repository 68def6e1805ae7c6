package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// SignUpInput holds what a new user enters to sign up.
//
//authgen:if signup
type SignUpInput struct {
	Email    string
	Password string `json:"-"`
	//authgen:if own_profile
	Profile ProfileInput
}

// Format implements [fmt.Formatter]. It leaves the password out.
//
//authgen:if signup
func (in SignUpInput) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "sign-up of %q", in.Email) }

// Fields returns the fields of a body that holds a sign-up.
//
//authgen:if signup
func (in *SignUpInput) Fields() Fields {
	into := Fields{"email": &in.Email, "password": &in.Password}
	//authgen:if own_profile
	in.Profile.addTo(into)
	//authgen:end
	return into
}

// SignUp creates an account with the default role, without logging in. The error is
// [ErrLoggedIn] if the visitor is logged in, and [ErrEmailTaken] if the address
// already has an account. So signing up reveals which addresses have one.
//
//authgen:if signup
func (a *Auth) SignUp(ctx context.Context, in SignUpInput) (User, error) {
	switch _, err := Verify(ctx); {
	case err == nil:
		return User{}, ErrLoggedIn
	case !errors.Is(err, ErrUnauthenticated):
		return User{}, err
	}
	draft, err := a.draftUser(ctx, NewUser{
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
	if err := a.limits.signUp(clientFrom(ctx).addr, time.Now()); err != nil {
		return User{}, err
	}
	if check := a.config.Hooks.CheckSignUp; check != nil {
		in.Email = draft.email
		if err := check(ctx, in); err != nil {
			return User{}, err
		}
	}
	// The answer reveals it anyway, so skip the expensive hash.
	switch _, err := userByEmail(ctx, a.store.db, draft.email); {
	case err == nil:
		return User{}, ErrEmailTaken
	case !errors.Is(err, ErrNotFound):
		return User{}, err
	}
	if draft.passwordHash, err = a.hasher.hash(ctx, in.Password); err != nil {
		return User{}, err
	}
	u, err := a.signUp(ctx, draft)
	if err != nil {
		return User{}, err
	}
	if after := a.config.Hooks.AfterSignUp; after != nil {
		a.inBackground(ctx, func(ctx context.Context) error {
			after(ctx, u)
			return nil
		})
	}
	return u, nil
}

// signUp inserts the row and calls the hook SignedUp, in one transaction.
//
//authgen:if signup
func (a *Auth) signUp(ctx context.Context, u user) (dto User, err error) {
	err = a.store.tx(ctx, func(tx *sql.Tx) error {
		if err := insertUser(ctx, tx, &u); err != nil {
			return err
		}
		dto = newUser(u, ownView(u))
		if hook := a.config.Hooks.SignedUp; hook != nil {
			return hook(ctx, tx, dto)
		}
		return nil
	})
	if err != nil {
		return User{}, err
	}
	a.created(ctx, u)
	return dto, nil
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

// CreateUser creates an account with any role. It checks no permission: it is meant
// for commands that set up an application, and for tests. A handler must check that
// its caller may create users. Errors include [InputError], [ErrEmailTaken] and
// [ErrBusy].
func (a *Auth) CreateUser(ctx context.Context, in NewUser) (User, error) {
	return a.createUser(ctx, nil, in)
}

// createUser is CreateUser in the transaction tx, or in one of its own if tx is nil.
func (a *Auth) createUser(ctx context.Context, tx *sql.Tx, in NewUser) (User, error) {
	u, err := a.draftUser(ctx, in)
	if err != nil {
		return User{}, err
	}
	if u.passwordHash, err = a.hasher.hash(ctx, in.Password); err != nil {
		return User{}, err
	}
	return a.insert(ctx, tx, u)
}

// draftUser checks the input and returns the row for a new user, without the hash of
// the password.
func (a *Auth) draftUser(ctx context.Context, in NewUser) (user, error) {
	var invalid InputError
	u := newRow(in, &invalid)
	if err := a.checkPassword(ctx, &invalid, "password", in.Password, u.email); err != nil {
		return user{}, err
	}
	return u, invalid.err()
}

// newRow returns the row for a new user without the hash of the password, and records
// what is wrong with the input.
func newRow(in NewUser, invalid *InputError) user {
	email, err := normalizeEmail(in.Email)
	invalid.check("email", err)
	if !in.Role.valid() {
		invalid.check("role", errNotARole)
	}
	//authgen:if own_text
	in.Profile.check(invalid)
	//authgen:end
	// The database stores milliseconds.
	now := time.Now().UTC().Truncate(time.Millisecond)
	u := user{
		email:     email,
		role:      in.Role,
		createdAt: now,
	}
	//authgen:if own_profile
	in.Profile.apply(&u.profile)
	//authgen:end
	return u
}

// insert inserts a new user in the transaction tx, or in one of its own if tx is nil.
func (a *Auth) insert(ctx context.Context, tx *sql.Tx, u user) (User, error) {
	insert := func(tx *sql.Tx) error { return insertUser(ctx, tx, &u) }
	var err error
	if tx != nil {
		err = insert(tx)
	} else {
		err = a.store.tx(ctx, insert)
	}
	if err != nil {
		return User{}, err
	}
	a.created(ctx, u)
	return newUser(u, ownView(u)), nil
}

// created logs that there is a new user.
func (a *Auth) created(ctx context.Context, u user) {
	a.Event(ctx, "user_created", "user", u.id.String(), "role", u.role.String())
}
