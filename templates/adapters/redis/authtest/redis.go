//authgen:if redis

package authtest

import (
	"testing"

	redis "github.com/redis/go-redis/v9"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// NewRedis returns a client of the Redis server that TEST_REDIS_URL names. The
// sessions that the test leaves there are deleted when it ends.
func NewRedis(t testing.TB) redis.UniversalClient {
	t.Helper()
	return testdb.OpenRedis(t, testdb.RedisOptions(t))
}
