//authgen:if fiber

package auth

import (
	"io"
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// readTestBody calls [Request.Read] for a body of a form or of JSON. The header is that
// of such a request, with the given values replaced. The body is a stream, so that it can
// fail: see TestStreamedBody.
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
