//authgen:if pq

package auth

import (
	"context"
	"database/sql"
	"errors"

	"github.com/lib/pq"
)

// This file holds what depends on the driver, github.com/lib/pq. Connections are
// expensive in PostgreSQL, so keep open ones; those of all processes must be fewer than
// max_connections:
//
//	db, err := sql.Open("postgres", "postgres://app@db.example.com/app?sslmode=verify-full")
//	db.SetMaxOpenConns(20)
//	db.SetMaxIdleConns(20)
//
// The statement of the secure check is prepared. PgBouncer in transaction mode supports
// that from version 1.21 on, with max_prepared_statements above 0.

// sqlState returns the SQLSTATE of an error of PostgreSQL, or "" for any other error.
func sqlState(err error) string {
	var reported *pq.Error
	if errors.As(err, &reported) {
		return string(reported.Code)
	}
	return ""
}

// poolerRemedy says what to do if a pooler does not keep prepared statements.
const poolerRemedy = "use its session mode or, from PgBouncer 1.21 on, set its max_prepared_statements above 0"

// prepareProbe prepares selectProbe, and returns a function that runs it.
func prepareProbe(ctx context.Context, q interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
},
) (func(context.Context) error, error) {
	stmt, err := q.PrepareContext(ctx, selectProbe)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		var n int
		return stmt.QueryRowContext(ctx, 1).Scan(&n)
	}, nil
}
