package main

import (
	"context"
	"database/sql"
	"errors"

	_ "github.com/jackc/pgx/v5/stdlib"

	"example.com/echo-postgres-redis/internal/auth"
)

const driverName = "pgx"

// defaultDatabase is on this machine; "createdb app" creates it.
const defaultDatabase = "postgres://localhost/app?sslmode=disable"

// maxConnections limits the connections of this process. All processes together must
// stay below the max_connections of the server.
const maxConnections = 20

// openDatabase opens the database and creates or updates its tables.
func openDatabase(ctx context.Context, url string) (*sql.DB, error) {
	db, err := sql.Open(driverName, url)
	if err != nil {
		return nil, err
	}
	// A new connection costs the server a process, so keep idle ones.
	db.SetMaxOpenConns(maxConnections)
	db.SetMaxIdleConns(maxConnections)
	if err := auth.Migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
