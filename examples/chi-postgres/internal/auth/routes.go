// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

// Register adds the routes of this package to r:
//
//	r := chi.NewRouter()
//	r.Use(a.Handler)
//	a.Register(r)
//	r.With(a.RequireUser).Get("/invoices", listInvoices)
//	server := &http.Server{Handler: r}
//
// Each group says who may call its routes; the guards are the ones that the
// application uses for its own routes.
func (a *Auth) Register(r chi.Router) {
	// chi does not answer HEAD by itself where it answers GET.
	get := func(r chi.Router, pattern string, h http.HandlerFunc) {
		r.Get(pattern, h)
		r.Head(pattern, h)
	}

	r.Route(prefix, func(r chi.Router) {
		r.Use(a.shield)

		r.Post("/signup", a.answer(a.handleSignUp))
		r.Post("/login", a.answer(a.handleLogIn))

		r.Group(func(r chi.Router) {
			r.Use(a.RequireUser)
			r.Post("/logout", a.answerTo(a.handleLogOut))
			r.Post("/reauthenticate", a.answerTo(a.handleReauthenticate))
			get(r, "/me", a.answerTo(a.handleMe))
			r.Patch("/me", a.answerTo(a.handleUpdateMe))
			get(r, "/sessions", a.answerTo(a.handleSessions))
		})

		r.Group(func(r chi.Router) {
			r.Use(a.RequireFresh)
			r.Post("/password", a.answerTo(a.handleChangePassword))
			r.Delete("/sessions", a.answerTo(a.handleEndOtherSessions))
			r.Delete("/sessions/{id}", a.answerTo(a.handleEndSession))
			r.Delete("/me", a.answerTo(a.handleDeleteMe))
		})

		r.Group(func(r chi.Router) {
			r.Use(a.RequirePermission(PermissionUsersRead))
			get(r, "/users", a.answerTo(a.handleUsers))
			get(r, "/users/{id}", a.answerTo(a.handleUser))
		})

		r.Group(func(r chi.Router) {
			r.Use(a.RequirePermission(PermissionUsersWrite), a.RequireFresh)
			r.Put("/users/{id}/role", a.answerTo(a.handleSetRole))
			r.Put("/users/{id}/disabled", a.answerTo(a.handleSetDisabled))
			r.Delete("/users/{id}/sessions", a.answerTo(a.handleEndUserSessions))
		})
	})
}

// pathID returns the part of the path that {id} stands for.
func pathID(r *http.Request) string { return chi.URLParam(r, "id") }
