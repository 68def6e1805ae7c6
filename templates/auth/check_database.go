package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A DatabaseFault is something that is wrong with the database, or with how it was opened.
type DatabaseFault struct {
	ID     string // such as "database-clock", the same in all versions of this package
	Fault  string // what is wrong
	Remedy string // what to do about it
}

// Error implements error.
func (f *DatabaseFault) Error() string { return "auth: " + f.Fault + "; " + f.Remedy }

// faults are the faults that a check has found.
type faults []error

func (f *faults) add(id, fault, remedy string) {
	*f = append(*f, &DatabaseFault{ID: id, Fault: fault, Remedy: remedy})
}

// CheckDatabase returns an error if the database was not opened as driver.go says, is
// read-only, or could change or lose data. It wraps a [*DatabaseFault] for each fault, and
// none if the database could not be checked. The tables need not exist yet.
func CheckDatabase(ctx context.Context, db *sql.DB) error {
	return check(ctx, db, checkSettings)
}

// CheckDatabase is the function CheckDatabase for a database with tables. It also looks for
// missing tables, columns and migrations, at the version and the clock of the server, and
// at what there is between it and this process. Call it when the application starts, after
// the migrations. It leaves the database as it is.
func (a *Auth) CheckDatabase(ctx context.Context) error {
	if err := check(ctx, a.store.db, checkConnections); err != nil {
		return err // no statement is reliable
	}
	return check(ctx, a.store.db, checkSettings, checkServer, checkTables)
}

// check runs checks and returns the faults that they find.
func check(ctx context.Context, db *sql.DB, checks ...func(context.Context, *sql.DB, *faults) error) error {
	var found faults
	for _, check := range checks {
		if err := check(ctx, db, &found); err != nil {
			return fmt.Errorf("auth: check the database: %w", err)
		}
	}
	return errors.Join(found...)
}

// checkTables looks for tables, columns and migrations that are missing.
func checkTables(ctx context.Context, db *sql.DB, found *faults) error {
	//authgen:if migrate
	if missing, err := missingMigrations(ctx, db); err != nil || missing != nil {
		for _, name := range missing {
			found.add("database-migration", "the migration "+name+" has not been applied", applyMigrations)
		}
		return err
	}
	//authgen:end
	// The statements that insert rows name all columns.
	inserts := []string{
		insertUserRow,
		//authgen:if adopted
		insertAccountRow,
		//authgen:end
		//authgen:if session_rows
		insertSession,
		//authgen:end
		//authgen:if bridge_from_database
		`INSERT INTO auth_sessions (handle, family, user_id, authenticated_at, seen_at, expires_at)`,
		//authgen:end
		//authgen:if ended_sessions
		insertEndedSession,
		//authgen:end
	}
	for _, insert := range inserts {
		table, columns, _ := strings.Cut(strings.TrimPrefix(insert, "INSERT INTO "), "(")
		columns, _, _ = strings.Cut(columns, ")")
		table = strings.TrimSpace(table)
		//authgen:if adopted && !postgres
		table = strings.Trim(table, "\"`")
		//authgen:end
		present, err := columnsOf(ctx, db, table)
		if err != nil {
			return err
		}
		if present == nil {
			found.add("database-table", "there is no table "+table, applyMigrations)
			continue
		}
		for column := range strings.SplitSeq(columns, ", ") {
			//authgen:if adopted
			column = strings.Trim(column, "\"`")
			//authgen:end
			if !slices.Contains(present, column) {
				found.add("database-column", "the table "+table+" has no column "+column, applyMigrations)
			}
		}
	}
	//authgen:if nocase
	shared, err := sharedAddresses(ctx, db)
	if err != nil {
		return err
	}
	if shared != nil {
		found.add("database-addresses", "several users have the address "+strings.Join(shared, ", "), "change or merge them, and make the column unique")
	}
	//authgen:end
	return nil
}

// columnsOf returns the names of the columns of a table, nil if there is no such table.
func columnsOf(ctx context.Context, db *sql.DB, table string) (names []string, err error) {
	rows, err := db.QueryContext(ctx, selectColumns, table)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

const applyMigrations = "apply the migrations to this database"

// addClock adds a fault if the clock of the server, which said now at some time between
// before and after, differs from the one here.
//
//authgen:if !sqlite
func (f *faults) addClock(now, before, after time.Time) {
	off, direction := now.Sub(after), "ahead of"
	if now.Before(before) {
		off, direction = before.Sub(now), "behind"
	}
	if off > clockSkew/2 {
		f.add("database-clock", fmt.Sprintf("the clock of the database server is %v %s the one here", off.Round(time.Second), direction),
			"synchronize both clocks, for instance with NTP: sessions of a machine with a wrong clock end too early or too late")
	}
}

// unixTime converts what a server says of its clock.
//
//authgen:if !sqlite
func unixTime(seconds float64) time.Time { return time.UnixMilli(int64(seconds * 1000)) }
