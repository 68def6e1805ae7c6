//authgen:if false

package auth

import (
	"testing"

	redis "github.com/authgen/authgen/templates/auth/redis"
)

// Where sessions are in the database, nothing is asked of Redis.

func openTestRedis(testing.TB) redis.UniversalClient { return nil }

var offlineRedis redis.UniversalClient
