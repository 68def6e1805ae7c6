package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Reauthenticate checks the principal's password once more and begins a fresh
// session in place of the one that asks.
func (a *Auth) Reauthenticate(ctx context.Context, p Principal, password string) error {
	u, err := a.checkCurrent(ctx, p, "password", password)
	if err != nil {
		return err
	}
	var s Session
	err = a.Tx(ctx, p, func(tx *sql.Tx) (err error) {
		s, err = a.finish(ctx, tx, login{user: u, method: MethodPassword, remember: p.session.remember, replaces: p.session})
		return err
	})
	if err != nil {
		return err
	}
	a.rehashLater(ctx, u, password)
	a.Event(ctx, "session_renewed", "user", u.id.String(), "new_session", s.id.handle())
	a.setSession(ctx, s)
	return nil
}

// checkCurrent returns the principal's row if the password is theirs.
func (a *Auth) checkCurrent(ctx context.Context, p Principal, field, password string) (user, error) {
	if err := p.Require(); err != nil {
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

// PasswordChange is the current password of a user and the one to replace it.
type PasswordChange struct {
	Current string `json:"-"`
	New     string `json:"-"`
}

// Format implements [fmt.Formatter]. It shows neither password.
func (PasswordChange) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// Fields returns the fields of a body that holds a change of password.
func (in *PasswordChange) Fields() Fields {
	return Fields{"current": &in.Current, "new": &in.New}
}

// ChangePassword replaces the principal's password. All sessions of the user
// end, and a new one takes the place of the one that asks. The principal must be
// fresh, and the current password right.
func (a *Auth) ChangePassword(ctx context.Context, p Principal, in PasswordChange) error {
	if err := p.RequireFresh(); err != nil {
		return err
	}
	u, err := a.checkCurrent(ctx, p, "current", in.Current)
	if err != nil {
		return err
	}
	var invalid InputError
	if err := a.checkPassword(ctx, &invalid, "new", in.New, u.email); err != nil {
		return err
	}
	if composed(in.New) == composed(in.Current) {
		invalid.check("new", FieldError{"unchanged", "is the current password"})
	}
	if err := invalid.err(); err != nil {
		return err
	}
	hash, err := a.hasher.hash(ctx, in.New)
	if err != nil {
		return err
	}
	var s Session
	err = a.Tx(ctx, p, func(tx *sql.Tx) (err error) {
		// Of two changes at once, the one that comes second finds another
		// hash than the one it checked.
		if err := execOne(ctx, tx, "change a password", updatePasswordHash, hash, u.id, u.passwordHash); err != nil {
			return err
		}
		if err := a.endAll(ctx, tx, u.id, PasswordChanged); err != nil {
			return err
		}
		u, err = userByID(ctx, tx, u.id)
		if err != nil {
			return err
		}
		s, err = a.finish(ctx, tx, login{user: u, method: MethodPassword, remember: p.session.remember, replaces: p.session})
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return ErrInvalidCredentials
	}
	if err != nil {
		return fmt.Errorf("auth: change a password: %w", err)
	}
	a.Event(ctx, "authn_password_change", "user", u.id.String(), "new_session", s.id.handle())
	a.setSession(ctx, s)
	return nil
}

// EndOtherSessions ends all of the user's sessions but the one that asks. The
// principal must be fresh.
func (a *Auth) EndOtherSessions(ctx context.Context, p Principal) error {
	if err := p.RequireFresh(); err != nil {
		return err
	}
	var s Session
	err := a.Tx(ctx, p, func(tx *sql.Tx) (err error) {
		s, err = a.endOtherSessions(ctx, tx, p.session)
		return err
	})
	if err != nil {
		return err
	}
	a.Event(ctx, "sessions_ended", "user", p.UserID().String())
	a.setSession(ctx, s)
	return nil
}

// DeleteAccount deletes the principal's account and everything of it, in one
// transaction with Hooks.Deleting. The principal must be fresh.
//
//authgen:if delete_account
func (a *Auth) DeleteAccount(ctx context.Context, p Principal) error {
	if err := p.RequireFresh(); err != nil {
		return err
	}
	err := a.Tx(ctx, p, func(tx *sql.Tx) error { return a.deleteUser(ctx, tx, p.UserID()) })
	if err != nil {
		return err
	}
	a.Event(ctx, "user_deleted", "user", p.UserID().String())
	a.setSession(ctx, Session{})
	return nil
}

// deleteUser deletes a user and everything of theirs: nothing else does.
//
//authgen:if delete_account
func (a *Auth) deleteUser(ctx context.Context, tx *sql.Tx, id UserID) error {
	if a.config.Hooks.Deleting != nil {
		if err := a.config.Hooks.Deleting(ctx, tx, id); err != nil {
			return err
		}
	}
	if err := a.endAll(ctx, tx, id, UserDeleted); err != nil {
		return err
	}
	return execOne(ctx, tx, "delete a user", deleteUserRow, id)
}

// EndReason is why everything ends that a user has.
type EndReason uint8

// The reasons.
const (
	PasswordChanged EndReason = iota + 1
	RoleChanged
	UserDisabled
	UserDeleted
	// EndedByOperator is a decision of somebody else than the user.
	EndedByOperator
)

// endings say what ends for each reason.
var endings = map[EndReason]struct {
	name     string
	sessions bool
}{
	PasswordChanged: {"password changed", true},
	RoleChanged:     {"role changed", true},
	UserDisabled:    {"disabled", true},
	UserDeleted:     {"deleted", true},
	EndedByOperator: {"ended by an operator", true},
}

// EndAll ends what a user has for a reason: all sessions, wherever they are. It
// asks for nobody's permission; whoever calls it has made sure that they may do
// that. It is [ErrNotFound] if there is no such user.
func (a *Auth) EndAll(ctx context.Context, id UserID, why EndReason) error {
	ending, ok := endings[why]
	if !ok {
		return fmt.Errorf("auth: EndAll for the reason %d, which there is not", why)
	}
	err := a.store.tx(ctx, func(tx *sql.Tx) error {
		if err := lockUser(ctx, tx, id); err != nil {
			return err
		}
		return a.endAll(ctx, tx, id, why)
	})
	if err != nil {
		return err
	}
	a.Event(ctx, "sessions_ended", "user", id.String(), "reason", ending.name)
	return nil
}

// endAll ends what a user has for a reason, in the transaction that q is: nothing
// else does.
func (a *Auth) endAll(ctx context.Context, q querier, id UserID, why EndReason) error {
	if !endings[why].sessions {
		return nil
	}
	return a.endSessions(ctx, q, id)
}
