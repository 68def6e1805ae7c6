//authgen:if pgx

package auth

import (
	"net/http"
	"testing"

	"github.com/authgen/authgen/templates/auth/internal/testdb"
)

// A proxy such as PgBouncer may not support prepared statements.
func TestQueryModes(t *testing.T) {
	for _, mode := range []string{"cache_describe", "describe_exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) { testQueryMode(t, mode) })
	}
}

func testQueryMode(t *testing.T, mode string) {
	app := newTestApp(t, func(c *Config) {
		c.DB = testdb.OpenSchema(t, testdb.NewSchema(t), "default_query_exec_mode="+mode)
	})
	b, _ := app.user(t, "ann@example.org", DefaultRole)
	b.want(http.StatusNoContent, "DELETE", prefix+"/sessions", "")
	b.want(http.StatusOK, "GET", prefix+"/me", "")
	b.want(http.StatusNoContent, "POST", prefix+"/logout", "")
	b.want(http.StatusUnauthorized, "GET", prefix+"/me", "")
}
