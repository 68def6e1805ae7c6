package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	_ "github.com/go-sql-driver/mysql"

	"example.com/gin-mysql-stateless/internal/auth"
)

// defaultDatabase is on this machine; CREATE DATABASE app creates it. With parseTime,
// the driver reads times as such, in UTC.
const defaultDatabase = "root@tcp(127.0.0.1:3306)/app?parseTime=true"

// openDatabase opens the database and creates or updates its tables.
func openDatabase(ctx context.Context, dsn string) (*sql.DB, error) {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return nil, err
	}
	// Fewer connections than the server allows, kept for the next request, and closed
	// before the server or a proxy closes them.
	db.SetMaxOpenConns(25)
	db.SetMaxIdleConns(25)
	db.SetConnMaxLifetime(3 * time.Minute)
	if err := auth.Migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
