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

// Sessions that only the cookie held are converted: each becomes a row when it is
// next used. The same transaction adds its handle to the ended sessions, so it is
// converted only once, and not at all if it had already ended.
//
// Such a session may have been a row before, and that row may still exist for a
// while. It is ignored, since deleting it did not end the session in the cookie.

// flagLegacy is the style flag in the claims of sessions that only the cookie held.
const flagLegacy = flagStateless

// errNotConvertible means that a session has ended or has already been converted.
var errNotConvertible = errors.New("auth: the session cannot be converted")

// convertSession inserts a row for a session that only the cookie held. If there is
// one already, it returns the session as it is in the row. The error is
// [ErrUnauthenticated] if the session has ended.
func (a *Auth) convertSession(ctx context.Context, s Session, now time.Time) (Session, error) {
	// Check without a lock first, so that a useless cookie does not delay writers.
	converted, err := a.convertible(ctx, a.store.db, s, now)
	if err == nil {
		converted, err = a.convert(ctx, converted, now)
	}
	if errors.Is(err, errNotConvertible) {
		s.legacy = false
		return a.checkSession(ctx, nil, s, now)
	}
	return converted, err
}

// convertible returns a session with the current role of its user. The error is
// errNotConvertible if the session has ended or been converted, and
// [ErrUnauthenticated] if the user may not continue it.
func (a *Auth) convertible(ctx context.Context, q querier, s Session, now time.Time) (Session, error) {
	s.legacy = false
	var disabled, ended bool
	var version uint32
	err := q.QueryRowContext(ctx, selectSessionUser, s.id.handle(), s.familyHandle(), s.userID).Scan(&s.role, &disabled, &version, &ended)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Session{}, ErrUnauthenticated
	case err != nil:
		return Session{}, fmt.Errorf("auth: convert a session: %w", err)
	case ended:
		return Session{}, errNotConvertible
	case disabled, version != s.version, !s.role.valid(), !a.live(s, now):
		return Session{}, ErrUnauthenticated
	}
	return s, nil
}

// convert inserts a row for a session. The error is errNotConvertible if a concurrent
// request has done so.
func (a *Auth) convert(ctx context.Context, s Session, now time.Time) (Session, error) {
	var surplus int64
	err := a.store.tx(ctx, func(tx *sql.Tx) error {
		// With the lock, nobody ends all sessions of the user meanwhile.
		err := lockUser(ctx, tx, s.userID)
		if errors.Is(err, ErrNotFound) {
			return ErrUnauthenticated
		}
		if err != nil {
			return err
		}
		if s, err = a.convertible(ctx, tx, s, now); err != nil {
			return err
		}
		n, err := exec(ctx, tx, "convert a session", claimSession, s.id.handle(), dbTime(s.expiresAt))
		if isUniqueViolation(err) || err == nil && n == 0 {
			return errNotConvertible
		}
		if err != nil {
			return err
		}
		// The row from before the session was in the cookie.
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
	// In the background, since Event locks the request's state, and Verify holds it.
	a.inBackground(ctx, func(ctx context.Context) error {
		a.Event(ctx, "session_converted", "user", s.userID.String())
		if surplus > 0 {
			a.Event(ctx, "excess_sessions_exceeded", "user", s.userID.String(), "ended", surplus)
		}
		return nil
	})
	return s, nil
}

// endInCookie ends the session of a row in the cookie as well: the row may be from
// before the session was in the cookie, which could still be converted.
func (a *Auth) endInCookie(ctx context.Context, id UserID, handle string) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var s Session
	var disabled bool
	err := a.store.db.QueryRowContext(ctx, selectSession, handle, id).Scan(&s.role, &disabled, &s.version,
		(*dbTime)(&s.authenticatedAt), (*dbTime)(&s.seenAt), (*dbTime)(&s.expiresAt))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil // no such session, or another user's
	case err != nil:
		return fmt.Errorf("auth: end a session: %w", err)
	}
	return a.endCookies(ctx, a.store.db, handle)
}
