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
	//
	//authgen:if !adopted
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

// Statements about the database and its server.
const (
	selectColumns  = `SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`
	selectSettings = `SELECT current_setting('transaction_read_only')::boolean, current_setting('server_encoding')`
	selectServer   = `SELECT current_setting('server_version_num')::int, extract(epoch FROM clock_timestamp())::float8`
	// selectProbe has a parameter, since some drivers prepare only such statements.
	selectProbe = `SELECT $1::int`
)

// checkSettings checks that the database can be written to, and can store every text.
func checkSettings(ctx context.Context, db *sql.DB, found *faults) error {
	var readOnly bool
	var encoding string
	if err := db.QueryRowContext(ctx, selectSettings).Scan(&readOnly, &encoding); err != nil {
		return err
	}
	found.addSettings(readOnly, encoding)
	return nil
}

// addSettings adds the faults of a database. A standby is not only read-only: it lags
// behind, and would still accept a session that has ended.
func (f *faults) addSettings(readOnly bool, encoding string) {
	if readOnly {
		f.add("database-read-only", "the database is read-only", "connect to the primary server, as a user whose default_transaction_read_only is off")
	}
	if encoding != "UTF8" {
		f.add("database-encoding", "the database has the encoding "+encoding+", which cannot store every text", "create one with ENCODING 'UTF8'")
	}
}

// oldestServer is the version that the statements of this package need.
const oldestServer = 90500

// checkServer checks the version and the clock of the server.
func checkServer(ctx context.Context, db *sql.DB, found *faults) error {
	var version int
	var now float64
	before := time.Now()
	if err := db.QueryRowContext(ctx, selectServer).Scan(&version, &now); err != nil {
		return err
	}
	found.addClock(unixTime(now), before, time.Now())
	if version < oldestServer {
		found.add("database-version", fmt.Sprintf("the server is PostgreSQL %d.%d", version/10000, version/100%100), "upgrade it; this package needs 9.5 or later")
	}
	return nil
}

// probeTime limits the check of connections: a pool of a single server would block it.
const probeTime = 5 * time.Second

// checkConnections checks that prepared statements outlast a transaction. Behind PgBouncer
// in transaction mode, a connection has another server for the next transaction, which may
// not know the statement, or know it from another client.
func checkConnections(ctx context.Context, db *sql.DB, found *faults) error {
	if db.Stats().MaxOpenConnections == 1 {
		return nil
	}
	probing, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	for range 3 { // other clients may use the servers in another order
		switch err := probeConnections(probing, db); {
		case slices.Contains(unprepared, sqlState(err)):
			found.add("database-pooler", "a prepared statement did not outlast its transaction, as behind PgBouncer in transaction mode", poolerRemedy)
			return nil
		case err != nil && (ctx.Err() != nil || probing.Err() == nil):
			return err
		case err != nil:
			return nil
		}
	}
	return nil
}

// unprepared lists the SQLSTATEs of a prepared statement that the server does not know,
// or knows already.
var unprepared = []string{
	"08P01", // protocol_violation
	"26000", // invalid_sql_statement_name
	"42P05", // duplicate_prepared_statement
}

// probeConnections prepares and uses a statement on one connection, and uses it again
// while another connection keeps the server that prepared it.
func probeConnections(ctx context.Context, db *sql.DB) error {
	first, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = first.Close() }()
	second, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = second.Close() }()
	probe, err := prepareProbe(ctx, first)
	if err != nil {
		return err
	}
	if err := probe(ctx); err != nil {
		return err
	}
	tx, err := second.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	other, err := prepareProbe(ctx, tx)
	if err != nil {
		return err
	}
	if err := other(ctx); err != nil {
		return err
	}
	return probe(ctx)
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
