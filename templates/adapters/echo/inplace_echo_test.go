//authgen:if false

package auth

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v5"
)

// A guard also applies to the route for HEAD that echo derives from one for GET.
func TestAutoHandleHEAD(t *testing.T) {
	app := newTestApp(t)
	e := echo.NewWithConfig(echo.Config{Router: echo.NewRouter(echo.RouterConfig{AutoHandleHEAD: true})})
	app.Register(e, usualRoutes(app.Auth))
	e.GET("/test", func(c *echo.Context) error {
		t.Errorf("%s reaches the handler", c.Request().Method)
		return c.NoContent(http.StatusOK)
	}, app.RequireUser)
	for _, path := range []string{prefix + "/me", "/test"} {
		for _, method := range []string{"GET", "HEAD"} {
			if w := app.serveEcho(e, method, path, ""); w.Code != http.StatusUnauthorized {
				t.Errorf("%s %s: status %d, want 401", method, path, w.Code)
			}
		}
	}
}
