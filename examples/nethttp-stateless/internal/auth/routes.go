// Written by authgen. Yours to edit.

package auth

import "net/http"

// Register adds the routes of this package to mux. Each line says who may call
// it; the guards are the ones that the application uses for its own routes.
func (a *Auth) Register(mux *http.ServeMux) {
	public := func(pattern string, f endpoint) {
		mux.Handle(pattern, a.shield(a.answer(f)))
	}
	user := func(pattern string, f userEndpoint) {
		mux.Handle(pattern, a.shield(a.RequireUser(a.answerTo(f))))
	}
	fresh := func(pattern string, f userEndpoint) {
		mux.Handle(pattern, a.shield(a.RequireFresh(a.answerTo(f))))
	}

	public("POST "+prefix+"/signup", a.handleSignUp)
	public("POST "+prefix+"/login", a.handleLogIn)

	user("POST "+prefix+"/logout", a.handleLogOut)
	user("POST "+prefix+"/reauthenticate", a.handleReauthenticate)
	user("GET "+prefix+"/me", a.handleMe)
	user("PATCH "+prefix+"/me", a.handleUpdateMe)

	fresh("POST "+prefix+"/password", a.handleChangePassword)
	fresh("DELETE "+prefix+"/sessions", a.handleEndOtherSessions)
	fresh("DELETE "+prefix+"/me", a.handleDeleteMe)

	readUsers := func(pattern string, f userEndpoint) {
		mux.Handle(pattern, a.shield(a.RequirePermission(PermissionUsersRead)(a.answerTo(f))))
	}
	writeUsers := func(pattern string, f userEndpoint) {
		mux.Handle(pattern, a.shield(a.RequirePermission(PermissionUsersWrite)(a.RequireFresh(a.answerTo(f)))))
	}
	readUsers("GET "+prefix+"/users", a.handleUsers)
	readUsers("GET "+prefix+"/users/{id}", a.handleUser)
	writeUsers("PUT "+prefix+"/users/{id}/role", a.handleSetRole)
	writeUsers("PUT "+prefix+"/users/{id}/disabled", a.handleSetDisabled)
	writeUsers("DELETE "+prefix+"/users/{id}/sessions", a.handleEndUserSessions)
}

// shield is around every route of this package: it sets the headers of an answer
// that is data, for this visitor only, and refuses requests from other origins.
func (a *Auth) shield(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.setHeaders(w.Header())
		if err := a.admit(r); err != nil {
			a.WriteError(w, r, err)
			return
		}
		_, r = a.visit(w, r)
		next.ServeHTTP(w, r)
	})
}
