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

// Statements in the dialect of SQLite.
const (
	// lockUserRow changes nothing, but makes other writers wait.
	//
	//authgen:if !adopted
	lockUserRow = `UPDATE auth_users SET session_version = session_version WHERE id = ?`
	//authgen:if session_rows
	deleteSurplusSessions = `DELETE FROM auth_sessions WHERE user_id = ? AND handle NOT IN (
		SELECT handle FROM auth_sessions WHERE user_id = ? ORDER BY seen_at DESC, created_at DESC LIMIT ?)`
	//authgen:if session_rows || bridge_from_database
	deleteExpiredSessions = `DELETE FROM auth_sessions WHERE handle IN (
		SELECT handle FROM auth_sessions WHERE expires_at <= ? LIMIT ?)`
	//authgen:if ended_sessions
	deleteEndedSessions = `DELETE FROM auth_ended_sessions WHERE handle IN (
		SELECT handle FROM auth_ended_sessions WHERE expires_at <= ? LIMIT ?)`
	//authgen:if migrate
	createMigrations = `CREATE TABLE IF NOT EXISTS auth_migrations (version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT`
)

// placeholders returns a list of n placeholders.
//
//authgen:if public_profile
func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Statements about the database.
const (
	selectColumns = `SELECT name FROM pragma_table_info(?)`
	selectFile    = `SELECT file FROM pragma_database_list WHERE name = 'main'`
	createCheck   = `CREATE TABLE IF NOT EXISTS auth_check_database (id INTEGER)`
	selectCheck   = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'auth_check_database')`
	dropCheck     = `DROP TABLE auth_check_database`
)

// txOptions are the options of all transactions.
var txOptions *sql.TxOptions

// Value implements [driver.Valuer].
//
//authgen:if id_uuid
func (id UserID) Value() (driver.Value, error) { return id.String(), nil }

// Scan implements [database/sql.Scanner].
//
//authgen:if id_uuid
func (id *UserID) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return id.UnmarshalText([]byte(v))
	case []byte:
		return id.UnmarshalText(v)
	}
	return fmt.Errorf("auth: cannot read a user id from %T", src)
}

// dbTime is a time in the database: Unix milliseconds. SQLite has no type for times,
// and the text that drivers store does not compare.
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

// checking serializes checks, since they use the same temporary table.
var checking sync.Mutex

// checkSettings checks two connections, unless db is limited to one, since each has its
// own settings.
func checkSettings(ctx context.Context, db *sql.DB, found *faults) error {
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
			return err
		}
		conns = append(conns, conn)
		if err := checkConn(ctx, conn, found); err != nil || len(*found) > 0 {
			return err
		}
	}
	if len(conns) == 1 {
		return nil
	}
	same, err := sameDatabase(ctx, conns[0], conns[1])
	if err == nil && !same {
		found.add("database-memory", "the database is in memory, so each connection has its own", "use a file, or allow one connection with db.SetMaxOpenConns(1)")
	}
	return err
}

// checkConnections has nothing to check: there is no server.
func checkConnections(context.Context, *sql.DB, *faults) error { return nil }

// checkServer checks the journal of the file.
func checkServer(ctx context.Context, db *sql.DB, found *faults) error {
	var mode string
	err := db.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode)
	if err == nil && mode != "wal" && mode != "memory" {
		found.add("database-journal", "the database has journal_mode "+mode+", so readers and writers wait for each other", "open it with journal_mode WAL; see driver.go")
	}
	return err
}

// takeConn returns a connection. It does not wait for longer than queryTimeout.
func takeConn(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	return db.Conn(ctx)
}

// checkConn checks that writers wait for each other, foreign keys are enforced, and the
// database can be written to.
func checkConn(ctx context.Context, conn *sql.Conn, found *faults) error {
	var timeout int
	if err := conn.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&timeout); err != nil {
		return err
	}
	if timeout == 0 {
		found.add("database-busy-timeout", "a connection to the database has no busy_timeout, so one of two concurrent writers would fail", "see driver.go for how to open it")
	}
	//authgen:if session_rows || bridge_from_database
	var references bool
	if err := conn.QueryRowContext(ctx, `PRAGMA foreign_keys`).Scan(&references); err != nil {
		return err
	}
	if !references {
		found.add("database-foreign-keys", "a connection to the database has foreign_keys off, so deleted users would leave sessions behind", "see driver.go for how to open it")
	}
	//authgen:end
	switch err := tryToWrite(ctx, conn); {
	case resultCode(err)&0xff == 8: // SQLITE_READONLY
		found.add("database-read-only", "the database is read-only", "open it for writing, and let this process write to its file and directory")
	case err != nil && !isUnavailable(err): // SQLITE_BUSY: others are writing
		return err
	}
	return nil
}

// tryToWrite creates a table and rolls back.
func tryToWrite(ctx context.Context, conn *sql.Conn) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(ctx, createCheck)
	return err
}

// sameDatabase reports whether two connections share a database. They do if it is a
// file. If it is in memory, sameDatabase checks whether second sees a table of first.
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

// migrate applies a migration unless it is recorded as applied.
//
//authgen:if migrate
func migrate(ctx context.Context, db *sql.DB, version int64, statements []string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	// Insert the row first: of two processes that start together, one waits here, and
	// then finds the migration applied.
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

// isUnavailable reports whether a statement may succeed when it is tried again: others
// were writing for too long (SQLITE_BUSY, with any extended code).
func isUnavailable(err error) bool { return resultCode(err)&0xff == 5 }

// isUniqueViolation reports whether a statement failed because of a duplicate
// value: SQLITE_CONSTRAINT_UNIQUE or SQLITE_CONSTRAINT_PRIMARYKEY.
func isUniqueViolation(err error) bool {
	code := resultCode(err)
	return code == 2067 || code == 1555
}

// isForeignKeyViolation reports whether a statement failed because the row that it
// refers to does not exist: SQLITE_CONSTRAINT_FOREIGNKEY.
//
//authgen:if session_rows
func isForeignKeyViolation(err error) bool { return resultCode(err) == 787 }
