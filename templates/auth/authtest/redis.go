//authgen:if false

package authtest

import (
	"testing"

	redis "github.com/authgen/authgen/templates/auth/redis"
)

// NewRedis stands in for the one of the adapter.
func NewRedis(testing.TB) redis.UniversalClient { return nil }
