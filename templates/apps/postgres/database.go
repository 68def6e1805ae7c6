//authgen:if postgres

package main

import (
	"context"
	"database/sql"
	"errors"
	//authgen:if pq
	neturl "net/url"

	//authgen:if pgx
	_ "github.com/jackc/pgx/v5/stdlib"
	//authgen:if pq
	_ "github.com/lib/pq"

	"github.com/authgen/authgen/templates/auth"
)

//authgen:if pgx
const driverName = "pgx"

//authgen:if pq
const driverName = "postgres"

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
		//authgen:if pq
		if invalid := (*neturl.Error)(nil); errors.As(err, &invalid) {
			// The text of err repeats the URL, and so the password.
			err = errors.New("not a URL such as postgres://user:password@host/app, in which the password is percent-encoded")
		}
		//authgen:end
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
