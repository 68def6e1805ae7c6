//authgen:if false

package auth

import (
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"
)

// With ContextWithFallback, which gin has since v1.8.0, Verify also takes a *gin.Context.
func TestContextWithFallback(t *testing.T) {
	app := newTestApp(t)
	b, u := app.user(t, "ann@example.org", DefaultRole)
	engine := newEngine()
	engine.ContextWithFallback = true
	register(engine, []testRoute{{"GET /test", []testGuard{app.RequireUser}, func(c *gin.Context) {
		if p, err := Verify(c); err != nil || p.UserID() != u.ID {
			t.Errorf("Verify of a *gin.Context returns %v, error %v", p, err)
		}
	}}})
	app.server = startTLS(t, engine)
	app.resume(t, b.cookie()).want(http.StatusOK, "GET", "/test", "")
}
