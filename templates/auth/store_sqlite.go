//authgen:if sqlite

package auth

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// The statements for SQLite. userColumns and userValues are in columns.go.
const (
	selectUserByID    = `SELECT ` + userColumns + ` FROM auth_users WHERE id = ?`
	selectUserByEmail = `SELECT ` + userColumns + ` FROM auth_users WHERE email = ?`
	//authgen:if manage_users
	selectUsersAfter   = `SELECT ` + userColumns + ` FROM auth_users WHERE id > ? ORDER BY id LIMIT ?`
	insertUser         = `INSERT INTO auth_users (` + userColumns + `) VALUES (` + userValues + `)`
	updatePasswordHash = `UPDATE auth_users SET password_hash = ? WHERE id = ? AND password_hash = ?`
	//authgen:if manage_users
	updateRole = `UPDATE auth_users SET role = ? WHERE id = ?`
	//authgen:if manage_users
	updateDisabled = `UPDATE auth_users SET disabled = ? WHERE id = ?`
	//authgen:if own_profile
	updateProfile = `UPDATE auth_users SET ` + profileAssignments + ` WHERE id = ?`
	//authgen:if delete_account
	deleteUser = `DELETE FROM auth_users WHERE id = ?`
	// lockUser changes nothing, and makes other writers of the row wait.
	lockUser   = `UPDATE auth_users SET session_version = session_version WHERE id = ?`
	endVersion = `UPDATE auth_users SET session_version = session_version + 1 WHERE id = ?`
)

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

// checkDatabase is an error if writers would fail instead of waiting for each
// other.
func checkDatabase(ctx context.Context, db *sql.DB) error {
	var timeout int
	if err := db.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&timeout); err != nil {
		return fmt.Errorf("auth: look at the database: %w", err)
	}
	if timeout == 0 {
		return errors.New("auth: the database has no busy_timeout, so that of two writers one would fail; see Config.DB for how to open it")
	}
	return nil
}

// isBusy reports whether a statement failed because others were writing for too
// long: SQLITE_BUSY, whatever the extended code.
func isBusy(err error) bool {
	var coded interface{ Code() int }
	return errors.As(err, &coded) && coded.Code()&0xff == 5
}

// isUniqueViolation reports whether a statement failed because the value is
// there already: SQLITE_CONSTRAINT_UNIQUE or SQLITE_CONSTRAINT_PRIMARYKEY.
func isUniqueViolation(err error) bool {
	var coded interface{ Code() int }
	return errors.As(err, &coded) && (coded.Code() == 2067 || coded.Code() == 1555)
}
