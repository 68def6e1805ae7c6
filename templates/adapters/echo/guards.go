//authgen:if echo

package auth

import "github.com/labstack/echo/v5"

// RequireUser is a guard: it calls next only for users whom the secure check confirms.
// Others get 401.
//
// Pass guards to a route after its handler, or to Group, for a group with its own path.
// Use on a group does not protect the routes that it already has.
func (a *Auth) RequireUser(next echo.HandlerFunc) echo.HandlerFunc {
	return a.guard(next, Principal.Require)
}

// RequireFresh is a guard for changes of credentials, sessions and roles: it calls next
// only for users whose credentials were checked within Config.FreshFor. Other users get
// 403 with the code "reauthentication_required".
func (a *Auth) RequireFresh(next echo.HandlerFunc) echo.HandlerFunc {
	return a.guard(next, Principal.RequireFresh)
}

// RequireRole returns a guard that calls the handler only for users with the
// role or a higher one. Other users get 403.
func (a *Auth) RequireRole(role Role) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return a.guard(next, func(p Principal) error { return p.RequireRole(role) })
	}
}

// RequirePermission returns a guard that calls the handler only for users whose
// role grants the permission. Other users get 403.
//
//authgen:if permissions
func (a *Auth) RequirePermission(permission Permission) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return a.guard(next, func(p Principal) error { return p.RequirePermission(permission) })
	}
}

// guard makes the secure check, and calls next if allow returns nil.
func (a *Auth) guard(next echo.HandlerFunc, allow func(Principal) error) echo.HandlerFunc {
	return func(c *echo.Context) error {
		a.state(c)
		err := a.checkOrigin(c.Request())
		if err == nil {
			var p Principal
			if p, err = Verify(c.Request().Context()); err == nil {
				err = allow(p)
			}
		}
		if err != nil {
			return a.WriteError(c, err)
		}
		return next(c)
	}
}
