//authgen:if bridge_from_stateless
//authgen:as bridge.go

//go:build !stateless

package auth

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Sessions that began when the cookie alone held them are taken over: each becomes
// a row when it is next used. Its handle is added to the ended sessions in the same
// transaction, so it is taken over once, and never when it had ended before or its
// row is gone.

// flagFormer marks the claims of sessions that the cookie alone holds.
const flagFormer = 2

// errTaken is the error for a session that ended, or that has become a row.
var errTaken = errors.New("auth: the session cannot be taken over")

// takeOver makes a row of a session that has none, if it still stands. The error is
// [ErrUnauthenticated] when it does not.
func (a *Auth) takeOver(ctx context.Context, s Session, now time.Time) (Session, error) {
	s.former = false
	var surplus int64
	err := a.store.tx(ctx, func(tx *sql.Tx) error {
		// Whoever ends all sessions of the user was here before, or waits.
		err := lockUser(ctx, tx, s.userID)
		if errors.Is(err, ErrNotFound) {
			return ErrUnauthenticated
		}
		if err != nil {
			return err
		}
		u, err := userByID(ctx, tx, s.userID)
		if err != nil {
			return err
		}
		s.role = u.role
		if u.disabled || u.version != s.version || !u.role.valid() || !a.live(s, now) {
			return ErrUnauthenticated
		}
		n, err := exec(ctx, tx, "take over a session", takeSession, s.id.handle(), dbTime(s.expiresAt))
		if isUniqueViolation(err) || err == nil && n == 0 {
			return errTaken
		}
		if err != nil {
			return err
		}
		// One that was a row before it was in the cookie may have left that behind.
		if _, err := exec(ctx, tx, "end a session", deleteSession, s.id.handle(), s.userID); err != nil {
			return err
		}
		s.seenAt = now
		surplus, err = keepSession(ctx, tx, s, clientFrom(ctx))
		return err
	})
	if errors.Is(err, errTaken) {
		// Another request of the same session may have been faster.
		return a.checkSession(ctx, nil, s, now)
	}
	if err != nil {
		return Session{}, err
	}
	// The visit is locked, which an event looks at.
	a.later(ctx, func(ctx context.Context) error {
		a.event(ctx, "session_bridged", "user", s.userID.String())
		if surplus > 0 {
			a.event(ctx, "excess_sessions_exceeded", "user", s.userID.String(), "ended", surplus)
		}
		return nil
	})
	return s, nil
}
