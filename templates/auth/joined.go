package auth

import (
	"context"
	"database/sql"
)

// Joined does in a transaction of the application what is otherwise done in one of its
// own: if the application rolls back, nothing has happened. See [Auth.InTx].
type Joined struct {
	auth *Auth
	tx   *sql.Tx
}

// InTx joins a transaction of the application, which commits it or rolls it back. The
// transaction must be one of Config.DB, or of the same database.
//
// Events are logged before the transaction ends. In PostgreSQL, a transaction in which a
// statement has failed can only be rolled back, such as after [ErrEmailTaken].
func (a *Auth) InTx(tx *sql.Tx) Joined { return Joined{a, tx} }

// CreateUser is [Auth.CreateUser] in the transaction. It hashes the password meanwhile,
// which takes a while, and longer if many people log in.
func (j Joined) CreateUser(ctx context.Context, in NewUser) (User, error) {
	return j.auth.createUser(ctx, j.tx, in)
}

// EndAll is [Auth.EndAll] in the transaction.
func (j Joined) EndAll(ctx context.Context, id UserID, why EndReason) error {
	if err := j.auth.lockAndEnd(ctx, j.tx, id, why); err != nil {
		return err
	}
	j.auth.ended(ctx, id, why)
	return nil
}
