//authgen:if session_stateless
//authgen:as sessions.go

//go:build stateless

package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Only the cookie holds a session. The database knows which sessions ended early:
// single ones by the SHA-256 of their id or family, until they would have expired,
// and all sessions of a user by the version that they began with.

// flagStyle is the style flag in the claims of sessions that only the cookie holds.
const flagStyle = flagStateless

// startSession begins a session. It does no I/O.
func (a *Auth) startSession(_ context.Context, _ querier, l login) (Session, error) {
	return a.newSession(l), nil
}

// checkSession returns the session with the user's role as it is in the database,
// read in a transaction if tx is not nil. The error is [ErrUnauthenticated] if the
// session has ended.
func (a *Auth) checkSession(ctx context.Context, tx *sql.Tx, s Session, now time.Time) (Session, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	//authgen:if bridge_from_database
	if s.legacy {
		return a.convertSession(ctx, s, now)
	}
	//authgen:end
	var disabled, ended bool
	var version uint32
	// endFamily also ends the first session of a family by its own handle, so that
	// session needs no look at its family.
	var id any = s.id.handle()
	family := id
	if s.family != s.id {
		family = s.familyHandle()
	}
	row, err := a.store.check(ctx, tx, selectSessionUser, id, family, s.userID)
	if err != nil {
		return Session{}, err
	}
	err = row.Scan(&s.role, &disabled, &version, &ended)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Session{}, ErrUnauthenticated
	case err != nil:
		return Session{}, fmt.Errorf("auth: check a session: %w", err)
	case disabled, ended, version != s.version, !s.role.valid():
		return Session{}, ErrUnauthenticated
	}
	return s, nil
}

// endSession ends a session. It returns nil if the session has already ended.
func (a *Auth) endSession(ctx context.Context, q querier, s Session) error {
	//authgen:if bridge_from_database
	// Delete the row first: a row beside an ended session is one that was converted
	// from a cookie, and is still valid.
	if _, err := exec(ctx, q, "end a session", deleteSession, s.id.handle(), s.userID); err != nil {
		return err
	}
	//authgen:end
	_, err := exec(ctx, q, "end a session", insertEndedSession, s.id.handle(), dbTime(s.expiresAt))
	return err
}

// endFamily ends a session and those that have replaced it since.
func (a *Auth) endFamily(ctx context.Context, q querier, s Session) error {
	//authgen:if bridge_from_database
	if _, err := exec(ctx, q, "end a session", deleteFamily, s.familyHandle(), s.userID); err != nil {
		return err
	}
	//authgen:end
	if _, err := exec(ctx, q, "end a session", insertEndedSession, s.id.handle(), dbTime(s.expiresAt)); err != nil {
		return err
	}
	// A session that replaced s may expire later.
	until := time.Now().Add(max(a.config.AbsoluteTimeout, a.config.SensitiveAbsoluteTimeout))
	_, err := exec(ctx, q, "end a session", insertEndedSession, s.familyHandle(), dbTime(until))
	return err
}

// endSessions ends all sessions of a user.
func (a *Auth) endSessions(ctx context.Context, q querier, id UserID) error {
	return execOne(ctx, q, "end the sessions of a user", endVersion, id)
}

// endOtherSessions ends all sessions of a user except s, and returns s with the new
// version.
func (a *Auth) endOtherSessions(ctx context.Context, q querier, s Session) (Session, error) {
	err := execOne(ctx, q, "end the other sessions", endVersion, s.userID)
	s.version++
	return s, err
}

// removeExpired deletes rows that expired before a time, up to a limit in each
// table, and returns the largest number of rows deleted from one table.
func (a *Auth) removeExpired(ctx context.Context, before time.Time, limit int) (int64, error) {
	n, err := a.removeEnded(ctx, before, limit)
	//authgen:if bridge_from_database
	if err != nil {
		return 0, err
	}
	rows, err := a.removeRows(ctx, before, limit)
	n = max(n, rows)
	//authgen:end
	return n, err
}
