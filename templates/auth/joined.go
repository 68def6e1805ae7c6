package auth

import (
	"context"
	"database/sql"
)

// Joined has methods of an [Auth] that run in a transaction of the application, and take
// effect when that is committed. See [Auth.InTx].
type Joined struct {
	auth *Auth
	tx   *sql.Tx
}

// InTx joins a transaction of the application, which commits it or rolls it back. The
// transaction must be one of Config.DB, or of the same database.
//
// Events are logged before the transaction ends. In PostgreSQL, a transaction can only be
// rolled back after a statement in it has failed, and so after [ErrEmailTaken].
func (a *Auth) InTx(tx *sql.Tx) Joined { return Joined{a, tx} }

// CreateUser is [Auth.CreateUser] in the transaction. It hashes the password while the
// transaction is open, which takes some 20 ms, and longer if many people log in at once.
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
