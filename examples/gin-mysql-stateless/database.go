package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	_ "github.com/go-sql-driver/mysql"

	"example.com/gin-mysql-stateless/internal/auth"
)

// defaultDatabase is one on this machine, which CREATE DATABASE app makes. It is
// opened so that times are read as such, and in UTC.
const defaultDatabase = "root@tcp(127.0.0.1:3306)/app?parseTime=true"

// openDatabase opens the database and makes or updates its tables.
func openDatabase(ctx context.Context, dsn string) (*sql.DB, error) {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return nil, err
	}
	// Fewer than the server lets in, kept for the next request, and closed before
	// the server, or what is between, does that.
	db.SetMaxOpenConns(25)
	db.SetMaxIdleConns(25)
	db.SetConnMaxLifetime(3 * time.Minute)
	if err := auth.Migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
