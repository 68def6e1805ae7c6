//authgen:if session_rows && !mysql

//go:build !stateless

package auth

import (
	"context"
	"time"
)

// endSurplus ends all sessions of a user but the maxSessions that were used last,
// and returns how many ended.
func endSurplus(ctx context.Context, q querier, id UserID) (int64, error) {
	return exec(ctx, q, "end surplus sessions", deleteSurplusSessions, id, id, maxSessions)
}

// removeExpired removes the sessions that have expired before a time.
func (a *Auth) removeExpired(ctx context.Context, before time.Time) error {
	_, err := exec(ctx, a.store.db, "remove expired sessions", deleteExpiredSessions, dbTime(before))
	return err
}
