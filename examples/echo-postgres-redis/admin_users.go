package main

import (
	"context"

	"example.com/echo-postgres-redis/internal/auth"
)

// adminData returns what the page for the highest role shows: the users.
func (a *app) adminData(ctx context.Context, p auth.Principal) (any, error) {
	var first auth.UserID
	page, err := a.auth.DAL().Users(ctx, p, first, 100)
	return page.Users, err
}
