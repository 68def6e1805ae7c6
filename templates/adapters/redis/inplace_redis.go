//authgen:if false

package auth

import (
	"context"
	"time"
)

// flagLegacy stands in for the constant in bridge.go.
const flagLegacy = flagStateless

// removeExpired stands in for the method of the other session styles. Neither it nor its
// caller is emitted.
func (a *Auth) removeExpired(context.Context, time.Time, int) (int64, error) { return 0, nil }
