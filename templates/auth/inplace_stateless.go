//authgen:if false

//go:build stateless

package auth

import (
	"context"
)

// The routes and handlers of this package are compiled with every option on,
// also when the stateless style is checked, whose output has neither of these.

type Device struct {
	ID string
}

func (d DAL) Sessions(context.Context, Principal) ([]Device, error) { return nil, ErrNotFound }
func (d DAL) EndSession(context.Context, Principal, string) error   { return ErrNotFound }
