// Written by authgen. Yours to edit; "authgen upgrade" merges.

package auth

import "net/http"

// Register adds the routes of this package to mux:
//
//	mux := http.NewServeMux()
//	a.Register(mux)
//	mux.Handle("GET /invoices", a.RequireUser(listInvoices))
//	server := &http.Server{Handler: a.Handler(mux)}
//
// Each line says who may call it; the guards are the ones that the application
// uses for its own routes.
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
	user("GET "+prefix+"/sessions", a.handleSessions)

	fresh("POST "+prefix+"/password", a.handleChangePassword)
	fresh("DELETE "+prefix+"/sessions", a.handleEndOtherSessions)
	fresh("DELETE "+prefix+"/sessions/{id}", a.handleEndSession)
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

// pathID returns the part of the path that {id} stands for.
func pathID(r *http.Request) string { return r.PathValue("id") }
