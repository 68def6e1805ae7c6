//authgen:if bridge_from_database
//authgen:as bridge.go

//go:build stateless

package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Sessions that were rows are converted: as long as its row exists, such a session
// continues in a cookie that holds all of it. The row is kept for a while, for
// requests that still arrive with the old cookie.

// flagLegacy is the style flag in the claims of sessions that were rows.
const flagLegacy = 0

// conversionGrace is how long the row is kept after its session was converted.
const conversionGrace = time.Hour

// convertSession returns a session that was a row, as it is in the database. The error
// is [ErrUnauthenticated] if the session has ended.
func (a *Auth) convertSession(ctx context.Context, s Session, now time.Time) (Session, error) {
	s.legacy = false
	var disabled, ended bool
	var version uint32
	var until time.Time
	handle := s.id.handle()
	row := a.store.db.QueryRowContext(ctx, selectLegacySession, handle, handle, s.userID)
	err := row.Scan(&s.role, &disabled, &version, (*dbTime)(&s.authenticatedAt), (*dbTime)(&s.seenAt), (*dbTime)(&until), &ended)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Session{}, ErrUnauthenticated
	case err != nil:
		return Session{}, fmt.Errorf("auth: convert a session: %w", err)
	case disabled, version != s.version, !s.role.valid(), !now.Before(until):
		return Session{}, ErrUnauthenticated
	}
	switch last := now.Add(conversionGrace); {
	case ended:
		// The session has a row, so it is valid: it was in a cookie before, and was
		// converted to that row. Its id counts as ended, so it gets a new one. Of
		// concurrent requests, one succeeds and the others are refused: a logout
		// knows only the new id, so it would not delete a row kept for them.
		err = execOne(ctx, a.store.db, "convert a session", deleteSession, handle, s.userID)
		if errors.Is(err, ErrNotFound) {
			err = ErrUnauthenticated // another request was faster
		}
		s.id = newSessionID()
	case until.After(last):
		_, err = exec(ctx, a.store.db, "convert a session", expireSession, dbTime(last), handle, s.userID)
	}
	if err != nil {
		return Session{}, err
	}
	// In the background, since Event locks the request's state, and Verify holds it.
	a.inBackground(ctx, func(ctx context.Context) error {
		a.Event(ctx, "session_converted", "user", s.userID.String())
		return nil
	})
	return s, nil
}
