//authgen:if sqlite

package auth

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// The statements for SQLite. userColumns and userValues are in user.go.
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
	EXISTS (SELECT 1 FROM auth_ended_sessions WHERE handle = ?) OR EXISTS (SELECT 1 FROM auth_ended_sessions WHERE handle = ?)
	FROM auth_users WHERE id = ?`

// The statements about sessions that ended before they expired.
//
//authgen:if ended_sessions
const (
	insertEndedSession  = `INSERT INTO auth_ended_sessions (handle, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING`
	deleteEndedSessions = `DELETE FROM auth_ended_sessions WHERE handle IN (
		SELECT handle FROM auth_ended_sessions WHERE expires_at <= ? LIMIT ?)`
)

// claimSession is the statement about a session that becomes a row. For one that
// ended, or became one before, it changes nothing.
//
//authgen:if bridge_from_stateless
const claimSession = insertEndedSession

// The statements about sessions that are rows, and go on in the cookie.
//
//authgen:if bridge_from_database
const (
	selectLegacySession = `SELECT u.role, u.disabled, u.session_version, s.authenticated_at, s.seen_at, s.expires_at,
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

// The statements of CheckDatabase about where the database is, and about a table that
// it makes for a moment.
const (
	selectFile  = `SELECT file FROM pragma_database_list WHERE name = 'main'`
	createCheck = `CREATE TABLE IF NOT EXISTS auth_check_database (id INTEGER)`
	selectCheck = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'auth_check_database')`
	dropCheck   = `DROP TABLE auth_check_database`
)

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

// checking keeps two checks from each other's table.
var checking sync.Mutex

// CheckDatabase is an error if the database was not opened as this package needs
// it. See driver.go. What is set for a connection is looked at on two of them,
// unless there may be no more than one, since it has to be set for all.
func CheckDatabase(ctx context.Context, db *sql.DB) error {
	checking.Lock()
	defer checking.Unlock()
	conns := make([]*sql.Conn, 0, 2)
	defer func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
	}()
	for len(conns) < cap(conns) && (len(conns) == 0 || db.Stats().MaxOpenConnections != 1) {
		conn, err := takeConn(ctx, db)
		if err != nil {
			return fmt.Errorf("auth: look at the database: %w", err)
		}
		conns = append(conns, conn)
		if err := checkConn(ctx, conn); err != nil {
			return err
		}
	}
	if len(conns) == 1 {
		return nil
	}
	switch same, err := sameDatabase(ctx, conns[0], conns[1]); {
	case err != nil:
		return fmt.Errorf("auth: look at the database: %w", err)
	case !same:
		return errors.New("auth: the database is in memory, and each connection has another one; name a file, or allow one connection with db.SetMaxOpenConns(1)")
	}
	return nil
}

// takeConn returns a connection, for which it does not wait for ever.
func takeConn(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	return db.Conn(ctx)
}

// checkConn is an error if a connection is not as this package needs it: writers
// must wait for each other instead of failing, references must be kept, and there
// must be writing at all.
func checkConn(ctx context.Context, conn *sql.Conn) error {
	var timeout int
	if err := conn.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&timeout); err != nil {
		return fmt.Errorf("auth: look at the database: %w", err)
	}
	if timeout == 0 {
		return errors.New("auth: a connection to the database has no busy_timeout, so that of two writers one would fail; driver.go says how to open it")
	}
	//authgen:if session_rows || bridge_from_database
	var references bool
	if err := conn.QueryRowContext(ctx, `PRAGMA foreign_keys`).Scan(&references); err != nil {
		return fmt.Errorf("auth: look at the database: %w", err)
	}
	if !references {
		return errors.New("auth: a connection to the database has foreign_keys off, so that sessions would be left of users who are deleted; driver.go says how to open it")
	}
	//authgen:end
	switch err := tryToWrite(ctx, conn); {
	case resultCode(err)&0xff == 8: // SQLITE_READONLY
		return errors.New("auth: the database is read-only; open it for writing, and let this process write to its file and to the directory of that")
	case err != nil && !isUnavailable(err): // others may be writing
		return fmt.Errorf("auth: look at the database: %w", err)
	}
	return nil
}

// tryToWrite makes a table, and takes that back.
func tryToWrite(ctx context.Context, conn *sql.Conn) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(ctx, createCheck)
	return err
}

// sameDatabase reports whether two connections are to one database. They are, if it
// is in a file; of one in memory, the second has what the first writes, or not.
func sameDatabase(ctx context.Context, first, second *sql.Conn) (same bool, err error) {
	var file string
	if err := first.QueryRowContext(ctx, selectFile).Scan(&file); err != nil || file != "" {
		return true, err
	}
	if _, err := first.ExecContext(ctx, createCheck); err != nil {
		return false, err
	}
	defer func() {
		_, dropErr := first.ExecContext(context.WithoutCancel(ctx), dropCheck)
		err = errors.Join(err, dropErr)
	}()
	err = second.QueryRowContext(ctx, selectCheck).Scan(&same)
	return same, err
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
