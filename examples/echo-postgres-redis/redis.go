package main

import (
	"cmp"
	"errors"

	redis "github.com/redis/go-redis/v9"
)

// openRedis returns a client of the Redis server that stores the sessions. Without a
// URL, it is the server on this machine. The client connects when it is first used.
func openRedis(url string) (*redis.Client, error) {
	options, err := redis.ParseURL(cmp.Or(url, "redis://localhost:6379/0"))
	if err != nil {
		// The text of err may repeat the URL, and so the password.
		return nil, errors.New("not a URL such as redis://user:password@host:6379/0, in which the password is percent-encoded")
	}
	options.ContextTimeoutEnabled = true // stop waiting when the request ends
	return redis.NewClient(options), nil
}
