//authgen:if pgx

package auth

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// This file holds what depends on the driver, github.com/jackc/pgx/v5, whose package
// stdlib is for database/sql. Connections are expensive in PostgreSQL, so keep open
// ones; those of all processes must be fewer than max_connections:
//
//	db, err := sql.Open("pgx", "postgres://app@db.example.com/app?sslmode=verify-full")
//	db.SetMaxOpenConns(20)
//	db.SetMaxIdleConns(20)
//
// An application that has a pgx pool can share it, without these settings, with pgx 5.5
// or later:
//
//	db := stdlib.OpenDBFromPool(pool)
//
// PgBouncer in transaction mode supports prepared statements from version 1.21 on, with
// max_prepared_statements above 0. Without them, add default_query_exec_mode=exec to
// the URL, or default_query_exec_mode=simple_protocol before pgx 5.3.

// sqlState returns the SQLSTATE of an error of PostgreSQL, or "" for any other error.
func sqlState(err error) string {
	var reported *pgconn.PgError
	if errors.As(err, &reported) {
		return reported.Code
	}
	return ""
}

// check runs the query of the secure check, in the transaction tx unless it is nil. The
// driver prepares and caches statements itself.
func (s *store) check(ctx context.Context, tx *sql.Tx, query string, args ...any) (*sql.Row, error) {
	if tx != nil {
		return tx.QueryRowContext(ctx, query, args...), nil
	}
	return s.db.QueryRowContext(ctx, query, args...), nil
}

// poolerRemedy says what to do if a pooler does not keep prepared statements.
const poolerRemedy = "use its session mode or, from PgBouncer 1.21 on, set its max_prepared_statements above 0; " +
	"or add default_query_exec_mode=exec to the URL, simple_protocol before pgx 5.3"

// prepareProbe returns a function that runs selectProbe as check runs its query.
func prepareProbe(_ context.Context, q querier) (func(context.Context) error, error) {
	return func(ctx context.Context) error {
		var n int
		return q.QueryRowContext(ctx, selectProbe, 1).Scan(&n)
	}, nil
}
