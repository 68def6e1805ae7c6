//authgen:if sqlite

package auth

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The statements for SQLite. userColumns and userValues are in columns.go.
const (
	selectUserByID    = `SELECT ` + userColumns + ` FROM auth_users WHERE id = ?`
	selectUserByEmail = `SELECT ` + userColumns + ` FROM auth_users WHERE email = ?`
	//authgen:if public_profile
	selectUsersByIDs = `SELECT ` + userColumns + ` FROM auth_users WHERE id IN `
	//authgen:if manage_users
	selectUsersAfter   = `SELECT ` + userColumns + ` FROM auth_users WHERE id > ? ORDER BY id LIMIT ?`
	insertUserRow      = `INSERT INTO auth_users (` + userColumns + `) VALUES (` + userValues + `)`
	updatePasswordHash = `UPDATE auth_users SET password_hash = ? WHERE id = ? AND password_hash = ?`
	//authgen:if manage_users
	updateRole = `UPDATE auth_users SET role = ? WHERE id = ?`
	//authgen:if manage_users
	updateDisabled = `UPDATE auth_users SET disabled = ? WHERE id = ?`
	//authgen:if own_profile
	updateProfile = `UPDATE auth_users SET ` + profileAssignments + ` WHERE id = ?`
	//authgen:if delete_account
	deleteUserRow = `DELETE FROM auth_users WHERE id = ?`
	endVersion    = `UPDATE auth_users SET session_version = session_version + 1 WHERE id = ?`
	// lockUserRow changes nothing, and makes other writers of the row wait.
	lockUserRow = `UPDATE auth_users SET session_version = session_version WHERE id = ?`
)

// The statement about the user of a session.
//
//authgen:if redis
const selectUserState = `SELECT role, disabled, session_version FROM auth_users WHERE id = ?`

