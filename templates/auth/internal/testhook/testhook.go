// Package testhook lets package authtest adapt the core to tests. Nothing else sets
// its variables, and an application cannot import it.
package testhook

var (
	// CheapHashing makes password hashing fast.
	CheapHashing bool

	// Stale, if not nil, reports whether new sessions of a user start as if the
	// credentials had been checked too long ago to be fresh.
	Stale func(userID string) bool
)
