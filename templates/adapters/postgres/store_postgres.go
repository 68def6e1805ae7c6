//authgen:if postgres

package auth

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// Statements in the dialect of PostgreSQL.
const (
	// lockUserRow makes other writers of the row wait, but not those that insert rows
	// that refer to it.
	lockUserRow = `SELECT 1 FROM auth_users WHERE id = $1 FOR NO KEY UPDATE`
	//authgen:if session_rows
	deleteSurplusSessions = `DELETE FROM auth_sessions WHERE user_id = $1 AND handle IN (
		SELECT handle FROM auth_sessions WHERE user_id = $2 ORDER BY seen_at DESC, created_at DESC OFFSET $3)`
	// deleteExpiredSessions skips rows that others have locked. The array is computed
	// once, while a subquery may run again and find other rows.
	//
	//authgen:if session_rows || bridge_from_database
	deleteExpiredSessions = `DELETE FROM auth_sessions WHERE handle = ANY (ARRAY(
		SELECT handle FROM auth_sessions WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))`
	//authgen:if ended_sessions
	deleteEndedSessions = `DELETE FROM auth_ended_sessions WHERE handle = ANY (ARRAY(
		SELECT handle FROM auth_ended_sessions WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))`
	// createMigrations takes a lock, since concurrent CREATE TABLE statements can
	// fail even with IF NOT EXISTS.
	//
	//authgen:if migrate
	createMigrations = `DO $$ BEGIN
		PERFORM pg_advisory_xact_lock(hashtext('auth_migrations'));
		CREATE TABLE IF NOT EXISTS auth_migrations (version BIGINT NOT NULL PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL);
		END $$`
)

// placeholders returns a list of n placeholders.
//
//authgen:if public_profile
func placeholders(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(list, ", ")
}

// txOptions are the options of all transactions. After a row is locked, a transaction
// must see what others have committed, whatever the default of the database.
var txOptions = &sql.TxOptions{Isolation: sql.LevelReadCommitted}

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

// dbTime is a time in the database, to the millisecond. It is in UTC, whatever the
// time zone of the connection.
type dbTime time.Time

// Value implements [driver.Valuer].
func (t dbTime) Value() (driver.Value, error) {
	return time.UnixMilli(time.Time(t).UnixMilli()).UTC(), nil
}

// Scan implements [database/sql.Scanner].
func (t *dbTime) Scan(src any) error {
	v, ok := src.(time.Time)
	if !ok {
		return fmt.Errorf("auth: cannot read a time from %T", src)
	}
	*t = dbTime(v.UTC())
	return nil
}

// CheckDatabase returns an error if the database is read-only, or cannot store every
// text.
func CheckDatabase(ctx context.Context, db *sql.DB) error {
	var readOnly bool
	var encoding string
	row := db.QueryRowContext(ctx, `SELECT current_setting('transaction_read_only')::boolean, current_setting('server_encoding')`)
	if err := row.Scan(&readOnly, &encoding); err != nil {
		return fmt.Errorf("auth: check the database: %w", err)
	}
	return databaseFault(readOnly, encoding)
}

// databaseFault returns what is wrong with a database. A standby is not only
// read-only: it lags behind, and would still accept a session that has ended.
func databaseFault(readOnly bool, encoding string) error {
	switch {
	case readOnly:
		return errors.New("auth: the database is read-only; connect to the primary server, as a user whose default_transaction_read_only is off")
	case encoding != "UTF8":
		return fmt.Errorf("auth: the database has the encoding %s, which cannot store every text; create one with ENCODING 'UTF8'", encoding)
	}
	return nil
}

// migrate applies a migration unless it is recorded as applied.
//
//authgen:if migrate
func migrate(ctx context.Context, db *sql.DB, version int64, statements []string) error {
	tx, err := db.BeginTx(ctx, txOptions)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	// Insert the row first: of two processes that start together, one waits here, and
	// then finds the migration applied.
	result, err := tx.ExecContext(ctx, insertMigration, version, dbTime(time.Now()))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// isUnavailable reports whether a statement may succeed when it is tried again: the
// database could not be reached, closed the connection, lacked resources, or aborted
// a conflicting transaction.
func isUnavailable(err error) bool {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) {
		return true
	}
	state := sqlState(err)
	return slices.ContainsFunc(unavailable, func(code string) bool { return strings.HasPrefix(state, code) })
}

// unavailable lists the SQLSTATEs, and classes of SQLSTATEs, of temporary errors.
var unavailable = []string{
	"08",    // connection_exception
	"25006", // read_only_sql_transaction: the server has become a standby
	"40",    // transaction_rollback: a deadlock or a serialization failure
	"53",    // insufficient_resources, such as connections
	"55P03", // lock_not_available
	"57",    // operator_intervention: a shutdown, or a statement that took too long
}

// isUniqueViolation reports whether a statement failed because of a duplicate
// value.
func isUniqueViolation(err error) bool { return sqlState(err) == "23505" }

// isForeignKeyViolation reports whether a statement failed because the row that it
// refers to does not exist.
//
//authgen:if session_rows
func isForeignKeyViolation(err error) bool { return sqlState(err) == "23503" }
