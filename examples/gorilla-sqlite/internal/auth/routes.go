// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import (
	"net/http"

	"github.com/gorilla/mux"
)

// Register adds the routes of this package to r:
//
//	r := mux.NewRouter()
//	r.MethodNotAllowedHandler = auth.MethodNotAllowed(r)
//	a.Register(r)
//	r.Handle("/invoices", a.RequireUser(listInvoices)).Methods(http.MethodGet, http.MethodHead)
//	server := &http.Server{Handler: a.Handler(r)}
//
// [Auth.Handler] goes around the router: what is given to [mux.Router.Use] is only
// called for requests that match a route. Each line says who may call it; the
// guards are the ones that the application uses for its own routes.
func (a *Auth) Register(r *mux.Router) {
	// They are in no subrouter, where mux answers most wrong methods with 404.
	public := func(path string, f endpoint) *mux.Route {
		return r.Handle(prefix+path, a.shield(a.answer(f)))
	}
	user := func(path string, f userEndpoint) *mux.Route {
		return r.Handle(prefix+path, a.shield(a.RequireUser(a.answerTo(f))))
	}
	fresh := func(path string, f userEndpoint) *mux.Route {
		return r.Handle(prefix+path, a.shield(a.RequireFresh(a.answerTo(f))))
	}

	public("/signup", a.handleSignUp).Methods(http.MethodPost).Name("auth.signup")
	public("/login", a.handleLogIn).Methods(http.MethodPost).Name("auth.login")

	user("/logout", a.handleLogOut).Methods(http.MethodPost).Name("auth.logout")
	user("/reauthenticate", a.handleReauthenticate).Methods(http.MethodPost).Name("auth.reauthenticate")
	user("/me", a.handleMe).Methods(http.MethodGet, http.MethodHead).Name("auth.me")
	user("/me", a.handleUpdateMe).Methods(http.MethodPatch).Name("auth.me.update")
	user("/sessions", a.handleSessions).Methods(http.MethodGet, http.MethodHead).Name("auth.sessions")

	fresh("/password", a.handleChangePassword).Methods(http.MethodPost).Name("auth.password")
	fresh("/sessions", a.handleEndOtherSessions).Methods(http.MethodDelete).Name("auth.sessions.end")
	fresh("/sessions/{id}", a.handleEndSession).Methods(http.MethodDelete).Name("auth.session.end")
	fresh("/me", a.handleDeleteMe).Methods(http.MethodDelete).Name("auth.me.delete")

	readUsers := func(path string, f userEndpoint) *mux.Route {
		return r.Handle(prefix+path, a.shield(a.RequirePermission(PermissionUsersRead)(a.answerTo(f))))
	}
	writeUsers := func(path string, f userEndpoint) *mux.Route {
		return r.Handle(prefix+path, a.shield(a.RequirePermission(PermissionUsersWrite)(a.RequireFresh(a.answerTo(f)))))
	}
	readUsers("/users", a.handleUsers).Methods(http.MethodGet, http.MethodHead).Name("auth.users")
	readUsers("/users/{id}", a.handleUser).Methods(http.MethodGet, http.MethodHead).Name("auth.user")
	writeUsers("/users/{id}/role", a.handleSetRole).Methods(http.MethodPut).Name("auth.user.role")
	writeUsers("/users/{id}/disabled", a.handleSetDisabled).Methods(http.MethodPut).Name("auth.user.disabled")
	writeUsers("/users/{id}/sessions", a.handleEndUserSessions).Methods(http.MethodDelete).Name("auth.user.sessions.end")
}

// pathID returns the part of the path that {id} stands for.
func pathID(r *http.Request) string { return mux.Vars(r)["id"] }
