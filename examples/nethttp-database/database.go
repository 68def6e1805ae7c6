package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"

	_ "modernc.org/sqlite"

	"example.com/nethttp-database/internal/auth"
)

// defaultDatabase has the options that auth needs: writers wait for each other,
// readers never wait, and references between tables are enforced.
const (
	driverName      = "sqlite"
	defaultDatabase = "file:app.db?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate"
)

// openDatabase opens the database and creates or updates its tables.
func openDatabase(ctx context.Context, url string) (*sql.DB, error) {
	if name, _, _ := strings.Cut(strings.TrimPrefix(url, "file:"), "?"); name != "" && name != ":memory:" {
		// SQLite would create a file that everybody on the machine may read.
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	db, err := sql.Open(driverName, url)
	if err != nil {
		return nil, err
	}
	if err := auth.Migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
