//authgen:if chi
//authgen:class yours

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

		//authgen:if signup
		r.Post("/signup", a.answer(a.handleSignUp))
		//authgen:end
		r.Post("/login", a.answer(a.handleLogIn))

		r.Group(func(r chi.Router) {
			r.Use(a.RequireUser)
			r.Post("/logout", a.answerTo(a.handleLogOut))
			r.Post("/reauthenticate", a.answerTo(a.handleReauthenticate))
			get(r, "/me", a.answerTo(a.handleMe))
			//authgen:if own_profile
			r.Patch("/me", a.answerTo(a.handleUpdateMe))
			//authgen:end
			//authgen:if session_database
			get(r, "/sessions", a.answerTo(a.handleSessions))
			//authgen:end
		})

		r.Group(func(r chi.Router) {
			r.Use(a.RequireFresh)
			r.Post("/password", a.answerTo(a.handleChangePassword))
			r.Delete("/sessions", a.answerTo(a.handleEndOtherSessions))
			//authgen:if session_database
			r.Delete("/sessions/{id}", a.answerTo(a.handleEndSession))
			//authgen:end
			//authgen:if delete_account
			r.Delete("/me", a.answerTo(a.handleDeleteMe))
			//authgen:end
		})
		//authgen:if manage_users

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
		//authgen:end
	})
}

// pathID returns the part of the path that {id} stands for.
//
//authgen:if session_database || manage_users
func pathID(r *http.Request) string { return chi.URLParam(r, "id") }
