// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import (
	"net/http"

	"github.com/labstack/echo/v5"
)

// Register adds the routes of this package to g, a group without a path and
// without middleware:
//
//	e := echo.New()
//	e.Use(a.Middleware)
//	a.Register(e.Group(""))
//	e.GET("/invoices", listInvoices, a.RequireUser)
//
// Each line says who may call it; the guards are the ones that the application
// uses for its own routes.
func (a *Auth) Register(g *echo.Group) {
	// Every route gets its guards itself. Those of a group come with routes for all
	// paths below it, which would answer 404 where only the method is wrong.
	g = g.Group(prefix)
	public := []echo.MiddlewareFunc{a.shield}
	user := []echo.MiddlewareFunc{a.shield, a.RequireUser}
	fresh := []echo.MiddlewareFunc{a.shield, a.RequireFresh}
	get := []string{http.MethodGet, http.MethodHead}

	g.POST("/signup", a.answer(a.handleSignUp), public...)
	g.POST("/login", a.answer(a.handleLogIn), public...)

	g.POST("/logout", a.answerTo(a.handleLogOut), user...)
	g.POST("/reauthenticate", a.answerTo(a.handleReauthenticate), user...)
	g.Match(get, "/me", a.answerTo(a.handleMe), user...)
	g.PATCH("/me", a.answerTo(a.handleUpdateMe), user...)
	g.Match(get, "/sessions", a.answerTo(a.handleSessions), user...)

	g.POST("/password", a.answerTo(a.handleChangePassword), fresh...)
	g.DELETE("/sessions", a.answerTo(a.handleEndOtherSessions), fresh...)
	g.DELETE("/sessions/:id", a.answerTo(a.handleEndSession), fresh...)
	g.DELETE("/me", a.answerTo(a.handleDeleteMe), fresh...)

	readUsers := []echo.MiddlewareFunc{a.shield, a.RequirePermission(PermissionUsersRead)}
	writeUsers := []echo.MiddlewareFunc{a.shield, a.RequirePermission(PermissionUsersWrite), a.RequireFresh}
	g.Match(get, "/users", a.answerTo(a.handleUsers), readUsers...)
	g.Match(get, "/users/:id", a.answerTo(a.handleUser), readUsers...)
	g.PUT("/users/:id/role", a.answerTo(a.handleSetRole), writeUsers...)
	g.PUT("/users/:id/disabled", a.answerTo(a.handleSetDisabled), writeUsers...)
	g.DELETE("/users/:id/sessions", a.answerTo(a.handleEndUserSessions), writeUsers...)
}

// pathID returns the part of the path that :id stands for, as it was sent. At the
// end of a path that is all the rest, slashes included.
func pathID(c *echo.Context) string { return c.Param("id") }
