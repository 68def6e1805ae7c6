//authgen:if false

package auth

import (
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// This mode, in which nothing is prepared, takes no types of this package before pgx 5.3.
func TestExecMode(t *testing.T) { testQueryMode(t, "exec") }

// An application may already have a pgx pool. OpenDBFromPool came with pgx 5.5.
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
