//authgen:if fiber

package auth

import (
	"io"

	"github.com/gofiber/fiber/v3"
)

// readJSON reads the body of a request, which must be a JSON object, into the
// fields.
func readJSON(c fiber.Ctx, into fields) error {
	if err := checkType(requestOf(c).Header); err != nil {
		return err
	}
	var body []byte
	if stream := c.Request().BodyStream(); stream == nil {
		body = c.Request().Body()
	} else {
		// With StreamRequestBody, nothing has limited it yet.
		var err error
		if body, err = io.ReadAll(io.LimitReader(stream, maxBody+1)); err != nil {
			return malformed("could not be read to its end")
		}
	}
	if len(body) > maxBody {
		return errTooLarge
	}
	return parseJSON(body, into)
}
