// Written by authgen. Yours to edit; "authgen upgrade" merges.

// Package authweb is the application side of auth: its routes, handlers, hooks and
// data. It is yours to edit. Package auth enforces its rules whatever this package
// leaves out.
package authweb

import "example.com/app/internal/auth"

const prefix = "/auth"

// Routes returns the table of routes for [auth.Auth.Register]. Each line says who may
// call the route; a line that does not say is for users who are logged in. Tests find
// a route by its name, so you may change its method and path.
func Routes(a *auth.Auth) []auth.Route {
	h := handlers{a}
	return []auth.Route{
		{Name: "signup", Method: "POST", Path: prefix + "/signup", Public: true, Handler: h.signUp},
		{Name: "login", Method: "POST", Path: prefix + "/login", Public: true, Handler: h.logIn},
		{Name: "logout", Method: "POST", Path: prefix + "/logout", Handler: h.logOut},
		{Name: "reauthenticate", Method: "POST", Path: prefix + "/reauthenticate", Handler: h.reauthenticate},

		{Name: "me", Method: "GET", Path: prefix + "/me", Handler: h.me},
		{Name: "me.update", Method: "PATCH", Path: prefix + "/me", Handler: h.updateMe},
		{Name: "me.delete", Method: "DELETE", Path: prefix + "/me", Fresh: true, Handler: h.deleteMe},
		{Name: "password", Method: "POST", Path: prefix + "/password", Fresh: true, Handler: h.changePassword},

		{Name: "sessions", Method: "GET", Path: prefix + "/sessions", Handler: h.sessions},
		{Name: "session.end", Method: "DELETE", Path: prefix + "/sessions/{id}", Fresh: true, Handler: h.endSession},
		{Name: "sessions.end", Method: "DELETE", Path: prefix + "/sessions", Fresh: true, Handler: h.endOtherSessions},

		{Name: "users", Method: "GET", Path: prefix + "/users", Permission: auth.PermissionUsersRead, Handler: h.users},
		{Name: "user", Method: "GET", Path: prefix + "/users/{id}", Permission: auth.PermissionUsersRead, Handler: h.user},
		{Name: "user.role", Method: "PUT", Path: prefix + "/users/{id}/role", Permission: auth.PermissionUsersWrite, Fresh: true, Handler: h.setRole},
		{Name: "user.disabled", Method: "PUT", Path: prefix + "/users/{id}/disabled", Permission: auth.PermissionUsersWrite, Fresh: true, Handler: h.setDisabled},
		{Name: "user.sessions.end", Method: "DELETE", Path: prefix + "/users/{id}/sessions", Permission: auth.PermissionUsersWrite, Fresh: true, Handler: h.endUserSessions},
	}
}

// handlers has the handlers of the routes. A handler reads the request, calls a flow
// or the data access layer, and answers. All decisions are made there.
type handlers struct {
	auth *auth.Auth
}
