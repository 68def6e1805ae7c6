//authgen:if bridge_from_stateless
//authgen:as bridge.go

//go:build !stateless

package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Sessions that began when the cookie alone held them are taken over: each becomes
// a row when it is next used. Its handle is added to the ended sessions in the same
// transaction, so it is taken over once, and never when it had ended before or its
// row is gone.
//
// A session may have been a row before it was in the cookie, and that row may be
// there for a while. It is not asked: whoever ends it does not know of the cookie.

// flagLegacy marks the claims of sessions that the cookie alone holds.
const flagLegacy = flagStateless

// errNotConverted is the error for a session that ended, or that has become a row.
var errNotConverted = errors.New("auth: the session cannot be taken over")

// convertSession makes a row of a session that the cookie alone held, or returns it as its
// row has it if that was done before. The error is [ErrUnauthenticated] when it has
// ended.
func (a *Auth) convertSession(ctx context.Context, s Session, now time.Time) (Session, error) {
	// A cookie that is of no use any more, or late, must not make writers wait.
	taken, err := a.beforeTaking(ctx, a.store.db, s, now)
	if err == nil {
		taken, err = a.take(ctx, taken, now)
	}
	if errors.Is(err, errNotConverted) {
		s.legacy = false
		return a.checkSession(ctx, nil, s, now)
	}
	return taken, err
}

// beforeTaking returns a session with the role that its user has, if it stands as far
// as the user is concerned. The error is errNotConverted if it ended by itself or is a row.
func (a *Auth) beforeTaking(ctx context.Context, q querier, s Session, now time.Time) (Session, error) {
	s.legacy = false
	var disabled, ended bool
	var version uint32
	err := q.QueryRowContext(ctx, selectSessionUser, s.id.handle(), s.familyHandle(), s.userID).Scan(&s.role, &disabled, &version, &ended)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Session{}, ErrUnauthenticated
	case err != nil:
		return Session{}, fmt.Errorf("auth: take over a session: %w", err)
	case ended:
		return Session{}, errNotConverted
	case disabled, version != s.version, !s.role.valid(), !a.live(s, now):
		return Session{}, ErrUnauthenticated
	}
	return s, nil
}

// take makes a row of a session. The error is errNotConverted if another request was faster.
func (a *Auth) take(ctx context.Context, s Session, now time.Time) (Session, error) {
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
		if s, err = a.beforeTaking(ctx, tx, s, now); err != nil {
			return err
		}
		n, err := exec(ctx, tx, "take over a session", claimSession, s.id.handle(), dbTime(s.expiresAt))
		if isUniqueViolation(err) || err == nil && n == 0 {
			return errNotConverted
		}
		if err != nil {
			return err
		}
		// The row that it may have been before.
		if _, err := exec(ctx, tx, "end a session", deleteSession, s.id.handle(), s.userID); err != nil {
			return err
		}
		s.seenAt = now
		surplus, err = keepSession(ctx, tx, s, clientFrom(ctx))
		return err
	})
	if err != nil {
		return Session{}, err
	}
	// The state of the request is locked, which an event looks at.
	a.inBackground(ctx, func(ctx context.Context) error {
		a.Event(ctx, "session_converted", "user", s.userID.String())
		if surplus > 0 {
			a.Event(ctx, "excess_sessions_exceeded", "user", s.userID.String(), "ended", surplus)
		}
		return nil
	})
	return s, nil
}

// endInCookie makes sure that the session of a user's row is not taken over once the
// row is gone: the row may be the one from before the session was in the cookie.
func (a *Auth) endInCookie(ctx context.Context, id UserID, handle string) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var s Session
	var disabled bool
	err := a.store.db.QueryRowContext(ctx, selectSession, handle, id).Scan(&s.role, &disabled, &s.version,
		(*dbTime)(&s.authenticatedAt), (*dbTime)(&s.seenAt), (*dbTime)(&s.expiresAt))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil // it may be somebody else's
	case err != nil:
		return fmt.Errorf("auth: end a session: %w", err)
	}
	return a.endCookies(ctx, a.store.db, handle)
}
