//authgen:if fiber

package auth

import (
	"io"

	"github.com/gofiber/fiber/v3"
)

// readBody reads the body of a request, up to maxBody.
func readBody(c fiber.Ctx) ([]byte, error) {
	var body []byte
	if stream := c.Request().BodyStream(); stream == nil {
		body = c.Request().Body()
	} else {
		// With StreamRequestBody, nothing has limited it yet.
		var err error
		if body, err = io.ReadAll(io.LimitReader(stream, maxBody+1)); err != nil {
			return nil, errCutOff
		}
	}
	if len(body) > maxBody {
		return nil, errTooLarge
	}
	return body, nil
}
