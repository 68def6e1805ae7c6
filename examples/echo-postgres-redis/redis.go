package main

import (
	"cmp"
	"errors"

	redis "github.com/redis/go-redis/v9"
)

// openRedis returns a client of the Redis server that keeps the sessions: the one
// on this machine unless a URL is given. It connects when it is first used.
func openRedis(url string) (*redis.Client, error) {
	options, err := redis.ParseURL(cmp.Or(url, "redis://localhost:6379/0"))
	if err != nil {
		// What err says may repeat the URL, and so the password.
		return nil, errors.New("not a URL such as redis://user:password@host:6379/0, in which the password is percent-encoded")
	}
	options.ContextTimeoutEnabled = true // wait for no longer than a request does
	return redis.NewClient(options), nil
}
