//authgen:if adopted
//authgen:sql

package auth

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Statements about the table of what this package adds to a user.
const (
	selectVersion = `SELECT session_version FROM auth_accounts WHERE user_id = ?`
	endVersion    = `UPDATE auth_accounts SET session_version = session_version + 1 WHERE user_id = ?`
	//authgen:if !mysql
	addAccount = `INSERT INTO auth_accounts (user_id, session_version) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING`
	//authgen:if mysql
	addAccount = `INSERT INTO auth_accounts (user_id, session_version) VALUES (?, ?) ON DUPLICATE KEY UPDATE user_id = user_id`
)

// scanUser reads the columns of userColumns.
func scanUser(row scanner) (u user, err error) {
	dest := []any{
		&u.id, &u.email, &u.emailVerified, &u.passwordHash, &u.role, &u.disabled, &u.version,
		(*storedTime)(&u.createdAt),
	}
	//authgen:if profile
	dest = append(dest, u.profile.scan()...)
	//authgen:end
	err = row.Scan(dest...)
	return u, err
}

// lockUser makes other writers of the user's rows wait until tx ends. The error is
// [ErrNotFound] if there is no such user. Afterwards, the user has a row in auth_accounts.
func lockUser(ctx context.Context, tx *sql.Tx, id UserID) error {
	err := tryLock(ctx, tx, id)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	u, err := userByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := ensureAccount(ctx, tx, &u); err != nil {
		return err
	}
	return tryLock(ctx, tx, id)
}

func tryLock(ctx context.Context, tx *sql.Tx, id UserID) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var one int
	err := tx.QueryRowContext(ctx, lockUserRow, id).Scan(&one)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case err != nil:
		return fmt.Errorf("auth: lock a user: %w", err)
	}
	return nil
}

// ensureAccount inserts the row in auth_accounts if the user has none yet, and sets the
// user's version.
//
// Versions begin with a random number. So a session of a deleted user does not become one
// of somebody who gets the same id later.
func ensureAccount(ctx context.Context, q querier, u *user) error {
	if u.version > 0 {
		return nil
	}
	if _, err := exec(ctx, q, "add an account", addAccount, u.id, newVersion()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	if err := q.QueryRowContext(ctx, selectVersion, u.id).Scan(&u.version); err != nil {
		return fmt.Errorf("auth: read an account: %w", err)
	}
	return nil
}

// newVersion returns a random number from 1 to 2^30.
func newVersion() uint32 { return binary.BigEndian.Uint32(randomBytes(4))>>2 + 1 }

// insertUser inserts a user and sets their id. The error is [ErrEmailTaken] if the address,
// or another column that must be unique, already has an account. The transaction q must end
// if there is an error.
func insertUser(ctx context.Context, q querier, u *user) error {
	u.version = newVersion()
	//authgen:if id_int
	id, err := insertWithID(ctx, q, insertUserRow, u.row()...)
	u.id = id
	//authgen:end
	//authgen:if !id_int
	u.id = newUserID(u.createdAt)
	_, err := exec(ctx, q, "insert a user", insertUserRow, u.row()...)
	//authgen:end
	if isUniqueViolation(err) {
		return ErrEmailTaken
	}
	if err != nil {
		return err
	}
	_, err = exec(ctx, q, "insert an account", insertAccountRow, u.account()...)
	return err
}

// insertWithID runs an INSERT and returns the id that the database has chosen.
//
//authgen:if id_int && !mysql
func insertWithID(ctx context.Context, q querier, query string, args ...any) (id UserID, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	if err := q.QueryRowContext(ctx, query, args...).Scan(&id); err != nil {
		return 0, fmt.Errorf("auth: insert a user: %w", err)
	}
	return id, nil
}

// insertWithID runs an INSERT and returns the id that the database has chosen.
//
//authgen:if id_int && mysql
func insertWithID(ctx context.Context, q querier, query string, args ...any) (UserID, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	result, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("auth: insert a user: %w", err)
	}
	id, err := result.LastInsertId()
	if err != nil {
		return 0, fmt.Errorf("auth: insert a user: %w", err)
	}
	return UserID(id), nil
}

// storedTime is a time in the table of the application, or in auth_accounts. It is zero if
// there is none.
type storedTime time.Time

// timeLayouts are how drivers of SQLite write a time.
//
//authgen:if sqlite
var timeLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999 -0700 MST",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02",
}

// Value implements [driver.Valuer]. It truncates to milliseconds, as times of this package
// are.
func (t storedTime) Value() (driver.Value, error) {
	return time.UnixMilli(time.Time(t).UnixMilli()).UTC(), nil
}

// Scan implements [database/sql.Scanner].
func (t *storedTime) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t = storedTime{}
		return nil
	case time.Time:
		*t = storedTime(v.UTC())
		return nil
	//authgen:if sqlite
	case int64:
		*t = storedTime(time.UnixMilli(v).UTC())
		return nil
	case string:
		v, _, _ = strings.Cut(v, " m=")
		for _, layout := range timeLayouts {
			if at, err := time.Parse(layout, v); err == nil {
				*t = storedTime(at.UTC())
				return nil
			}
		}
		//authgen:end
	}
	return fmt.Errorf("auth: cannot read a time from %T", src)
}
