//authgen:if false

package auth

import "context"

// insertAccountRow stands in for the statement in that adapter.
const insertAccountRow = insertUserRow

// ensureAccount stands in for the function in the adapter for tables that an application
// has.
func ensureAccount(context.Context, querier, *user) error { return nil }
