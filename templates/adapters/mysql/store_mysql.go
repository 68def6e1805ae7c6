//authgen:if mysql

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

// The statements for MySQL 8 and MariaDB 10.6 or later. userColumns and userValues
// are in user.go.
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
	lockUserRow   = selectUserByID + ` FOR UPDATE`
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
	selectSurplusSessions = `SELECT user_id, handle FROM auth_sessions WHERE user_id = ?
		ORDER BY seen_at DESC, created_at DESC LIMIT ? OFFSET ?`
)

// The statements about rows of sessions that are over.
//
//authgen:if session_rows || bridge_from_database
const (
	deleteSession = `DELETE FROM auth_sessions WHERE handle = ? AND user_id = ?`
	deleteFamily  = `DELETE FROM auth_sessions WHERE family = ? AND user_id = ?`
	// selectExpiredSessions lists them in the order of the key, in which others lock
	// what they delete.
	selectExpiredSessions = `SELECT user_id, handle FROM auth_sessions WHERE expires_at <= ?
		ORDER BY user_id, handle LIMIT ?`
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
	// INSERT IGNORE would pass over other errors too.
	insertEndedSession = `INSERT INTO auth_ended_sessions (handle, expires_at) VALUES (?, ?)
		ON DUPLICATE KEY UPDATE handle = handle`
	deleteEndedSessions = `DELETE FROM auth_ended_sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`
)

// claimSession is the statement about a session that becomes a row. For one that
// ended, or became one before, it fails.
//
//authgen:if bridge_from_stateless
const claimSession = `INSERT INTO auth_ended_sessions (handle, expires_at) VALUES (?, ?)`

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

// The statements about migrations. Of each, the table has how many of its
// statements ran, and when all had.
//
//authgen:if migrate
const (
	createMigrations = `CREATE TABLE IF NOT EXISTS auth_migrations (
		version BIGINT NOT NULL PRIMARY KEY, statements INT NOT NULL, applied_at DATETIME(3)) ENGINE=InnoDB`
	insertMigration = `INSERT INTO auth_migrations (version, statements) VALUES (?, 0)
		ON DUPLICATE KEY UPDATE version = version`
	selectMigration   = `SELECT statements, applied_at IS NOT NULL FROM auth_migrations WHERE version = ?`
	updateMigration   = `UPDATE auth_migrations SET statements = ? WHERE version = ?`
	finishMigration   = `UPDATE auth_migrations SET applied_at = ? WHERE version = ?`
	lockMigrations    = `SELECT GET_LOCK(` + migrationsLock + `, 3600)`
	releaseMigrations = `DO RELEASE_LOCK(` + migrationsLock + `)`
	// migrationsLock is the name of a lock. All databases of a server share those,
	// and they have 64 characters at most.
	migrationsLock = `SHA2(CONCAT(DATABASE(), '.auth_migrations'), 224)`
)

// placeholders returns what stands for n arguments.
//
//authgen:if public_profile
func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// txOptions are those of every transaction. What a transaction here reads and
// relies on it has locked, so it need not see one state of all tables, as it would
// by default; and the default also locks the gaps between the rows of an index,
// where others want to insert.
var txOptions = &sql.TxOptions{Isolation: sql.LevelReadCommitted}

// lockUser makes other writers of the user's row wait until tx has ended. It is
// [ErrNotFound] if there is no such user.
func lockUser(ctx context.Context, tx *sql.Tx, id UserID) error {
	_, err := findUser(ctx, tx, lockUserRow, id)
	return err
}

// Value implements [driver.Valuer].
func (id UserID) Value() (driver.Value, error) { return id[:], nil }

// Scan implements [database/sql.Scanner].
func (id *UserID) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(id) {
		return fmt.Errorf("auth: cannot read a user id from %T", src)
	}
	copy(id[:], b)
	return nil
}

// dbTime is a time as the database keeps it: a DATETIME(3) in UTC. Such a column
// has no zone, so it does not matter which one a connection has.
type dbTime time.Time

// Value implements [driver.Valuer]. The server would round what is below a
// millisecond, and so might move a time into the future.
func (t dbTime) Value() (driver.Value, error) {
	return time.Time(t).UTC().Truncate(time.Millisecond), nil
}

// Scan implements [database/sql.Scanner].
func (t *dbTime) Scan(src any) error {
	at, ok := src.(time.Time)
	if !ok {
		return fmt.Errorf("auth: cannot read a time from %T", src)
	}
	*t = dbTime(at.UTC())
	return nil
}

