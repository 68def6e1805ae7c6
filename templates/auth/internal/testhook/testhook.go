// Package testhook lets package authtest adapt the core to tests. Nothing else sets
// its variables, and an application cannot import it.
package testhook

// Probe is how the names of the routes begin that package authtest adds for itself.
const Probe = "authtest."

var (
	// CheapHashing makes password hashing fast.
	CheapHashing bool

	// Stale, if not nil, reports whether new sessions of a user start as if the
	// credentials had been checked too long ago to be fresh.
	Stale func(userID string) bool
)
