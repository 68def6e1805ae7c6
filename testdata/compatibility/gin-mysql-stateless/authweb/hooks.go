// Written once by authgen. Yours.

package authweb

import "example.com/app/internal/auth"

// Hooks returns the hooks that this application adds to the flows. Pass them to New:
//
//	a, err := auth.New(auth.Config{Hooks: authweb.Hooks(), …})
//
// This file is yours. It was written once and will never be overwritten.
func Hooks() auth.Hooks {
	return auth.Hooks{}
}
