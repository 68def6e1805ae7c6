package main

import (
	"context"
	"database/sql"
	"errors"

	_ "github.com/jackc/pgx/v5/stdlib"

	"example.com/echo-postgres-redis/internal/auth"
)

const driverName = "pgx"

// defaultDatabase is one on this machine, made with "createdb app".
const defaultDatabase = "postgres://localhost/app?sslmode=disable"

// maxConnections is how many connections there may be. All processes together
// need fewer than the max_connections of the server.
const maxConnections = 20

// openDatabase opens the database and makes or updates its tables.
func openDatabase(ctx context.Context, url string) (*sql.DB, error) {
	db, err := sql.Open(driverName, url)
	if err != nil {
		return nil, err
	}
	// A new connection costs the server a process, so keep those that there are.
	db.SetMaxOpenConns(maxConnections)
	db.SetMaxIdleConns(maxConnections)
	if err := auth.Migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
