//authgen:if (session_rows || bridge_from_database) && mysql

package auth

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A DELETE locks every row that it looks at on its way to those that go, and in the
// order of the index that it takes. So what is to go is asked for first, which locks
// nothing, and then deleted by its key, which is how everybody else gets to it. Else
// this and a log-in or a log-out at the same time would wait for each other.

// endSurplus ends all sessions of a user but the maxSessions that were used last,
// and returns how many ended.
//
//authgen:if session_rows
func endSurplus(ctx context.Context, q querier, id UserID) (int64, error) {
	return deleteListed(ctx, q, selectSurplusSessions, id, sweepRows, maxSessions)
}

// removeRows removes the rows of sessions that have expired before a time, up to a
// limit, and returns how many.
func (a *Auth) removeRows(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	err = a.store.tx(ctx, func(tx *sql.Tx) error {
		n, err = deleteListed(ctx, tx, selectExpiredSessions, dbTime(before), limit)
		return err
	})
	return n, err
}

// deleteListed deletes the sessions that a query lists, and returns how many of
// them were still there.
func deleteListed(ctx context.Context, q querier, query string, args ...any) (deleted int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("auth: list sessions to end: %w", err)
	}
	defer func() { _ = rows.Close() }()
	type key struct {
		userID UserID
		handle string
	}
	var keys []key
	for rows.Next() {
		var k key
		if err := rows.Scan(&k.userID, &k.handle); err != nil {
			return 0, fmt.Errorf("auth: list sessions to end: %w", err)
		}
		keys = append(keys, k)
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("auth: list sessions to end: %w", err)
	}
	for _, k := range keys {
		n, err := exec(ctx, q, "end a session", deleteSession, k.handle, k.userID)
		if err != nil {
			return deleted, err
		}
		deleted += n
	}
	return deleted, nil
}
