//authgen:if pgx

package auth

import (
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// An application may already have a pgx pool.
func TestPool(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), testdb.DSN(t, testdb.NewSchema(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	app := newTestApp(t, func(c *Config) {
		c.DB = stdlib.OpenDBFromPool(pool)
		t.Cleanup(func() { _ = c.DB.Close() })
	})
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
	b.want(http.StatusOK, "GET", prefix+"/me", "")
}

// A proxy such as PgBouncer may not support prepared statements.
func TestQueryModes(t *testing.T) {
	for _, mode := range []string{"cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			app := newTestApp(t, func(c *Config) {
				c.DB = testdb.OpenSchema(t, testdb.NewSchema(t), "default_query_exec_mode="+mode)
			})
			b, _ := app.user(t, "ann@example.org", DefaultRole)
			b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
			b.want(http.StatusOK, "GET", prefix+"/me", "")
			b.want(http.StatusNoContent, "POST", prefix+"/logout", "")
			b.want(http.StatusUnauthorized, "GET", prefix+"/me", "")
		})
	}
}
