//authgen:if echo4

package main

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/authgen/authgen/templates/auth"
)

// handleErrors answers with the errors that handlers return. Errors of echo itself,
// such as that of an unknown route, get the same format.
func handleErrors(a *auth.Auth) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		var problem *echo.HTTPError
		switch {
		case !errors.As(err, &problem):
			_ = a.WriteError(c, err)
		case c.Request().Method == http.MethodHead:
			_ = c.NoContent(problem.Code)
		default:
			c.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
			_ = c.JSON(problem.Code, map[string]any{
				"type":   "about:blank",
				"title":  http.StatusText(problem.Code),
				"status": problem.Code,
			})
		}
	}
}
