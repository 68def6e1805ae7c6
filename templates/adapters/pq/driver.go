//authgen:if pq

package auth

import (
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