// CheckDatabase is an error if the database was not opened as this package needs
// it, or does not keep what it is given. See driver.go.
func CheckDatabase(ctx context.Context, db *sql.DB) error {
	var at any
	var charset, mode string
	var commits, references bool
	row := db.QueryRowContext(ctx, `SELECT CAST('2000-01-01 00:00:00' AS DATETIME), @@SESSION.character_set_client, @@SESSION.sql_mode,
		@@SESSION.autocommit, @@SESSION.foreign_key_checks`)
	if err := row.Scan(&at, &charset, &mode, &commits, &references); err != nil {
		return fmt.Errorf("auth: look at the database: %w", err)
	}
	switch at, ok := at.(time.Time); {
	case !ok:
		return errors.New("auth: the database was opened without parseTime=true in its DSN")
	case at.Location() != time.UTC:
		return fmt.Errorf("auth: the database was opened with loc=%s in its DSN, must be loc=UTC", at.Location())
	case charset != "utf8mb4":
		return fmt.Errorf("auth: the database was opened with the character set %s, which cannot hold every text; leave charset out of its DSN", charset)
	case !strings.Contains(mode, "STRICT_"):
		return errors.New("auth: the database would cut what is too long; take sql_mode out of its DSN, or add STRICT_TRANS_TABLES to the server's")
	case !commits:
		return errors.New("auth: the database would commit nothing that is not in a transaction; take autocommit out of its DSN, or set the server's to ON")
	case !references:
		return errors.New("auth: the database would not keep references; take foreign_key_checks out of its DSN")
	}
	// MySQL and MariaDB do not have all of these. A replica, which is read-only, also
	// lags behind: a session that has ended would still be let in there.
	rows, err := db.QueryContext(ctx, `SHOW SESSION VARIABLES WHERE
		variable_name IN ('read_only', 'innodb_read_only', 'transaction_read_only', 'tx_read_only') AND value <> 'OFF'`)
	if err != nil {
		return fmt.Errorf("auth: look at the database: %w", err)
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return fmt.Errorf("auth: look at the database: %w", err)
		}
		return fmt.Errorf("auth: the database is read-only, since %s is %s; connect to the primary server", name, value)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("auth: look at the database: %w", err)
	}
	var engine string
	err = db.QueryRowContext(ctx, `SELECT engine FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_name = 'auth_users' AND engine <> 'InnoDB'`).Scan(&engine)
	switch {
	case err == nil:
		return fmt.Errorf("auth: the table auth_users has the engine %s, which has no transactions; make it InnoDB", engine)
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("auth: look at the database: %w", err)
	}
	return nil
}

// endSurplus ends all sessions of a user but the maxSessions that were used last,
// and returns how many ended.
//
//authgen:if session_rows
func endSurplus(ctx context.Context, q querier, id UserID) (int64, error) {
	return deleteListed(ctx, q, selectSurplusSessions, id, sweepRows, maxSessions)
}

// removeRows removes the rows of sessions that have expired before a time, up to a
// limit, and returns how many.
//
//authgen:if session_rows || bridge_from_database
func (a *Auth) removeRows(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	err = a.store.tx(ctx, func(tx *sql.Tx) error {
		n, err = deleteListed(ctx, tx, selectExpiredSessions, dbTime(before), limit)
		return err
	})
	return n, err
}

// deleteListed deletes the sessions that a query lists, and returns how many of
// them were still there.
//
// A DELETE locks every row that it reads on its way to those that it deletes, in the
// order of the index that it uses. So the sessions are selected first, which locks
// nothing, and then deleted by their primary key, as everybody else does. Otherwise
// this and a concurrent login or logout would deadlock.
//
//authgen:if session_rows || bridge_from_database
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

// migrate applies what the database has not had yet of a migration. A statement
// that changes tables cannot be rolled back, so each one is noted when it has run,
// and after a failure the next attempt goes on from there.
//
//authgen:if migrate
func migrate(ctx context.Context, db *sql.DB, version int64, statements []string) error {
	// The lock is one connection's, and gone when that ends.
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	var locked sql.NullBool
	if err := conn.QueryRowContext(ctx, lockMigrations).Scan(&locked); err != nil {
		return err
	}
	if !locked.Bool {
		return errors.New("another process did not end its migration in an hour")
	}
	defer func() { _, _ = exec(context.WithoutCancel(ctx), conn, "let others migrate", releaseMigrations) }()

	if _, err := exec(ctx, conn, "note the migration", insertMigration, version); err != nil {
		return err
	}
	var done int
	var applied bool
	if err := conn.QueryRowContext(ctx, selectMigration, version).Scan(&done, &applied); err != nil || applied {
		return err
	}
	for i := done; i < len(statements); i++ {
		if _, err := conn.ExecContext(ctx, statements[i]); err != nil {
			return fmt.Errorf("statement %d of %d: %w; those before it stay: when its cause is mended, migrate again", i+1, len(statements), err)
		}
		if _, err := exec(ctx, conn, "note the statement", updateMigration, i+1, version); err != nil {
			return err
		}
	}
	_, err = exec(ctx, conn, "note the migration", finishMigration, dbTime(time.Now()), version)
	return err
}

// isUnavailable reports whether a statement failed because the database could not
// be had, so that it is worth trying again.
func isUnavailable(err error) bool {
	switch errorNumber(err) {
	case 1040, 1203, // too many connections
		1205, 1213, // waited for a lock for too long, or would have for ever
		1290, 1792, 1836, // only reads, as a replica does
		1053, 1317, 1927, 4031, // shuts down, or was told to end this
		1047,       // is not in its cluster yet
		2006, 2013: // a proxy has lost the server
		return true
	}
	return isConnectionError(err)
}

// isUniqueViolation reports whether a statement failed because the value is there
// already: ER_DUP_ENTRY.
func isUniqueViolation(err error) bool { return errorNumber(err) == 1062 }

// isForeignKeyViolation reports whether a statement failed because the row that it
// refers to is gone: ER_NO_REFERENCED_ROW_2.
//
//authgen:if session_rows
func isForeignKeyViolation(err error) bool { return errorNumber(err) == 1452 }
