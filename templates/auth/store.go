//authgen:sql

package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// queryTimeout limits each statement and transaction of a request. It is a variable
// so that tests can raise it.
var queryTimeout = 5 * time.Second

// user is a row of the table of users. It never leaves this package: a [User] does.
type user struct {
	id            UserID
	email         string
	emailVerified bool
	passwordHash  string
	outdated      bool // the hash has outdated parameters
	role          Role
	disabled      bool
	version       uint32 // sessions with another version have ended
	createdAt     time.Time
	//authgen:if profile
	profile profile
}

// Statements that read users. userColumns is in user.go, and usersTable in store_users.go.
const (
	selectUserByID    = `SELECT ` + userColumns + ` FROM ` + usersTable + ` u WHERE u.id = ?`
	selectUserByEmail = `SELECT ` + userColumns + ` FROM ` + usersTable + ` u WHERE ` + emailIs + ` = ?`
	//authgen:if public_profile
	selectUsersByIDs = `SELECT ` + userColumns + ` FROM ` + usersTable + ` u WHERE u.id IN `
	//authgen:if manage_users
	selectUsersAfter = `SELECT ` + userColumns + ` FROM ` + usersTable + ` u WHERE u.id > ? ORDER BY u.id LIMIT ?`
)

// selectUserState selects what the secure check needs about the user.
//
//authgen:if redis
const selectUserState = `SELECT u.role, u.disabled, u.session_version FROM ` + usersTable + ` u WHERE u.id = ?`

