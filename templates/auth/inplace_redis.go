//authgen:if false

package auth

import redis "github.com/authgen/authgen/templates/auth/redis"

// checkRedis stands in for the function in sessions_redis.go.
func checkRedis(redis.UniversalClient) error { return nil }
