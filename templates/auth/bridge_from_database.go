//authgen:if bridge_from_database
//authgen:as bridge.go

//go:build stateless

package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Sessions that began as rows are taken over: while its row stands, such a session
// goes on in a cookie that holds it alone. The row stays, for requests that are under
// way with the cookie of before. Log-out ends both by the list of ended sessions,
// which is looked at here too.

// flagFormer marks the claims of sessions that are rows.
const flagFormer = 2

// takeOver returns a session that began as a row, with what the database has to say
// of it. The error is [ErrUnauthenticated] when it has ended.
func (a *Auth) takeOver(ctx context.Context, s Session) (Session, error) {
	var disabled, ended bool
	var version uint32
	handle := s.id.handle()
	row := a.store.db.QueryRowContext(ctx, selectFormerSession, handle, handle, s.userID)
	err := row.Scan(&s.role, &disabled, &version,
		(*dbTime)(&s.authenticatedAt), (*dbTime)(&s.seenAt), (*dbTime)(&s.expiresAt), &ended)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Session{}, ErrUnauthenticated
	case err != nil:
		return Session{}, fmt.Errorf("auth: take over a session: %w", err)
	case disabled, ended, version != s.version, !s.role.valid():
		return Session{}, ErrUnauthenticated
	}
	s.former = false
	// The visit is locked, which an event looks at.
	a.later(ctx, func(ctx context.Context) error {
		a.event(ctx, "session_bridged", "user", s.userID.String())
		return nil
	})
	return s, nil
}
