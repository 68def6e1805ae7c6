package main

import (
	"cmp"

	redis "github.com/redis/go-redis/v9"
)

// openRedis returns a client of the Redis server that keeps the sessions: the one
// on this machine unless a URL is given. It connects when it is first used.
func openRedis(url string) (*redis.Client, error) {
	options, err := redis.ParseURL(cmp.Or(url, "redis://localhost:6379/0"))
	if err != nil {
		return nil, err
	}
	options.ContextTimeoutEnabled = true // wait for no longer than a request does
	return redis.NewClient(options), nil
}
