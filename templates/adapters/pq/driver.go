//authgen:if pq

package auth

// What is particular to the driver github.com/lib/pq. Connections are dear to
// PostgreSQL, so keep as many as may be open; those of all processes must be fewer
// than its max_connections:
//
//	db, err := sql.Open("postgres", "postgres://app@db.example.com/app?sslmode=verify-full")
//	db.SetMaxOpenConns(20)
//	db.SetMaxIdleConns(20)
//
// The statement of the secure check is prepared. Behind PgBouncer in transaction
// mode that needs its version 1.21, with max_prepared_statements above 0.
