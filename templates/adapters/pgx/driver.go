//authgen:if pgx

package auth

import (
	"context"
	"database/sql"
)

// What is particular to the driver github.com/jackc/pgx/v5. Its package stdlib is
// the one for database/sql. Connections are dear to PostgreSQL, so keep as many as
// may be open; those of all processes must be fewer than its max_connections:
//
//	db, err := sql.Open("pgx", "postgres://app@db.example.com/app?sslmode=verify-full")
//	db.SetMaxOpenConns(20)
//	db.SetMaxIdleConns(20)
//
// An application with a pool of pgx shares it, and sets nothing of this:
//
//	db := stdlib.OpenDBFromPool(pool)
//
// Behind PgBouncer in transaction mode, statements can only be prepared since
// version 1.21, with max_prepared_statements above 0. Otherwise add
// default_query_exec_mode=exec to the URL.

// check runs the query of the secure check, in a transaction if tx is not nil. The
// driver itself prepares statements and keeps them.
func (s *store) check(ctx context.Context, tx *sql.Tx, query string, args ...any) (*sql.Row, error) {
	if tx != nil {
		return tx.QueryRowContext(ctx, query, args...), nil
	}
	return s.db.QueryRowContext(ctx, query, args...), nil
}