// Statements about sessions.
//
//authgen:if session_rows
const (
	insertSession = `INSERT INTO auth_sessions
		(handle, family, user_id, user_agent, client, authenticated_at, created_at, seen_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	selectSession = `SELECT u.role, u.disabled, u.session_version, s.authenticated_at, s.seen_at, s.expires_at
		FROM auth_sessions s JOIN ` + usersTable + ` u ON u.id = s.user_id
		WHERE s.handle = ? AND s.user_id = ?`
	selectSessions = `SELECT handle, user_agent, client, created_at, seen_at, expires_at
		FROM auth_sessions WHERE user_id = ? AND expires_at > ? AND seen_at > ? ORDER BY seen_at DESC, handle`
	touchSession        = `UPDATE auth_sessions SET seen_at = ? WHERE handle = ? AND user_id = ? AND seen_at < ?`
	deleteSessions      = `DELETE FROM auth_sessions WHERE user_id = ?`
	deleteOtherSessions = `DELETE FROM auth_sessions WHERE user_id = ? AND handle <> ?`
)

// Statements that delete sessions.
//
//authgen:if session_rows || bridge_from_database
const (
	deleteSession = `DELETE FROM auth_sessions WHERE handle = ? AND user_id = ?`
	deleteFamily  = `DELETE FROM auth_sessions WHERE family = ? AND user_id = ?`
)

// selectSessionUser selects the user of a session, and whether it ended early.
//
//authgen:if session_stateless || bridge_from_stateless
const selectSessionUser = `SELECT u.role, u.disabled, u.session_version,
	EXISTS (SELECT 1 FROM auth_ended_sessions WHERE handle = ?) OR EXISTS (SELECT 1 FROM auth_ended_sessions WHERE handle = ?)
	FROM ` + usersTable + ` u WHERE u.id = ?`

// insertEndedSession records that a session ended before it expired.
//
//authgen:if ended_sessions && !mysql
const insertEndedSession = `INSERT INTO auth_ended_sessions (handle, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING`

// claimSession marks a session as converted to a row. It changes nothing if the session
// has ended or was converted before.
//
//authgen:if bridge_from_stateless && !mysql
const claimSession = insertEndedSession

// Statements that convert a row to a session in the cookie.
//
//authgen:if bridge_from_database
const (
	selectLegacySession = `SELECT u.role, u.disabled, u.session_version, s.authenticated_at, s.seen_at, s.expires_at,
		EXISTS (SELECT 1 FROM auth_ended_sessions WHERE handle = ?)
		FROM auth_sessions s JOIN ` + usersTable + ` u ON u.id = s.user_id
		WHERE s.handle = ? AND s.user_id = ?`
	expireSession = `UPDATE auth_sessions SET expires_at = ? WHERE handle = ? AND user_id = ?`
)

// insertMigration records that a migration was applied.
//
//authgen:if migrate && !mysql
const insertMigration = `INSERT INTO auth_migrations (version, applied_at) VALUES (?, ?) ON CONFLICT DO NOTHING`

// selectMigrations selects the migrations that were applied.
//
//authgen:if migrate && !mysql
const selectMigrations = `SELECT version FROM auth_migrations`

// store runs SQL statements. All of them are constants; input is always passed as an
// argument.
type store struct {
	db *sql.DB
	//authgen:if !pgx
	checks preparedCheck
}

// preparedCheck is the statement of the secure check, prepared on first use.
//
//authgen:if !pgx
type preparedCheck struct {
	mu   sync.Mutex
	stmt *sql.Stmt
}

// check runs the query of the secure check, in the transaction tx unless it is nil.
//
//authgen:if !pgx
func (s *store) check(ctx context.Context, tx *sql.Tx, query string, args ...any) (*sql.Row, error) {
	stmt, err := s.checks.prepare(ctx, s.db, query)
	if err != nil {
		return nil, fmt.Errorf("auth: check a session: %w", err)
	}
	if tx != nil {
		stmt = tx.StmtContext(ctx, stmt)
	}
	return stmt.QueryRowContext(ctx, args...), nil
}

//authgen:if !pgx
func (c *preparedCheck) prepare(ctx context.Context, db *sql.DB, query string) (*sql.Stmt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stmt == nil {
		stmt, err := db.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		c.stmt = stmt
	}
	return c.stmt, nil
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// tx runs f in a transaction, which is rolled back if f returns an error.
func (s *store) tx(ctx context.Context, f func(tx *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	tx, err := s.db.BeginTx(ctx, txOptions)
	if err != nil {
		return fmt.Errorf("auth: begin a transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := f(tx); err != nil {
		if errors.Is(err, sql.ErrTxDone) {
			// The timeout expired between two statements.
			err = errors.Join(err, ctx.Err())
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		// After a timeout, the error alone would only say that tx was rolled back.
		return fmt.Errorf("auth: commit a transaction: %w", errors.Join(err, ctx.Err()))
	}
	return nil
}

// exec runs a statement and returns how many rows it changed. Databases differ in
// whether they count a row that an UPDATE sets to the same values.
func exec(ctx context.Context, q querier, what, query string, args ...any) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	result, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("auth: %s: %w", what, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("auth: %s: %w", what, err)
	}
	return n, nil
}

// execOne is exec for a statement that must change a row. The error is [ErrNotFound]
// if it changes none.
func execOne(ctx context.Context, q querier, what, query string, args ...any) error {
	n, err := exec(ctx, q, what, query, args...)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// scanner is a *sql.Row or a *sql.Rows.
type scanner interface {
	Scan(dest ...any) error
}

func findUser(ctx context.Context, q querier, query string, key any) (user, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	u, err := scanUser(q.QueryRowContext(ctx, query, key))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return user{}, ErrNotFound
	case err != nil:
		return user{}, fmt.Errorf("auth: read a user: %w", err)
	}
	return u, nil
}

// userByID returns the user with that id.
func userByID(ctx context.Context, q querier, id UserID) (user, error) {
	u, err := findUser(ctx, q, selectUserByID, id)
	//authgen:if id_text
	if err == nil && u.id != id {
		return user{}, ErrNotFound // to the database, they may be the same
	}
	//authgen:end
	return u, err
}

// userByEmail returns the user with a normalized address.
func userByEmail(ctx context.Context, q querier, email string) (user, error) {
	u, err := findUser(ctx, q, selectUserByEmail, email)
	//authgen:if adopted
	if stored, _ := normalizeEmail(u.email); err == nil && stored != email {
		return user{}, ErrNotFound // to the database, they may be the same
	}
	//authgen:end
	return u, err
}

// lockUser makes other writers of the user's row wait until tx ends. The error is
// [ErrNotFound] if there is no such user.
//
//authgen:if !mysql && !adopted
func lockUser(ctx context.Context, tx *sql.Tx, id UserID) error {
	return execOne(ctx, tx, "lock a user", lockUserRow, id)
}

// usersAfter returns up to limit users with higher ids, in the order of their ids.
//
//authgen:if manage_users
func usersAfter(ctx context.Context, q querier, after UserID, limit int) ([]user, error) {
	return findUsers(ctx, q, selectUsersAfter, after, limit)
}

// usersByIDs returns the users with these ids. It omits unknown ids.
//
//authgen:if public_profile
func usersByIDs(ctx context.Context, q querier, ids []UserID) ([]user, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return findUsers(ctx, q, selectUsersByIDs+"("+placeholders(len(ids))+")", args...)
}

// findUsers returns the users that a query selects.
//
//authgen:if manage_users || public_profile
func findUsers(ctx context.Context, q querier, query string, args ...any) ([]user, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("auth: list users: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var users []user
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, fmt.Errorf("auth: list users: %w", err)
		}
		users = append(users, u)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("auth: list users: %w", err)
	}
	return users, nil
}

// sweeper knows when expired rows were last removed.
//
//authgen:if !redis
type sweeper struct {
	mu   sync.Mutex
	last time.Time
}

// Expired rows are removed every sweepEvery, sweepRows at a time, for at most
// sweepTime, so that [Auth.Wait] does not take long.
//
//authgen:if !redis
const (
	sweepEvery = time.Hour
	sweepRows  = 500
	sweepTime  = 10 * time.Second
)

// sweep removes expired rows in the background, unless that was done recently. It
// holds locks only briefly, and pauses after each batch for as long as the batch
// took, so that other writers are not held up.
//
//authgen:if !redis
func (a *Auth) sweep(ctx context.Context) {
	start := time.Now()
	a.sweeper.mu.Lock()
	defer a.sweeper.mu.Unlock()
	if start.Sub(a.sweeper.last) < sweepEvery {
		return
	}
	a.sweeper.last = start
	a.inBackground(ctx, func(ctx context.Context) error {
		for {
			began := time.Now()
			n, err := a.removeExpired(ctx, start.Add(-clockSkew), sweepRows)
			if err != nil || n < sweepRows {
				return err
			}
			time.Sleep(time.Since(began))
			if time.Since(start) >= sweepTime {
				break
			}
		}
		// The next login removes more.
		a.sweeper.mu.Lock()
		defer a.sweeper.mu.Unlock()
		a.sweeper.last = time.Time{}
		return nil
	})
}

// removeEnded deletes up to limit ended sessions that would have expired before a
// time, and returns how many.
//
//authgen:if ended_sessions
func (a *Auth) removeEnded(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	err = a.store.tx(ctx, func(tx *sql.Tx) error {
		n, err = exec(ctx, tx, "remove ended sessions", deleteEndedSessions, dbTime(before), limit)
		return err
	})
	return n, err
}

// endSurplus ends a user's sessions except the maxSessions most recently used, and
// returns how many it ended.
//
//authgen:if session_rows && !mysql
func endSurplus(ctx context.Context, q querier, id UserID) (int64, error) {
	return exec(ctx, q, "end surplus sessions", deleteSurplusSessions, id, id, maxSessions)
}

// removeRows deletes up to limit sessions that expired before a time, and returns
// how many.
//
//authgen:if (session_rows || bridge_from_database) && !mysql
func (a *Auth) removeRows(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, a.store.db, "remove expired sessions", deleteExpiredSessions, dbTime(before), limit)
}
