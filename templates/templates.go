// Package templates holds what authgen emits, as Go code that compiles and is
// tested where it stands.
package templates

import "embed"

// FS holds the directory auth, which is the package with every option on, from
// which the generator takes away what was not chosen, and the directory
// adapters, with what needs modules that this one does not have.
//
//go:embed auth adapters
var FS embed.FS