// The statements about sessions.
//
//authgen:if session_rows
const (
	insertSession = `INSERT INTO auth_sessions
		(handle, family, user_id, user_agent, client, authenticated_at, created_at, seen_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	selectSession = `SELECT u.role, u.disabled, u.session_version, s.authenticated_at, s.seen_at, s.expires_at
		FROM auth_sessions s JOIN auth_users u ON u.id = s.user_id
		WHERE s.handle = ? AND s.user_id = ?`
	selectSessions = `SELECT handle, user_agent, client, created_at, seen_at, expires_at
		FROM auth_sessions WHERE user_id = ? AND expires_at > ? AND seen_at > ? ORDER BY seen_at DESC, handle`
	touchSession          = `UPDATE auth_sessions SET seen_at = ? WHERE handle = ? AND user_id = ? AND seen_at < ?`
	deleteSessions        = `DELETE FROM auth_sessions WHERE user_id = ?`
	deleteOtherSessions   = `DELETE FROM auth_sessions WHERE user_id = ? AND handle <> ?`
	deleteSurplusSessions = `DELETE FROM auth_sessions WHERE user_id = ? AND handle NOT IN (
		SELECT handle FROM auth_sessions WHERE user_id = ? ORDER BY seen_at DESC, created_at DESC LIMIT ?)`
)

// The statements about rows of sessions that are over.
//
//authgen:if session_rows || bridge_from_database
const (
	deleteSession         = `DELETE FROM auth_sessions WHERE handle = ? AND user_id = ?`
	deleteFamily          = `DELETE FROM auth_sessions WHERE family = ? AND user_id = ?`
	deleteExpiredSessions = `DELETE FROM auth_sessions WHERE handle IN (
		SELECT handle FROM auth_sessions WHERE expires_at <= ? LIMIT ?)`
)

// The statement about the user of a session, and whether it ended early.
//
//authgen:if session_stateless || bridge_from_stateless
const selectSessionUser = `SELECT role, disabled, session_version,
	EXISTS (SELECT 1 FROM auth_ended_sessions WHERE handle IN (?, ?))
	FROM auth_users WHERE id = ?`

// The statements about sessions that ended before they expired.
//
//authgen:if ended_sessions
const (
	insertEndedSession  = `INSERT INTO auth_ended_sessions (handle, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING`
	deleteEndedSessions = `DELETE FROM auth_ended_sessions WHERE handle IN (
		SELECT handle FROM auth_ended_sessions WHERE expires_at <= ? LIMIT ?)`
)

// takeSession is the statement about a session that becomes a row. For one that
// ended, or became one before, it changes nothing.
//
//authgen:if bridge_from_stateless
const takeSession = insertEndedSession

// The statements about sessions that are rows, and go on in the cookie.
//
//authgen:if bridge_from_database
const (
	selectFormerSession = `SELECT u.role, u.disabled, u.session_version, s.authenticated_at, s.seen_at, s.expires_at,
		EXISTS (SELECT 1 FROM auth_ended_sessions WHERE handle = ?)
		FROM auth_sessions s JOIN auth_users u ON u.id = s.user_id
		WHERE s.handle = ? AND s.user_id = ?`
	expireSession = `UPDATE auth_sessions SET expires_at = ? WHERE handle = ? AND user_id = ?`
)

// The statements about migrations.
//
//authgen:if migrate
const (
	createMigrations = `CREATE TABLE IF NOT EXISTS auth_migrations (version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT`
	insertMigration  = `INSERT INTO auth_migrations (version, applied_at) VALUES (?, ?) ON CONFLICT DO NOTHING`
)

// placeholders returns what stands for n arguments.
//
//authgen:if public_profile
func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// txOptions are those of every transaction.
var txOptions *sql.TxOptions

// lockUser makes other writers of the user's row wait until tx has ended. It is
// [ErrNotFound] if there is no such user.
func lockUser(ctx context.Context, tx *sql.Tx, id UserID) error {
	return execOne(ctx, tx, "lock a user", lockUserRow, id)
}

// Value implements [driver.Valuer].
func (id UserID) Value() (driver.Value, error) { return id.String(), nil }

// Scan implements [database/sql.Scanner].
func (id *UserID) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return id.UnmarshalText([]byte(v))
	case []byte:
		return id.UnmarshalText(v)
	}
	return fmt.Errorf("auth: cannot read a user id from %T", src)
}

// dbTime is a time as the database keeps it: an integer of Unix milliseconds.
// SQLite has no type for times, and text in whatever layout a driver likes does
// not compare.
type dbTime time.Time

// Value implements [driver.Valuer].
func (t dbTime) Value() (driver.Value, error) { return time.Time(t).UnixMilli(), nil }

// Scan implements [database/sql.Scanner].
func (t *dbTime) Scan(src any) error {
	ms, ok := src.(int64)
	if !ok {
		return fmt.Errorf("auth: cannot read a time from %T", src)
	}
	*t = dbTime(time.UnixMilli(ms).UTC())
	return nil
}

// CheckDatabase is an error if the database was not opened as this package needs
// it: writers must wait for each other instead of failing. See driver.go.
func CheckDatabase(ctx context.Context, db *sql.DB) error {
	var timeout int
	if err := db.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&timeout); err != nil {
		return fmt.Errorf("auth: look at the database: %w", err)
	}
	if timeout == 0 {
		return errors.New("auth: the database has no busy_timeout, so that of two writers one would fail; driver.go says how to open it")
	}
	return nil
}

// migrate applies a migration that the database has not had yet.
//
//authgen:if migrate
func migrate(ctx context.Context, db *sql.DB, version int64, statements []string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	// The row comes first: of two processes that start together, one waits here
	// and then finds the work done.
	n, err := exec(ctx, tx, "note the migration", insertMigration, version, dbTime(time.Now()))
	if err != nil || n == 0 {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// isUnavailable reports whether a statement failed because the database could not
// be had, so that it is worth trying again: others were writing for too long
// (SQLITE_BUSY, whatever the extended code).
func isUnavailable(err error) bool { return resultCode(err)&0xff == 5 }

// isUniqueViolation reports whether a statement failed because the value is
// there already: SQLITE_CONSTRAINT_UNIQUE or SQLITE_CONSTRAINT_PRIMARYKEY.
func isUniqueViolation(err error) bool {
	code := resultCode(err)
	return code == 2067 || code == 1555
}

// isForeignKeyViolation reports whether a statement failed because the row that it
// refers to is gone: SQLITE_CONSTRAINT_FOREIGNKEY.
//
//authgen:if session_rows
func isForeignKeyViolation(err error) bool { return resultCode(err) == 787 }
