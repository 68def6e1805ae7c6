//authgen:if fiber

package auth

import (
	"io"
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// readTestBody is [Request.Read] of a body, of a form or else of JSON, whose header
// says so unless the header given says otherwise. The body is a stream, so that it
// can break off: see TestStreamedBody for how fiber has one.
func readTestBody(body io.Reader, header http.Header, form bool, into Fields) error {
	app := fiber.New()
	c := app.AcquireCtx(new(fasthttp.RequestCtx))
	defer app.ReleaseCtx(c)
	c.Request().SetBodyStream(body, -1)
	c.Request().Header.Set("Content-Type", "application/json")
	if form {
		c.Request().Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range header {
		c.Request().Header.Del(name)
		for _, value := range values {
			c.Request().Header.Add(name, value)
		}
	}
	return (&Request{transport: transport{c: c, r: requestOf(c)}, route: Route{Form: form}}).Read(into)
}
