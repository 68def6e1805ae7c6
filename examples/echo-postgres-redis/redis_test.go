package main

import (
	"os"
	"testing"

	redis "github.com/redis/go-redis/v9"
)

// newTestRedis returns a client of the Redis server that TEST_REDIS_URL names. The
// sessions of a test are those of its own users, so tests can share one.
func newTestRedis(t *testing.T) *redis.Client {
	t.Helper()
	url := os.Getenv("TEST_REDIS_URL")
	if url == "" {
		t.Skip("set TEST_REDIS_URL to the URL of a Redis server for tests, such as redis://localhost:6379/0")
	}
	client, err := openRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
