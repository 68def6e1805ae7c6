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

// Sessions that began as rows are taken over: while its row stands, such a session
// goes on in a cookie that holds it alone. The row stays for a while, for requests
// that are under way with the cookie of before.

// flagLegacy marks the claims of sessions that are rows. They are not stateless.
const flagLegacy = 0

// conversionGrace is how long the row of a session stays that was taken over.
const conversionGrace = time.Hour

// convertSession returns a session that began as a row, with what the database has to say
// of it. The error is [ErrUnauthenticated] when it has ended.
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
		return Session{}, fmt.Errorf("auth: take over a session: %w", err)
	case disabled, version != s.version, !s.role.valid(), !now.Before(until):
		return Session{}, ErrUnauthenticated
	}
	switch last := now.Add(conversionGrace); {
	case ended:
		// It has a row, so nobody ended it: it was in the cookie once before, and
		// became that row. The id from then is of no use any more. Of requests sent
		// at once, one goes on, and the others are refused: a row that stayed for
		// them would not go with a log-out, which knows the new id alone.
		err = execOne(ctx, a.store.db, "take over a session", deleteSession, handle, s.userID)
		if errors.Is(err, ErrNotFound) {
			err = ErrUnauthenticated // another request was faster
		}
		s.id = newSessionID()
	case until.After(last):
		_, err = exec(ctx, a.store.db, "take over a session", expireSession, dbTime(last), handle, s.userID)
	}
	if err != nil {
		return Session{}, err
	}
	// The state of the request is locked, which an event looks at.
	a.inBackground(ctx, func(ctx context.Context) error {
		a.Event(ctx, "session_converted", "user", s.userID.String())
		return nil
	})
	return s, nil
}
