package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// LogIn is what a user signs in with.
type LogIn struct {
	Email    string
	Password string `json:"-"`
	// Remember keeps the user signed in when the browser is closed.
	Remember bool
}

// Format implements [fmt.Formatter]. It leaves the password out.
func (in LogIn) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "log-in of %q", in.Email) }

// LogIn checks the credentials and begins a session, in place of the one that
// the request had. An unknown address, a wrong password and a disabled account
// are all [ErrInvalidCredentials], after the same work. Other errors:
// [InputError], [RateLimitError], [ErrBusy].
func (a *Auth) LogIn(ctx context.Context, in LogIn) (User, Session, error) {
	var invalid InputError
	email, err := normalizeEmail(in.Email)
	invalid.check("email", err)
	invalid.check("password", storablePassword(in.Password))
	if err := invalid.err(); err != nil {
		return User{}, Session{}, err
	}
	u, err := a.authenticate(ctx, email, in.Password)
	if err != nil {
		return User{}, Session{}, err
	}
	a.rehashLater(ctx, u, in.Password)
	s, err := a.replaceSession(ctx, u, in.Remember)
	//authgen:if session_rows
	if errors.Is(err, ErrInvalidCredentials) {
		a.event(ctx, "authn_login_fail", "email", email)
	}
	//authgen:end
	if err != nil {
		return User{}, Session{}, err
	}
	if v, ok := visitFrom(ctx); ok {
		v.know(email)
	}
	a.event(ctx, "authn_login_success", "user", u.id.String(), "new_session", s.id.handle())
	//authgen:if !redis
	a.sweep(ctx)
	//authgen:end
	dto := newUser(u, ownView(u))
	if a.config.Hooks.LoggedIn != nil {
		a.config.Hooks.LoggedIn(ctx, dto)
	}
	return dto, s, nil
}

// authenticate returns the user with that address and password. It counts the
// attempt, and hashes as often whether there is such a user or not.
func (a *Auth) authenticate(ctx context.Context, email, password string) (user, error) {
	addr, account := netip.Addr{}, email
	if v, ok := visitFrom(ctx); ok {
		addr, account = v.client.addr, v.account(email)
	}
	if err := a.limits.attempt(account, addr, time.Now()); err != nil {
		a.event(ctx, "authn_login_fail_max", "email", email)
		return user{}, err
	}
	u, err := userByEmail(ctx, a.store.db, email)
	if err != nil && !errors.Is(err, ErrNotFound) {
		a.limits.withdrawn(account, addr)
		return user{}, err
	}
	match, outdated, err := a.hasher.verify(ctx, u.passwordHash, password)
	switch {
	case errors.Is(err, errHash):
		a.config.Logger.ErrorContext(ctx, "auth: a user cannot sign in", "user", u.id.String(), "error", err)
	case err != nil:
		a.limits.withdrawn(account, addr)
		return user{}, err
	}
	if !match || u.disabled || !u.role.valid() {
		a.event(ctx, "authn_login_fail", "email", email)
		return user{}, ErrInvalidCredentials
	}
	a.limits.succeeded(account, addr)
	u.outdated = outdated
	return u, nil
}

// rehashLater replaces the hash of a password that was found right if it was made
// with other parameters than today's.
func (a *Auth) rehashLater(ctx context.Context, u user, password string) {
	if !u.outdated {
		return
	}
	a.later(ctx, func(ctx context.Context) error {
		hash, err := a.hasher.hash(ctx, password)
		if err != nil {
			return err
		}
		_, err = exec(ctx, a.store.db, "replace a password hash", updatePasswordHash, hash, u.id, u.passwordHash)
		return err
	})
}

// replaceSession ends the session of the request, if it has one, and begins one
// for u.
func (a *Auth) replaceSession(ctx context.Context, u user, remember bool) (Session, error) {
	if old, ok := SessionFrom(ctx); ok {
		if err := a.endSession(ctx, a.store.db, old); err != nil {
			return Session{}, err
		}
	}
	return a.startSession(ctx, a.store.db, u, remember, clientFrom(ctx))
}

// clientFrom returns who sent the request that ctx belongs to.
func clientFrom(ctx context.Context) client {
	if v, ok := visitFrom(ctx); ok {
		return v.client
	}
	return client{}
}

// LogOut ends the session of the principal.
func (a *Auth) LogOut(ctx context.Context, p Principal) error {
	if err := p.mustBeUser(); err != nil {
		return err
	}
	if err := a.endSession(ctx, a.store.db, p.session); err != nil {
		return err
	}
	a.event(ctx, "session_ended", "user", p.UserID().String())
	return nil
}
