package auth

import (
	"net/http"
	"slices"
	"strconv"
)

// usualRoutes returns the table of routes for the tests of this package. It has a route
// for each flow, and does not depend on the application's own table.
func usualRoutes(a *Auth) []Route {
	return []Route{
		//authgen:if signup
		{Name: "signup", Method: "POST", Path: prefix + "/signup", Public: true, Handler: func(r *Request) (Answer, error) {
			var in SignUpInput
			if err := r.Read(in.Fields()); err != nil {
				return Answer{}, err
			}
			user, err := a.SignUp(r.Context(), in)
			return Answer{Status: http.StatusCreated, Value: user}, err
		}},
		//authgen:end
		{Name: "login", Method: "POST", Path: prefix + "/login", Public: true, Handler: func(r *Request) (Answer, error) {
			var in Credentials
			if err := r.Read(in.Fields()); err != nil {
				return Answer{}, err
			}
			user, err := a.LogIn(r.Context(), in)
			return Answer{Value: user}, err
		}},
		{Name: "logout", Method: "POST", Path: prefix + "/logout", Handler: func(r *Request) (Answer, error) {
			return Answer{}, a.LogOut(r.Context(), r.Principal())
		}},
		{Name: "reauthenticate", Method: "POST", Path: prefix + "/reauthenticate", Handler: func(r *Request) (Answer, error) {
			var password string
			if err := r.Read(Fields{"password": &password}); err != nil {
				return Answer{}, err
			}
			return Answer{}, a.Reauthenticate(r.Context(), r.Principal(), password)
		}},
		{Name: "me", Method: "GET", Path: prefix + "/me", Handler: func(r *Request) (Answer, error) {
			me, err := a.DAL().Me(r.Context(), r.Principal())
			return Answer{Value: me}, err
		}},
		//authgen:if own_profile
		{Name: "me.update", Method: "PATCH", Path: prefix + "/me", Handler: func(r *Request) (Answer, error) {
			var in ProfileInput
			if err := r.Read(in.Fields()); err != nil {
				return Answer{}, err
			}
			me, err := a.DAL().UpdateProfile(r.Context(), r.Principal(), in)
			return Answer{Value: me}, err
		}},
		//authgen:end
		//authgen:if delete_account
		{Name: "me.delete", Method: "DELETE", Path: prefix + "/me", Fresh: true, Handler: func(r *Request) (Answer, error) {
			return Answer{}, a.DeleteAccount(r.Context(), r.Principal())
		}},
		//authgen:end
		{Name: "password", Method: "POST", Path: prefix + "/password", Fresh: true, Handler: func(r *Request) (Answer, error) {
			var in PasswordChange
			if err := r.Read(in.Fields()); err != nil {
				return Answer{}, err
			}
			return Answer{}, a.ChangePassword(r.Context(), r.Principal(), in)
		}},
		//authgen:if session_database
		{Name: "sessions", Method: "GET", Path: prefix + "/sessions", Handler: func(r *Request) (Answer, error) {
			sessions, err := a.Sessions(r.Context(), r.Principal())
			return Answer{Value: map[string][]SessionInfo{"sessions": sessions}}, err
		}},
		{Name: "session.end", Method: "DELETE", Path: prefix + "/sessions/{id}", Fresh: true, Handler: func(r *Request) (Answer, error) {
			return Answer{}, a.EndSession(r.Context(), r.Principal(), r.PathValue("id"))
		}},
		//authgen:end
		{Name: "sessions.end", Method: "DELETE", Path: prefix + "/sessions", Fresh: true, Handler: func(r *Request) (Answer, error) {
			return Answer{}, a.EndOtherSessions(r.Context(), r.Principal())
		}},
		//authgen:if manage_users
		{Name: "users", Method: "GET", Path: prefix + "/users", Permission: PermissionUsersRead, Handler: func(r *Request) (Answer, error) {
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
		{Name: "user", Method: "GET", Path: prefix + "/users/{id}", Permission: PermissionUsersRead, Handler: onUser(func(r *Request, id UserID) (Answer, error) {
			user, err := a.DAL().User(r.Context(), r.Principal(), id)
			return Answer{Value: user}, err
		})},
		{Name: "user.role", Method: "PUT", Path: prefix + "/users/{id}/role", Permission: PermissionUsersWrite, Fresh: true, Handler: onUser(func(r *Request, id UserID) (Answer, error) {
			var name string
			if err := r.Read(Fields{"role": &name}); err != nil {
				return Answer{}, err
			}
			role, _ := ParseRole(name)
			return Answer{}, a.DAL().SetRole(r.Context(), r.Principal(), id, role)
		})},
		{Name: "user.disabled", Method: "PUT", Path: prefix + "/users/{id}/disabled", Permission: PermissionUsersWrite, Fresh: true, Handler: onUser(func(r *Request, id UserID) (Answer, error) {
			var disabled *bool
			if err := r.Read(Fields{"disabled": &disabled}); err != nil {
				return Answer{}, err
			}
			if disabled == nil {
				return Answer{}, NewInputError("disabled", "missing", "is missing")
			}
			return Answer{}, a.DAL().SetDisabled(r.Context(), r.Principal(), id, *disabled)
		})},
		{Name: "user.sessions.end", Method: "DELETE", Path: prefix + "/users/{id}/sessions", Permission: PermissionUsersWrite, Fresh: true, Handler: onUser(func(r *Request, id UserID) (Answer, error) {
			return Answer{}, a.DAL().EndUserSessions(r.Context(), r.Principal(), id)
		})},
		//authgen:end
	}
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

// usualRoute returns the usual route with that name.
func usualRoute(a *Auth, name string) Route {
	routes := usualRoutes(a)
	return routes[slices.IndexFunc(routes, func(r Route) bool { return r.Name == name })]
}

// usualBody returns a valid body for the usual route with that name.
func usualBody(name string) string {
	switch name {
	case "login":
		return credentials("known@example.org", testPassword)
	case "signup":
		return credentials("new@example.org", testPassword)
	case "reauthenticate":
		return jsonObject(map[string]any{"password": testPassword})
	case "password":
		return jsonObject(map[string]any{"current": testPassword, "new": otherPassword})
	case "me.update":
		return "{}"
	case "user.role":
		return jsonObject(map[string]any{"role": DefaultRole})
	case "user.disabled":
		return `{"disabled":true}`
	}
	return ""
}
