package main

import (
	"github.com/labstack/echo/v5"

	"example.com/echo-postgres-redis/internal/auth"
)

// handleErrors answers with the errors that handlers return. Errors of echo itself,
// such as that of an unknown route, get the same format.
func handleErrors(a *auth.Auth) echo.HTTPErrorHandler {
	problem := echo.ProblemDetailsHTTPErrorHandler(false)
	return func(c *echo.Context, err error) {
		if echo.StatusCode(err) != 0 {
			problem(c, err)
			return
		}
		if r, _ := echo.UnwrapResponse(c.Response()); r == nil || !r.Committed {
			_ = a.WriteError(c, err)
		}
	}
}
