// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Register adds the routes of this package to r: the engine, or a group of it that
// has no path of its own.
//
//	r := gin.New()
//	r.HandleMethodNotAllowed = true
//	r.Use(a.Middleware)
//	a.Register(r)
//	r.GET("/invoices", a.RequireUser, listInvoices)
//
// Each line says who may call it; the guards are the ones that the application
// uses for its own routes.
func (a *Auth) Register(r gin.IRouter) {
	g := r.Group(prefix, a.shield)
	get := func(path string, handlers ...gin.HandlerFunc) {
		g.Match([]string{http.MethodGet, http.MethodHead}, path, handlers...)
	}

	g.POST("/signup", a.answer(a.handleSignUp))
	g.POST("/login", a.answer(a.handleLogIn))

	g.POST("/logout", a.RequireUser, a.answerTo(a.handleLogOut))
	g.POST("/reauthenticate", a.RequireUser, a.answerTo(a.handleReauthenticate))
	get("/me", a.RequireUser, a.answerTo(a.handleMe))
	g.PATCH("/me", a.RequireUser, a.answerTo(a.handleUpdateMe))

	g.POST("/password", a.RequireFresh, a.answerTo(a.handleChangePassword))
	g.DELETE("/sessions", a.RequireFresh, a.answerTo(a.handleEndOtherSessions))
	g.DELETE("/me", a.RequireFresh, a.answerTo(a.handleDeleteMe))

	readUsers := a.RequirePermission(PermissionUsersRead)
	writeUsers := a.RequirePermission(PermissionUsersWrite)
	get("/users", readUsers, a.answerTo(a.handleUsers))
	get("/users/:id", readUsers, a.answerTo(a.handleUser))
	g.PUT("/users/:id/role", writeUsers, a.RequireFresh, a.answerTo(a.handleSetRole))
	g.PUT("/users/:id/disabled", writeUsers, a.RequireFresh, a.answerTo(a.handleSetDisabled))
	g.DELETE("/users/:id/sessions", writeUsers, a.RequireFresh, a.answerTo(a.handleEndUserSessions))
}
