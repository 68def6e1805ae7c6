//authgen:if redis

package testdb

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	redis "github.com/redis/go-redis/v9"
)

// keyPrefix is the prefix of the keys of all sessions.
const keyPrefix = "auth:" //authgen:value redis_prefix

// RedisOptions returns the options for the server that tests use. They touch nothing
// there but the sessions of their own users.
func RedisOptions(tb testing.TB) *redis.Options {
	tb.Helper()
	url := os.Getenv("TEST_REDIS_URL")
	if url == "" {
		tb.Skip("set TEST_REDIS_URL to the URL of a Redis server for tests, such as redis://127.0.0.1:6379/0")
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		tb.Fatalf("TEST_REDIS_URL: %v", err)
	}
	options.ContextTimeoutEnabled = true
	// A busy machine may take long.
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = time.Hour, time.Hour, time.Hour
	// Enough connections that nobody waits for one: the timer for that comes from a
	// pool, and may have been made by another test, under another clock.
	options.PoolSize = 200
	return options
}

// OpenRedis returns a client whose keys are deleted when the test ends.
func OpenRedis(tb testing.TB, options *redis.Options) redis.UniversalClient {
	tb.Helper()
	c := redis.NewClient(options)
	keys := make(map[string]bool)
	var mu sync.Mutex
	c.AddHook(RedisHook{Before: func(cmd redis.Cmder) error {
		mu.Lock()
		defer mu.Unlock()
		keys[KeyOf(cmd)] = true
		return nil
	}})
	tb.Cleanup(func() {
		ctx := context.Background() // the context of the test has ended
		for key := range keys {
			if strings.HasPrefix(key, keyPrefix) {
				_ = c.Del(ctx, key)
			}
		}
		_ = c.Close()
	})
	return c
}

// KeyOf returns the key that a command uses, or "" if it uses none.
func KeyOf(cmd redis.Cmder) string {
	i := 1
	switch cmd.Name() {
	case "evalsha", "eval":
		i = 3 // after the script and the number of keys
	case "hello", "client", "auth", "select":
		return "" // sent at the start of a connection
	}
	if args := cmd.Args(); len(args) > i {
		key, _ := args[i].(string)
		return key
	}
	return ""
}

// RedisHook calls Before with every command before it is sent, and After when it was
// answered. A command for which one of them returns an error fails with it.
type RedisHook struct {
	Before, After func(cmd redis.Cmder) error
}

// DialHook implements [redis.Hook].
func (RedisHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements [redis.Hook].
func (RedisHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook implements [redis.Hook].
func (h RedisHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if h.Before != nil {
			if err := h.Before(cmd); err != nil {
				cmd.SetErr(err)
				return err
			}
		}
		err := next(ctx, cmd)
		if h.After != nil && err == nil {
			if err = h.After(cmd); err != nil {
				cmd.SetErr(err)
			}
		}
		return err
	}
}
