package auth

import (
	"net/http"
	"slices"
	"strconv"
)

// routeCase is a route for the tests of this package.
type routeCase struct {
	Route
	body     string // a valid one, if it takes one
	statuses statuses
}

// statuses are what a route answers to each kind of caller.
type statuses struct {
	anonymous int // not logged in
	member    int // the default role
	stale     int // the highest role, not fresh
	highest   int // the highest role
}

// routeCases returns a route for each flow, and says who may call it. It does not depend
// on the application's own table.
func routeCases(a *Auth) []routeCase {
	const ok, created, none = http.StatusOK, http.StatusCreated, http.StatusNoContent
	const unauthenticated, forbidden, missing, conflict = http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict

	return []routeCase{
		//authgen:if signup
		{
			Route: Route{Name: "signup", Method: "POST", Path: prefix + "/signup", Public: true, Handler: func(r *Request) (Answer, error) {
				var in SignUpInput
				if err := r.Read(in.Fields()); err != nil {
					return Answer{}, err
				}
				user, err := a.SignUp(r.Context(), in)
				return Answer{Status: http.StatusCreated, Value: user}, err
			}},
			body:     credentials("new@example.org", testPassword),
			statuses: statuses{created, conflict, conflict, conflict},
		},
		//authgen:end
		{
			Route: Route{Name: "login", Method: "POST", Path: prefix + "/login", Public: true, Handler: func(r *Request) (Answer, error) {
				var in Credentials
				if err := r.Read(in.Fields()); err != nil {
					return Answer{}, err
				}
				user, err := a.LogIn(r.Context(), in)
				return Answer{Value: user}, err
			}},
			body:     credentials("known@example.org", testPassword),
			statuses: statuses{ok, ok, ok, ok},
		},
		{
			Route: Route{Name: "logout", Method: "POST", Path: prefix + "/logout", Handler: func(r *Request) (Answer, error) {
				return Answer{}, a.LogOut(r.Context(), r.Principal())
			}},
			statuses: statuses{unauthenticated, none, none, none},
		},
		{
			Route: Route{Name: "reauthenticate", Method: "POST", Path: prefix + "/reauthenticate", Handler: func(r *Request) (Answer, error) {
				var password string
				if err := r.Read(Fields{"password": &password}); err != nil {
					return Answer{}, err
				}
				return Answer{}, a.Reauthenticate(r.Context(), r.Principal(), password)
			}},
			body:     jsonObject(map[string]any{"password": testPassword}),
			statuses: statuses{unauthenticated, none, none, none},
		},
		{
			Route: Route{Name: "me", Method: "GET", Path: prefix + "/me", Handler: func(r *Request) (Answer, error) {
				me, err := a.DAL().Me(r.Context(), r.Principal())
				return Answer{Value: me}, err
			}},
			statuses: statuses{unauthenticated, ok, ok, ok},
		},
		//authgen:if own_profile
		{
			Route: Route{Name: "me.update", Method: "PATCH", Path: prefix + "/me", Handler: func(r *Request) (Answer, error) {
				var in ProfileInput
				if err := r.Read(in.Fields()); err != nil {
					return Answer{}, err
				}
				me, err := a.DAL().UpdateProfile(r.Context(), r.Principal(), in)
				return Answer{Value: me}, err
			}},
			body:     "{}",
			statuses: statuses{unauthenticated, ok, ok, ok},
		},
		//authgen:end
		//authgen:if delete_account
		{
			Route: Route{Name: "me.delete", Method: "DELETE", Path: prefix + "/me", Fresh: true, Handler: func(r *Request) (Answer, error) {
				return Answer{}, a.DeleteAccount(r.Context(), r.Principal())
			}},
			statuses: statuses{unauthenticated, none, forbidden, none},
		},
		//authgen:end
		{
			Route: Route{Name: "password", Method: "POST", Path: prefix + "/password", Fresh: true, Handler: func(r *Request) (Answer, error) {
				var in PasswordChange
				if err := r.Read(in.Fields()); err != nil {
					return Answer{}, err
				}
				return Answer{}, a.ChangePassword(r.Context(), r.Principal(), in)
			}},
			body:     jsonObject(map[string]any{"current": testPassword, "new": otherPassword}),
			statuses: statuses{unauthenticated, none, forbidden, none},
		},
		//authgen:if session_database
		{
			Route: Route{Name: "sessions", Method: "GET", Path: prefix + "/sessions", Handler: func(r *Request) (Answer, error) {
				sessions, err := a.Sessions(r.Context(), r.Principal())
				return Answer{Value: map[string][]SessionInfo{"sessions": sessions}}, err
			}},
			statuses: statuses{unauthenticated, ok, ok, ok},
		},
		{
			Route: Route{Name: "session.end", Method: "DELETE", Path: prefix + "/sessions/{id}", Fresh: true, Handler: func(r *Request) (Answer, error) {
				return Answer{}, a.EndSession(r.Context(), r.Principal(), r.PathValue("id"))
			}},
			statuses: statuses{unauthenticated, missing, forbidden, missing},
		},
		//authgen:end
		{
			Route: Route{Name: "sessions.end", Method: "DELETE", Path: prefix + "/sessions", Fresh: true, Handler: func(r *Request) (Answer, error) {
				return Answer{}, a.EndOtherSessions(r.Context(), r.Principal())
			}},
			statuses: statuses{unauthenticated, none, forbidden, none},
		},
		//authgen:if manage_users
		{
			Route: Route{Name: "users", Method: "GET", Path: prefix + "/users", Permission: PermissionUsersRead, Handler: func(r *Request) (Answer, error) {
				var after UserID
				if s := r.Query("cursor"); s != "" {
					if err := after.UnmarshalText([]byte(s)); err != nil {
						return Answer{}, NewInputError("cursor", "not_a_cursor", "is not a valid cursor")
					}
				}
				limit := 50
				if s := r.Query("limit"); s != "" {
					limit, _ = strconv.Atoi(s)
				}
				page, err := a.DAL().Users(r.Context(), r.Principal(), after, limit)
				return Answer{Value: page}, err
			}},
			statuses: statuses{unauthenticated, readers(), ok, ok},
		},
		{
			Route: Route{Name: "user", Method: "GET", Path: prefix + "/users/{id}", Permission: PermissionUsersRead, Handler: onUser(func(r *Request, id UserID) (Answer, error) {
				user, err := a.DAL().User(r.Context(), r.Principal(), id)
				return Answer{Value: user}, err
			})},
			statuses: statuses{unauthenticated, readers(), ok, ok},
		},
		{
			Route: Route{Name: "user.role", Method: "PUT", Path: prefix + "/users/{id}/role", Permission: PermissionUsersWrite, Fresh: true, Handler: onUser(func(r *Request, id UserID) (Answer, error) {
				var name string
				if err := r.Read(Fields{"role": &name}); err != nil {
					return Answer{}, err
				}
				role, _ := ParseRole(name)
				return Answer{}, a.DAL().SetRole(r.Context(), r.Principal(), id, role)
			})},
			body:     jsonObject(map[string]any{"role": DefaultRole}),
			statuses: statuses{unauthenticated, forbidden, forbidden, none},
		},
		{
			Route: Route{Name: "user.disabled", Method: "PUT", Path: prefix + "/users/{id}/disabled", Permission: PermissionUsersWrite, Fresh: true, Handler: onUser(func(r *Request, id UserID) (Answer, error) {
				var disabled *bool
				if err := r.Read(Fields{"disabled": &disabled}); err != nil {
					return Answer{}, err
				}
				if disabled == nil {
					return Answer{}, NewInputError("disabled", "missing", "is missing")
				}
				return Answer{}, a.DAL().SetDisabled(r.Context(), r.Principal(), id, *disabled)
			})},
			body:     `{"disabled":true}`,
			statuses: statuses{unauthenticated, forbidden, forbidden, none},
		},
		{
			Route: Route{Name: "user.sessions.end", Method: "DELETE", Path: prefix + "/users/{id}/sessions", Permission: PermissionUsersWrite, Fresh: true, Handler: onUser(func(r *Request, id UserID) (Answer, error) {
				return Answer{}, a.DAL().EndUserSessions(r.Context(), r.Principal(), id)
			})},
			statuses: statuses{unauthenticated, forbidden, forbidden, none},
		},
		//authgen:end
	}
}

// readers returns the status for the default role of routes that need
// [PermissionUsersRead].
//
//authgen:if manage_users
func readers() int {
	if DefaultRole.Has(PermissionUsersRead) {
		return http.StatusOK
	}
	return http.StatusForbidden
}

// onUser returns a Handler for the user in the path.
//
//authgen:if manage_users
func onUser(h func(r *Request, id UserID) (Answer, error)) Handler {
	return func(r *Request) (Answer, error) {
		id, err := ParseUserID(r.PathValue("id"))
		if err != nil {
			return Answer{}, ErrNotFound
		}
		return h(r, id)
	}
}

// usualRoutes returns the routes of routeCases.
func usualRoutes(a *Auth) []Route {
	var routes []Route
	for _, c := range routeCases(a) {
		routes = append(routes, c.Route)
	}
	return routes
}

// usualRoute returns the usual route with that name.
func usualRoute(a *Auth, name string) Route {
	routes := usualRoutes(a)
	return routes[slices.IndexFunc(routes, func(r Route) bool { return r.Name == name })]
}
