//authgen:if session_rows
//authgen:as sessions.go

//go:build !stateless

package auth

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Sessions are rows in the database, with the SHA-256 of the id in the cookie as
// their key.

// maxSessions is how many sessions a user may have. A new one replaces the least
// recently used.
const maxSessions = 50

// flagStyle is the style flag in the claims of sessions that are rows.
const flagStyle = 0

// startSession begins a session. The error is [ErrInvalidCredentials] if the account
// has been deleted since the credentials were checked.
func (a *Auth) startSession(ctx context.Context, q querier, l login) (Session, error) {
	s := a.newSession(l)
	n, err := keepSession(ctx, q, s, clientFrom(ctx))
	if isForeignKeyViolation(err) {
		return Session{}, ErrInvalidCredentials
	}
	if n > 0 {
		a.Event(ctx, "excess_sessions_exceeded", "user", s.userID.String(), "ended", n)
	}
	return s, err
}

// keepSession inserts s, and returns how many of the user's oldest sessions it
// deleted.
func keepSession(ctx context.Context, q querier, s Session, c client) (surplus int64, err error) {
	_, err = exec(ctx, q, "insert a session", insertSession,
		s.id.handle(), s.familyHandle(), s.userID, c.userAgent, c.address(),
		dbTime(s.authenticatedAt), dbTime(s.issuedAt), dbTime(s.seenAt), dbTime(s.expiresAt))
	if err != nil {
		return 0, err
	}
	return endSurplus(ctx, q, s.userID)
}

// checkSession returns the session as it is in the database, read in a transaction
// if tx is not nil. The error is [ErrUnauthenticated] if the session has ended.
func (a *Auth) checkSession(ctx context.Context, tx *sql.Tx, s Session, now time.Time) (Session, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	//authgen:if bridge_from_stateless
	if s.legacy {
		return a.convertSession(ctx, s, now)
	}
	//authgen:end
	var disabled bool
	var version uint32
	handle := s.id.handle()
	row, err := a.store.check(ctx, tx, selectSession, handle, s.userID)
	if err != nil {
		return Session{}, err
	}
	err = row.Scan(&s.role, &disabled, &version,
		(*dbTime)(&s.authenticatedAt), (*dbTime)(&s.seenAt), (*dbTime)(&s.expiresAt))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Session{}, ErrUnauthenticated
	case err != nil:
		return Session{}, fmt.Errorf("auth: check a session: %w", err)
	case disabled, version != s.version, !s.role.valid():
		return Session{}, ErrUnauthenticated
	}
	if tx == nil && a.live(s, now) && now.Sub(s.seenAt) >= a.renewEvery(s.role) {
		a.inBackground(ctx, func(ctx context.Context) error {
			_, err := exec(ctx, a.store.db, "touch a session", touchSession, dbTime(now), handle, s.userID, dbTime(now))
			return err
		})
	}
	return s, nil
}

// endSession ends a session. It returns nil if the session has already ended.
func (a *Auth) endSession(ctx context.Context, q querier, s Session) error {
	//authgen:if bridge_from_stateless
	if err := a.endCookies(ctx, q, s.id.handle()); err != nil {
		return err
	}
	//authgen:end
	_, err := exec(ctx, q, "end a session", deleteSession, s.id.handle(), s.userID)
	return err
}

// endFamily ends a session and those that have replaced it since.
func (a *Auth) endFamily(ctx context.Context, q querier, s Session) error {
	//authgen:if bridge_from_stateless
	if err := a.endCookies(ctx, q, s.id.handle(), s.familyHandle()); err != nil {
		return err
	}
	//authgen:end
	_, err := exec(ctx, q, "end a session", deleteFamily, s.familyHandle(), s.userID)
	return err
}

