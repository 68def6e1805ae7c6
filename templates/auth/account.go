package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Reauthenticate checks the principal's password again and replaces the session with
// a fresh one.
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

// checkCurrent returns the principal's row if the password is correct.
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
		return user{}, ErrUnauthenticated // deleted since the guard ran
	}
	if err != nil {
		return user{}, err
	}
	return a.authenticate(ctx, u.email, password)
}

// PasswordChange holds a user's current password and the new one.
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

// ChangePassword changes the principal's password. It ends all of the user's
// sessions, and replaces the principal's with a new one. The principal must be
// fresh. Errors include [ErrInvalidCredentials], [InputError], [RateLimitError] and
// [ErrBusy].
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
		// Of two concurrent changes, the second finds another hash than the one
		// that it checked.
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

// EndOtherSessions ends all of the user's sessions except the principal's, which
// must be fresh.
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

// DeleteAccount deletes the principal's account and all its data, in one transaction
// with Hooks.Deleting. The principal must be fresh.
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

// deleteUser deletes a user and all their data. Nothing else deletes users.
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

// EndReason is why [Auth.EndAll] ends what a user has.
type EndReason uint8

// The reasons.
const (
	PasswordChanged EndReason = iota + 1
	RoleChanged
	UserDisabled
	UserDeleted
	// EndedByOperator means that somebody other than the user decided it.
	EndedByOperator
)

// endings lists what ends for each reason.
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

// EndAll ends what the reason requires: all of the user's sessions. It checks no
// permission; a handler must check that its caller may do this. The error is
// [ErrNotFound] if there is no such user.
func (a *Auth) EndAll(ctx context.Context, id UserID, why EndReason) error {
	err := a.store.tx(ctx, func(tx *sql.Tx) error { return a.lockAndEnd(ctx, tx, id, why) })
	if err != nil {
		return err
	}
	a.ended(ctx, id, why)
	return nil
}

// lockAndEnd locks the user and ends what the reason requires.
func (a *Auth) lockAndEnd(ctx context.Context, tx *sql.Tx, id UserID, why EndReason) error {
	if _, ok := endings[why]; !ok {
		return fmt.Errorf("auth: EndAll: unknown reason %d", why)
	}
	if err := lockUser(ctx, tx, id); err != nil {
		return err
	}
	return a.endAll(ctx, tx, id, why)
}

// ended logs that the sessions of a user have ended.
func (a *Auth) ended(ctx context.Context, id UserID, why EndReason) {
	a.Event(ctx, "sessions_ended", "user", id.String(), "reason", endings[why].name)
}

// endAll ends what the reason requires. The transaction q has locked the user.
func (a *Auth) endAll(ctx context.Context, q querier, id UserID, why EndReason) error {
	if !endings[why].sessions {
		return nil
	}
	return a.endSessions(ctx, q, id)
}
