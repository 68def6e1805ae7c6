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

// Statements in the dialect of MySQL 8 and MariaDB 10.6, or later.
const (
	//authgen:if !adopted
	lockUserRow = selectUserByID + ` FOR UPDATE`
	//authgen:if session_rows
	selectSurplusSessions = `SELECT user_id, handle FROM auth_sessions WHERE user_id = ?
		ORDER BY seen_at DESC, created_at DESC LIMIT ? OFFSET ?`
	// selectExpiredSessions is in the order of the primary key, in which others lock
	// the rows that they delete.
	//
	//authgen:if session_rows || bridge_from_database
	selectExpiredSessions = `SELECT user_id, handle FROM auth_sessions WHERE expires_at <= ?
		ORDER BY user_id, handle LIMIT ?`
)

// Statements about sessions that ended before they expired.
//
//authgen:if ended_sessions
const (
	// INSERT IGNORE would also ignore other errors.
	insertEndedSession = `INSERT INTO auth_ended_sessions (handle, expires_at) VALUES (?, ?)
		ON DUPLICATE KEY UPDATE handle = handle`
	deleteEndedSessions = `DELETE FROM auth_ended_sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`
)

// claimSession marks a session as converted to a row. It fails if the session has ended
// or was converted before.
//
//authgen:if bridge_from_stateless
const claimSession = `INSERT INTO auth_ended_sessions (handle, expires_at) VALUES (?, ?)`

// Statements about migrations. The table records how many statements of each have run,
// and when it was complete.
//
//authgen:if migrate
const (
	createMigrations = `CREATE TABLE IF NOT EXISTS auth_migrations (
		version BIGINT NOT NULL PRIMARY KEY, statements INT NOT NULL, applied_at DATETIME(3)) ENGINE=InnoDB`
	insertMigration = `INSERT INTO auth_migrations (version, statements) VALUES (?, 0)
		ON DUPLICATE KEY UPDATE version = version`
	selectMigration   = `SELECT statements, applied_at IS NOT NULL FROM auth_migrations WHERE version = ?`
	selectMigrations  = `SELECT version FROM auth_migrations WHERE applied_at IS NOT NULL`
	updateMigration   = `UPDATE auth_migrations SET statements = ? WHERE version = ?`
	finishMigration   = `UPDATE auth_migrations SET applied_at = ? WHERE version = ?`
	lockMigrations    = `SELECT GET_LOCK(` + migrationsLock + `, 3600)`
	releaseMigrations = `DO RELEASE_LOCK(` + migrationsLock + `)`
	// migrationsLock is the name of a lock. All databases of a server share the names,
	// which have at most 64 characters.
	migrationsLock = `SHA2(CONCAT(DATABASE(), '.auth_migrations'), 224)`
)

// placeholders returns a list of n placeholders.
//
//authgen:if public_profile
func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// txOptions are the options of all transactions. They lock the rows that they rely on,
// so they do not need the default level, repeatable read, which would also lock the
// gaps where others insert.
var txOptions = &sql.TxOptions{Isolation: sql.LevelReadCommitted}

// lockUser makes other writers of the user's row wait until tx ends. The error is
// [ErrNotFound] if there is no such user.
//
//authgen:if !adopted
func lockUser(ctx context.Context, tx *sql.Tx, id UserID) error {
	_, err := findUser(ctx, tx, lockUserRow, id)
	return err
}

// Value implements [driver.Valuer].
//
//authgen:if id_uuid
func (id UserID) Value() (driver.Value, error) { return id[:], nil }

// Scan implements [database/sql.Scanner].
//
//authgen:if id_uuid
func (id *UserID) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(id) {
		return fmt.Errorf("auth: cannot read a user id from %T", src)
	}
	copy(id[:], b)
	return nil
}

// dbTime is a time in the database: a DATETIME(3) in UTC. The time zone of the
// connection does not affect that type.
type dbTime time.Time

// Value implements [driver.Valuer]. It truncates to milliseconds, since the server
// would round, and could move a time into the future.
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

// Statements about the database and its server.
const (
	selectColumns  = `SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?`
	selectSettings = `SELECT CAST('2000-01-01 00:00:00' AS DATETIME), @@SESSION.character_set_client, @@SESSION.sql_mode,
		@@SESSION.autocommit, @@SESSION.foreign_key_checks`
	// selectReadOnly selects those of the variables that MySQL or MariaDB has.
	selectReadOnly = `SHOW SESSION VARIABLES WHERE
		variable_name IN ('read_only', 'innodb_read_only', 'transaction_read_only', 'tx_read_only') AND value <> 'OFF'`
	selectEngine = `SELECT engine FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_name = 'auth_users' AND engine <> 'InnoDB'`
	selectServer = `SELECT VERSION(), UNIX_TIMESTAMP(NOW(3))`
)

