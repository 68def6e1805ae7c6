// Package testhook is how package authtest makes of an application one that can be
// tested. Nothing else sets what is here, and an application cannot.
package testhook

var (
	// CheapHashing makes the hashing of passwords fast.
	CheapHashing bool

	// Stale, unless it is nil, reports whether a user's sessions begin as if the
	// credentials had been checked too long ago to be fresh.
	Stale func(userID string) bool
)
