//authgen:if gin

package auth

import "github.com/gin-gonic/gin"

// RequireUser is a guard: the handlers after it run only for users whom the secure
// check confirms. Others get 401.
//
// Pass guards to the route that they protect, or to [gin.RouterGroup.Group]. A guard
// passed to Use protects only routes that are registered later.
func (a *Auth) RequireUser(c *gin.Context) {
	a.guard(c, Principal.Require)
}

// RequireFresh is a guard for changes of credentials, sessions and roles: the handlers
// after it run only for users whose credentials were checked within Config.FreshFor.
// Other users get 403 with the code "reauthentication_required".
func (a *Auth) RequireFresh(c *gin.Context) {
	a.guard(c, Principal.RequireFresh)
}

// RequireRole returns a guard: the handlers after it run only for users with the role or
// a higher one. Other users get 403.
func (a *Auth) RequireRole(role Role) gin.HandlerFunc {
	return func(c *gin.Context) {
		a.guard(c, func(p Principal) error { return p.RequireRole(role) })
	}
}

// RequirePermission returns a guard: the handlers after it run only for users whose role
// grants the permission. Other users get 403.
//
//authgen:if permissions
func (a *Auth) RequirePermission(permission Permission) gin.HandlerFunc {
	return func(c *gin.Context) {
		a.guard(c, func(p Principal) error { return p.RequirePermission(permission) })
	}
}

// guard makes the secure check, and aborts the request unless allow returns nil.
func (a *Auth) guard(c *gin.Context, allow func(Principal) error) {
	a.state(c)
	err := a.checkOrigin(c.Request)
	if err == nil {
		var p Principal
		if p, err = Verify(c.Request.Context()); err == nil {
			err = allow(p)
		}
	}
	if err != nil {
		a.WriteError(c, err)
	}
}
