//authgen:if !pgx

package auth

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// preparedCheck is the statement of the secure check, which every request that
// needs a user runs: it is prepared when it is first used, and kept.
type preparedCheck struct {
	mu   sync.Mutex
	stmt *sql.Stmt
}

// check runs the query of the secure check, in a transaction if tx is not nil.
func (s *store) check(ctx context.Context, tx *sql.Tx, query string, args ...any) (*sql.Row, error) {
	stmt, err := s.checks.prepare(ctx, s.db, query)
	if err != nil {
		return nil, fmt.Errorf("auth: check a session: %w", err)
	}
	if tx != nil {
		stmt = tx.StmtContext(ctx, stmt)
	}
	return stmt.QueryRowContext(ctx, args...), nil
}

func (c *preparedCheck) prepare(ctx context.Context, db *sql.DB, query string) (*sql.Stmt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stmt == nil {
		stmt, err := db.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		c.stmt = stmt
	}
	return c.stmt, nil
}