// endCookies ends sessions that only a cookie holds, so that they cannot be
// converted to rows. Their expiry is not known here, so it assumes the longest.
//
//authgen:if bridge_from_stateless
func (a *Auth) endCookies(ctx context.Context, q querier, handles ...string) error {
	until := time.Now().Add(max(a.config.AbsoluteTimeout, a.config.SensitiveAbsoluteTimeout))
	for _, handle := range handles {
		if _, err := exec(ctx, q, "end a session", insertEndedSession, handle, dbTime(until)); err != nil {
			return err
		}
	}
	return nil
}

// endSessions ends all sessions of a user. The new version also ends a session that
// is being started concurrently, for an old password or role.
func (a *Auth) endSessions(ctx context.Context, q querier, id UserID) error {
	if err := execOne(ctx, q, "end the sessions of a user", endVersion, id); err != nil {
		return err
	}
	_, err := exec(ctx, q, "end the sessions of a user", deleteSessions, id)
	return err
}

// endOtherSessions ends all sessions of a user except s, and returns s with the new
// version. The version also ends a session that is being started concurrently.
func (a *Auth) endOtherSessions(ctx context.Context, q querier, s Session) (Session, error) {
	if err := execOne(ctx, q, "end the other sessions", endVersion, s.userID); err != nil {
		return Session{}, err
	}
	s.version++
	_, err := exec(ctx, q, "end the other sessions", deleteOtherSessions, s.userID, s.id.handle())
	return s, err
}

// removeExpired deletes rows that expired before a time, up to a limit in each
// table, and returns the largest number of rows deleted from one table.
func (a *Auth) removeExpired(ctx context.Context, before time.Time, limit int) (int64, error) {
	n, err := a.removeRows(ctx, before, limit)
	//authgen:if bridge_from_stateless
	if err != nil {
		return 0, err
	}
	ended, err := a.removeEnded(ctx, before, limit)
	n = max(n, ended)
	//authgen:end
	return n, err
}

// SessionInfo describes a session to its user.
type SessionInfo struct {
	// ID identifies the session. It gives no access to it.
	ID        string    `json:"id"`
	Current   bool      `json:"current"`
	UserAgent string    `json:"user_agent"`
	Client    string    `json:"client"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Sessions lists the principal's sessions, the most recently used first.
func (a *Auth) Sessions(ctx context.Context, p Principal) ([]SessionInfo, error) {
	if err := p.Require(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	now := time.Now()
	idle, _ := a.timeouts(p.Role())
	rows, err := a.store.db.QueryContext(ctx, selectSessions, p.UserID(), dbTime(now), dbTime(now.Add(-idle)))
	if err != nil {
		return nil, fmt.Errorf("auth: list sessions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	infos := []SessionInfo{} // not null in JSON
	for rows.Next() {
		var s SessionInfo
		err := rows.Scan(&s.ID, &s.UserAgent, &s.Client,
			(*dbTime)(&s.CreatedAt), (*dbTime)(&s.SeenAt), (*dbTime)(&s.ExpiresAt))
		if err != nil {
			return nil, fmt.Errorf("auth: list sessions: %w", err)
		}
		s.Current = s.ID == p.session.id.handle()
		infos = append(infos, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("auth: list sessions: %w", err)
	}
	return infos, nil
}

// EndSession ends one of the principal's sessions by its [SessionInfo.ID]. The error
// is [ErrNotFound] if the principal has no such session. The principal must be
// fresh.
func (a *Auth) EndSession(ctx context.Context, p Principal, id string) error {
	if err := p.RequireFresh(); err != nil {
		return err
	}
	if _, err := hex.DecodeString(id); err != nil {
		return ErrNotFound // not a handle, and perhaps not even valid text
	}
	//authgen:if bridge_from_stateless
	if err := a.endInCookie(ctx, p.UserID(), id); err != nil {
		return err
	}
	//authgen:end
	err := execOne(ctx, a.store.db, "end a session", deleteSession, id, p.UserID())
	if errors.Is(err, ErrNotFound) {
		a.Event(ctx, "authz_fail", "ended", id)
	}
	if err != nil {
		return err
	}
	a.Event(ctx, "session_ended", "user", p.UserID().String(), "ended", id)
	return nil
}
