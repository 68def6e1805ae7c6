package emit

import (
	"flag"
	"runtime/debug"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Nearly all allocated memory is garbage at once.
func init() { debug.SetGCPercent(400) }