// checkSettings checks the settings of the connection and of the server.
func checkSettings(ctx context.Context, db *sql.DB, found *faults) error {
	var now any
	var charset, mode string
	var commits, references bool
	if err := db.QueryRowContext(ctx, selectSettings).Scan(&now, &charset, &mode, &commits, &references); err != nil {
		return err
	}
	if at, ok := now.(time.Time); !ok {
		found.add("database-parse-time", "the database was opened without parseTime=true in its DSN", "add it")
	} else if at.Location() != time.UTC {
		found.add("database-location", fmt.Sprintf("the database was opened with loc=%s in its DSN", at.Location()), "remove it, or make it loc=UTC")
	}
	if charset != "utf8mb4" {
		found.add("database-encoding", "the database was opened with the character set "+charset+", which cannot store every text", "remove charset from its DSN")
	}
	if !strings.Contains(mode, "STRICT_") {
		found.add("database-strict-mode", "the database would truncate values that are too long", "remove sql_mode from its DSN, or add STRICT_TRANS_TABLES to that of the server")
	}
	if !commits {
		found.add("database-autocommit", "the database would not commit statements outside of transactions", "remove autocommit from its DSN, or set it to ON on the server")
	}
	if !references {
		found.add("database-foreign-keys", "the database would not enforce foreign keys", "remove foreign_key_checks from its DSN")
	}
	return errors.Join(checkReadOnly(ctx, db, found), checkEngine(ctx, db, found))
}

// checkReadOnly checks that the database can be written to. A replica is not only
// read-only: it lags behind, and would still accept a session that has ended.
func checkReadOnly(ctx context.Context, db *sql.DB, found *faults) error {
	var name, value string
	err := db.QueryRowContext(ctx, selectReadOnly).Scan(&name, &value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		found.add("database-read-only", "the database is read-only, since "+name+" is "+value, "connect to the primary server")
	}
	return err
}

// checkEngine checks that the tables have transactions.
func checkEngine(ctx context.Context, db *sql.DB, found *faults) error {
	var engine string
	err := db.QueryRowContext(ctx, selectEngine).Scan(&engine)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		found.add("database-engine", "the table auth_users has the engine "+engine+", which has no transactions", "make it InnoDB")
	}
	return err
}

// checkConnections has nothing to check: poolers of MySQL keep prepared statements.
func checkConnections(context.Context, *sql.DB, *faults) error { return nil }

// checkServer checks the version and the clock of the server.
func checkServer(ctx context.Context, db *sql.DB, found *faults) error {
	var version string
	var now float64
	before := time.Now()
	if err := db.QueryRowContext(ctx, selectServer).Scan(&version, &now); err != nil {
		return err
	}
	found.addClock(unixTime(now), before, time.Now())
	found.addVersion(version)
	return nil
}

// addVersion adds a fault if the server is too old.
func (f *faults) addVersion(version string) {
	product, oldest := "MySQL", [2]int{8, 0}
	if strings.Contains(version, "MariaDB") {
		product, oldest = "MariaDB", [2]int{10, 6}
	}
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return // another product, such as one in a cloud
	}
	if major < oldest[0] || major == oldest[0] && minor < oldest[1] {
		f.add("database-version", fmt.Sprintf("the server is %s %d.%d", product, major, minor), fmt.Sprintf("upgrade it; this package needs %d.%d or later", oldest[0], oldest[1]))
	}
}

// endSurplus ends a user's sessions except the maxSessions most recently used, and
// returns how many it ended.
//
//authgen:if session_rows
func endSurplus(ctx context.Context, q querier, id UserID) (int64, error) {
	return deleteListed(ctx, q, selectSurplusSessions, id, sweepRows, maxSessions)
}

// removeRows deletes up to limit sessions that expired before a time, and returns how
// many.
//
//authgen:if session_rows || bridge_from_database
func (a *Auth) removeRows(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	err = a.store.tx(ctx, func(tx *sql.Tx) error {
		n, err = deleteListed(ctx, tx, selectExpiredSessions, dbTime(before), limit)
		return err
	})
	return n, err
}

// deleteListed deletes the sessions that a query selects, and returns how many of them
// still existed.
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
		return 0, fmt.Errorf("auth: select sessions to end: %w", err)
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
			return 0, fmt.Errorf("auth: select sessions to end: %w", err)
		}
		keys = append(keys, k)
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("auth: select sessions to end: %w", err)
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

// migrate applies the statements of a migration that have not run yet. Statements that
// change tables cannot be rolled back, so each is recorded when it has run, and the
// next attempt after a failure continues from there.
//
//authgen:if migrate
func migrate(ctx context.Context, db *sql.DB, version int64, statements []string) error {
	// The lock belongs to the connection, and is released when that is closed.
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
		return errors.New("another process did not finish its migration within an hour")
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
			return fmt.Errorf("statement %d of %d: %w; the earlier ones have been applied: fix the cause, then migrate again", i+1, len(statements), err)
		}
		if _, err := exec(ctx, conn, "note the statement", updateMigration, i+1, version); err != nil {
			return err
		}
	}
	_, err = exec(ctx, conn, "note the migration", finishMigration, dbTime(time.Now()), version)
	return err
}

// isUnavailable reports whether a statement may succeed when it is tried again.
func isUnavailable(err error) bool {
	switch errorNumber(err) {
	case 1040, 1203, // too many connections
		1205, 1213, // lock wait timeout, deadlock
		1290, 1792, 1836, // read-only, as a replica is
		1053, 1317, 1927, 4031, // shutdown, or the statement or connection was killed
		1047,       // the node has not joined its cluster
		2006, 2013: // a proxy has lost the server
		return true
	}
	return isConnectionError(err)
}

// isUniqueViolation reports whether a statement failed because of a duplicate value:
// ER_DUP_ENTRY.
func isUniqueViolation(err error) bool { return errorNumber(err) == 1062 }

// isForeignKeyViolation reports whether a statement failed because the row that it
// refers to does not exist: ER_NO_REFERENCED_ROW_2.
//
//authgen:if session_rows
func isForeignKeyViolation(err error) bool { return errorNumber(err) == 1452 }
