//authgen:if fiber

package auth

import (
	"io"
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// readTestJSON is readJSON of a body of type application/json, unless the header
// says otherwise. The body is a stream, so that it can break off: see
// TestStreamedBody for how fiber has one.
func readTestJSON(body io.Reader, header http.Header, into fields) error {
	app := fiber.New()
	c := app.AcquireCtx(new(fasthttp.RequestCtx))
	defer app.ReleaseCtx(c)
	c.Request().SetBodyStream(body, -1)
	c.Request().Header.Set("Content-Type", "application/json")
	for name, values := range header {
		c.Request().Header.Del(name)
		for _, value := range values {
			c.Request().Header.Add(name, value)
		}
	}
	return readJSON(c, into)
}
