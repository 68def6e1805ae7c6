//authgen:if ranks && !manage_users

package main

import (
	"context"

	"github.com/authgen/authgen/templates/auth"
)

// adminData returns what the page for the highest role shows: that role.
func (a *app) adminData(_ context.Context, p auth.Principal) (any, error) {
	return p.Role(), nil
}
