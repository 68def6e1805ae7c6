package auth

import (
	"context"
	"database/sql"
	"fmt"
)

// EndReason is why everything ends that a user has.
type EndReason uint8

// The reasons.
const (
	PasswordChanged EndReason = iota + 1
	RoleChanged
	UserDisabled
	UserDeleted
	// EndedByOperator is a decision of somebody else than the user.
	EndedByOperator
)

// endings say what ends for each reason.
var endings = map[EndReason]struct {
	name     string
	sessions bool
}{
	PasswordChanged: {"password changed", true},
	RoleChanged:     {"role changed", true},
	UserDisabled:    {"disabled", true},
	UserDeleted:     {"deleted", true},
	EndedByOperator: {"ended by an operator", true},
}

// EndAll ends what a user has for a reason: all sessions, wherever they are. It
// asks for nobody's permission; whoever calls it has made sure that they may do
// that. It is [ErrNotFound] if there is no such user.
func (a *Auth) EndAll(ctx context.Context, id UserID, why EndReason) error {
	ending, ok := endings[why]
	if !ok {
		return fmt.Errorf("auth: EndAll for the reason %d, which there is not", why)
	}
	err := a.store.tx(ctx, func(tx *sql.Tx) error {
		if err := lockUser(ctx, tx, id); err != nil {
			return err
		}
		return a.endAll(ctx, tx, id, why)
	})
	if err != nil {
		return err
	}
	a.Event(ctx, "sessions_ended", "user", id.String(), "reason", ending.name)
	return nil
}

// endAll ends what a user has for a reason, in the transaction that q is: nothing
// else does.
func (a *Auth) endAll(ctx context.Context, q querier, id UserID, why EndReason) error {
	if !endings[why].sessions {
		return nil
	}
	return a.endSessions(ctx, q, id)
}
