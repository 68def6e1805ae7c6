// Package templates holds what authgen emits, as Go code that compiles and is
// tested where it stands.
package templates

import "embed"

// FS holds the directory auth, which is the package with every option on, from
// which the generator takes away what was not chosen; the directory adapters,
// with what needs modules that this one does not have; and the directory apps,
// with small applications that show the package in use.
//
//go:embed auth adapters apps
var FS embed.FS
