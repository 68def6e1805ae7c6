package generator

import (
	"go/types"
	"testing"
)

// Importer finds the packages that what is emitted imports, and more of the standard
// library. It is for one goroutine.
func Importer(t *testing.T, more ...string) types.Importer { return exportData(t, more...).importer() }
