//authgen:if false

//go:build stateless

package auth

import (
	"context"
)

// The handlers of this package are compiled with every option on, also when the
// stateless style is checked, whose output has neither of these.

// maxSessions is what SECURITY.md says.
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
