//authgen:if false

//go:build stateless

package auth

import (
	"context"
)

// In place, the handlers are compiled with every option on, also with the stateless style,
// which does not have these methods.

// maxSessions is in SECURITY.md.
const maxSessions = 50

type SessionInfo struct {
	ID string
}

func (a *Auth) Sessions(_ context.Context, p Principal) ([]SessionInfo, error) {
	return nil, p.Require()
}

func (a *Auth) EndSession(_ context.Context, p Principal, _ string) error {
	if err := p.RequireFresh(); err != nil {
		return err
	}
	return ErrNotFound
}
