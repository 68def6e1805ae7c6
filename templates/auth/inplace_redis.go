//authgen:if false

package auth

import redis "github.com/authgen/authgen/templates/auth/redis"

// checkRedis stands in for the one of sessions in Redis.
func checkRedis(redis.UniversalClient) error { return nil }
