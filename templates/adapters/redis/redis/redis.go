//authgen:if false

// Package redis replaces the package that stands in for
// github.com/redis/go-redis/v9.
package redis

import redis "github.com/redis/go-redis/v9"

type UniversalClient = redis.UniversalClient
