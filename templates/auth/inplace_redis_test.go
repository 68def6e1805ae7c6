//authgen:if false

package auth

import (
	"testing"

	redis "github.com/authgen/authgen/templates/auth/redis"
)

// Sessions in the database do not use Redis.

func openTestRedis(testing.TB) redis.UniversalClient { return nil }

var offlineRedis redis.UniversalClient
