// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import (
	"strings"

	"github.com/gofiber/fiber/v3"
)

// Register adds the routes of this package to r:
//
//	app := fiber.New(fiber.Config{
//		ErrorHandler:   a.ErrorHandler,
//		CaseSensitive:  true,
//		StrictRouting:  true,
//		ReadBufferSize: 16 << 10, // for all headers, of which 4 KiB are little
//	})
//	app.Use(a.Middleware)
//	a.Register(app)
//	app.Get("/invoices", a.RequireUser, listInvoices)
//
// Each line says who may call it; the guards are the ones that the application
// uses for its own routes.
func (a *Auth) Register(r fiber.Router) {
	r.Post(prefix+"/signup", a.shield, a.answer(a.handleSignUp))
	r.Post(prefix+"/login", a.shield, a.answer(a.handleLogIn))

	r.Post(prefix+"/logout", a.shield, a.RequireUser, a.answerTo(a.handleLogOut))
	r.Post(prefix+"/reauthenticate", a.shield, a.RequireUser, a.answerTo(a.handleReauthenticate))
	r.Get(prefix+"/me", a.shield, a.RequireUser, a.answerTo(a.handleMe))
	r.Patch(prefix+"/me", a.shield, a.RequireUser, a.answerTo(a.handleUpdateMe))
	r.Get(prefix+"/sessions", a.shield, a.RequireUser, a.answerTo(a.handleSessions))

	r.Post(prefix+"/password", a.shield, a.RequireFresh, a.answerTo(a.handleChangePassword))
	r.Delete(prefix+"/sessions", a.shield, a.RequireFresh, a.answerTo(a.handleEndOtherSessions))
	r.Delete(prefix+"/sessions/:id", a.shield, a.RequireFresh, a.answerTo(a.handleEndSession))
	r.Delete(prefix+"/me", a.shield, a.RequireFresh, a.answerTo(a.handleDeleteMe))

	readUsers, writeUsers := a.RequirePermission(PermissionUsersRead), a.RequirePermission(PermissionUsersWrite)
	r.Get(prefix+"/users", a.shield, readUsers, a.answerTo(a.handleUsers))
	r.Get(prefix+"/users/:id", a.shield, readUsers, a.answerTo(a.handleUser))
	r.Put(prefix+"/users/:id/role", a.shield, writeUsers, a.RequireFresh, a.answerTo(a.handleSetRole))
	r.Put(prefix+"/users/:id/disabled", a.shield, writeUsers, a.RequireFresh, a.answerTo(a.handleSetDisabled))
	r.Delete(prefix+"/users/:id/sessions", a.shield, writeUsers, a.RequireFresh, a.answerTo(a.handleEndUserSessions))
}

// pathID returns the part of the path that :id stands for. It may be kept: what
// fiber returns is that of another request later.
func pathID(c fiber.Ctx) string { return strings.Clone(c.Params("id")) }
