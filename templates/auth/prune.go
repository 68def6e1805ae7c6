//authgen:if (session_rows || bridge_from_database) && !mysql

package auth

import (
	"context"
	"time"
)

// endSurplus ends all sessions of a user but the maxSessions that were used last,
// and returns how many ended.
//
//authgen:if session_rows
func endSurplus(ctx context.Context, q querier, id UserID) (int64, error) {
	return exec(ctx, q, "end surplus sessions", deleteSurplusSessions, id, id, maxSessions)
}

// removeRows removes the rows of sessions that have expired before a time, up to a
// limit, and returns how many.
func (a *Auth) removeRows(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, a.store.db, "remove expired sessions", deleteExpiredSessions, dbTime(before), limit)
}
