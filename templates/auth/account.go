package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Reauthenticate checks the principal's password once more and begins a fresh
// session in place of the one that asks.
func (a *Auth) Reauthenticate(ctx context.Context, p Principal, password string) (Session, error) {
	u, err := a.checkCurrent(ctx, p, "password", password)
	if err != nil {
		return Session{}, err
	}
	var s Session
	err = a.actAs(ctx, p, func(tx *sql.Tx) (err error) {
		if err := a.endSession(ctx, tx, p.session); err != nil {
			return err
		}
		s, err = a.startSession(ctx, tx, u, p.session.remember, clientFrom(ctx))
		return err
	})
	if err != nil {
		return Session{}, err
	}
	a.rehashLater(ctx, u, password)
	a.event(ctx, "session_renewed", "user", u.id.String(), "new_session", s.id.handle())
	return s, nil
}

// checkCurrent returns the principal's row if the password is theirs.
func (a *Auth) checkCurrent(ctx context.Context, p Principal, field, password string) (user, error) {
	if err := p.mustBeUser(); err != nil {
		return user{}, err
	}
	var invalid InputError
	invalid.check(field, storablePassword(password))
	if err := invalid.err(); err != nil {
		return user{}, err
	}
	u, err := userByID(ctx, a.store.db, p.UserID())
	if errors.Is(err, ErrNotFound) {
		return user{}, ErrUnauthenticated // the account is gone since the guard
	}
	if err != nil {
		return user{}, err
	}
	return a.authenticate(ctx, u.email, password)
}

// ChangePassword is the current password of a user and the one to replace it.
type ChangePassword struct {
	Current string `json:"-"`
	New     string `json:"-"`
}

// Format implements [fmt.Formatter]. It shows neither password.
func (ChangePassword) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// ChangePassword replaces the principal's password. All sessions of the user
// end; the one that is returned takes the place of the one that asked. The
// principal must be fresh, and the current password right.
func (a *Auth) ChangePassword(ctx context.Context, p Principal, in ChangePassword) (Session, error) {
	if err := p.mustBeFresh(); err != nil {
		return Session{}, err
	}
	u, err := a.checkCurrent(ctx, p, "current", in.Current)
	if err != nil {
		return Session{}, err
	}
	var invalid InputError
	if err := a.checkPassword(ctx, &invalid, "new", in.New, u.email); err != nil {
		return Session{}, err
	}
	if in.New == in.Current {
		invalid.check("new", errors.New("is the current password"))
	}
	if err := invalid.err(); err != nil {
		return Session{}, err
	}
	hash, err := a.hasher.hash(ctx, in.New)
	if err != nil {
		return Session{}, err
	}
	var s Session
	err = a.actAs(ctx, p, func(tx *sql.Tx) (err error) {
		// Of two changes at once, the one that comes second finds another
		// hash than the one it checked.
		if err := execOne(ctx, tx, "change a password", updatePasswordHash, hash, u.id, u.passwordHash); err != nil {
			return err
		}
		if err := a.endSessions(ctx, tx, u.id); err != nil {
			return err
		}
		u, err = userByID(ctx, tx, u.id)
		if err != nil {
			return err
		}
		s, err = a.startSession(ctx, tx, u, p.session.remember, clientFrom(ctx))
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return Session{}, ErrInvalidCredentials
	}
	if err != nil {
		return Session{}, fmt.Errorf("auth: change a password: %w", err)
	}
	a.event(ctx, "authn_password_change", "user", u.id.String(), "new_session", s.id.handle())
	return s, nil
}

// EndOtherSessions ends all of the user's sessions but the one that asks, and
// returns that one. The principal must be fresh.
func (a *Auth) EndOtherSessions(ctx context.Context, p Principal) (Session, error) {
	if err := p.mustBeFresh(); err != nil {
		return Session{}, err
	}
	var s Session
	err := a.actAs(ctx, p, func(tx *sql.Tx) (err error) {
		s, err = a.endOtherSessions(ctx, tx, p.session)
		return err
	})
	if err != nil {
		return Session{}, err
	}
	a.event(ctx, "sessions_ended", "user", p.UserID().String())
	return s, nil
}

// DeleteAccount deletes the principal's account and everything of it, in one
// transaction with Hooks.Deleting. The principal must be fresh.
//
//authgen:if delete_account
func (a *Auth) DeleteAccount(ctx context.Context, p Principal) error {
	if err := p.mustBeFresh(); err != nil {
		return err
	}
	err := a.actAs(ctx, p, func(tx *sql.Tx) error {
		if a.config.Hooks.Deleting != nil {
			if err := a.config.Hooks.Deleting(ctx, tx, p.UserID()); err != nil {
				return err
			}
		}
		if err := a.endSessions(ctx, tx, p.UserID()); err != nil {
			return err
		}
		return execOne(ctx, tx, "delete a user", deleteUser, p.UserID())
	})
	if err != nil {
		return err
	}
	a.event(ctx, "user_deleted", "user", p.UserID().String())
	return nil
}
