//authgen:if gin

package auth

import "github.com/gin-gonic/gin"

// RequireUser is a guard: the handlers after it run only for a visitor whom the
// secure check confirms. Everybody else gets 401.
//
// Give guards to the route that they protect, or to [gin.RouterGroup.Group]. What
// is given to Use protects only the routes that are registered after it.
func (a *Auth) RequireUser(c *gin.Context) {
	a.guard(c, Principal.Require)
}

// RequireFresh is a guard for what changes credentials, sessions and roles: the
// handlers after it run only for a user whose credentials were checked within
// Config.FreshFor. Other users get 403 with the code "reauthentication_required".
func (a *Auth) RequireFresh(c *gin.Context) {
	a.guard(c, Principal.RequireFresh)
}

// RequireRole returns a guard that lets only users with the role or a higher one
// get to the handlers after it. Other users get 403.
func (a *Auth) RequireRole(role Role) gin.HandlerFunc {
	return func(c *gin.Context) {
		a.guard(c, func(p Principal) error { return p.RequireRole(role) })
	}
}

// RequirePermission returns a guard that lets only users whose role grants the
// permission get to the handlers after it. Other users get 403.
//
//authgen:if permissions
func (a *Auth) RequirePermission(permission Permission) gin.HandlerFunc {
	return func(c *gin.Context) {
		a.guard(c, func(p Principal) error { return p.RequirePermission(permission) })
	}
}

// guard makes the secure check, and aborts the request unless allow has no
// objection.
func (a *Auth) guard(c *gin.Context, allow func(Principal) error) {
	err := a.checkOrigin(c.Request)
	if err == nil {
		a.state(c)
		var p Principal
		if p, err = Verify(c.Request.Context()); err == nil {
			err = allow(p)
		}
	}
	if err != nil {
		a.WriteError(c, err)
	}
}
